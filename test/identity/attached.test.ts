/** Several workspaces against the fake engine: who is attached, and what a start remembers of them. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { EngineUnavailable } from "../../src/domain/Errors.ts"
import { WorkspaceId } from "../../src/domain/Ids.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import { establishIdentity, type Identity, subjectOf } from "../../src/identity/BrokerIdentity.ts"

import * as IdentityMemory from "../../src/identity/IdentityMemory.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { capturedLogs, engineOf } from "./support.ts"

const unknownKey = "rk_live_00000000000000000000000000000000"

const makeRig = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-test-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const engine = yield* FakeEngine.make()
  const second = yield* engine.createWorkspace("second")
  const there = HttpEngineApi.layer({ baseUrl: "http://engine.test" }).pipe(Layer.provide(engine.httpClientLayer))
  const unavailable = Effect.fail(
    new EngineUnavailable({ operation: "GET /v1/workspace", url: "http://engine.test", reason: "ECONNREFUSED" })
  )
  const away = engineOf({ workspace: () => unavailable, registerAgent: () => unavailable })
  const memory = yield* IdentityMemory.make({
    dataDir: home,
    instanceName: "proj",
    directory: home,
    engineUrl: "http://engine.test"
  }).pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)))

  const start = (memberships: ReadonlyArray<object>, o: { default?: string; away?: boolean } = {}) => {
    const logs = capturedLogs()
    return establishIdentity({
      env: {
        RELAY_WORKSPACES_JSON: JSON.stringify(memberships),
        ...(o.default === undefined ? {} : { RELAY_DEFAULT_WORKSPACE: o.default })
      },
      name: "proj",
      directory: home,
      strict: false,
      memory
    }).pipe(
      Effect.either,
      Effect.provide(o.away === true ? away : there),
      Effect.provide(logs.layer),
      Effect.map((result) => ({ result, ...logs }))
    )
  }
  const files = () => readdirSync(join(home, "agent-relay", "identities"))
  const first = { api_key: engine.key(), workspace_alias: "main" }
  const other = { api_key: second.key(), workspace_alias: "ops" }
  return { engine, files, first, home, other, second, start }
})

const names = ({ attached }: Identity) =>
  attached.map(({ agent, workspaceId }) => [workspaceId, agent.name] as ReadonlyArray<string>)

const leftOut = (identity: Identity) => identity.leftOut.map((each) => [subjectOf(each), each.error._tag])

describe("several workspaces", () => {
  it.scopedLive("the broker is an agent of its own in each, and works in the default one", () =>
    Effect.gen(function* () {
      const { engine, first, other, second, start } = yield* makeRig
      const { result, warnings } = yield* start([first, other], { default: "OPS" })
      const identity = Either.getOrThrow(result)
      assert.deepStrictEqual(names(identity), [
        [engine.id, "proj"],
        [second.id, "proj"]
      ])
      assert.deepInclude({ ...identity }, { workspaceId: WorkspaceId.make(second.id), workspaceAlias: "ops" })
      assert.strictEqual(Redacted.value(identity.workspaceKey), second.key())
      const [a, b] = identity.attached.map(({ agent }) => Redacted.value(agent.token))
      assert.notStrictEqual(a, b)
      assert.strictEqual(Redacted.value(identity.agent.token), b)
      assert.deepStrictEqual(warnings, [])
    })
  )

  it.scopedLive("one that is refused is left out, and the log names it without its key", () =>
    Effect.gen(function* () {
      const { engine, first, start } = yield* makeRig
      const { lines, result, warnings } = yield* start([{ api_key: unknownKey, workspace_alias: "gone" }, first])
      assert.deepStrictEqual(names(Either.getOrThrow(result)), [[engine.id, "proj"]])
      assert.strictEqual(Either.getOrThrow(result).workspaceId, engine.id)
      assert.deepStrictEqual(leftOut(Either.getOrThrow(result)), [["gone", "Unauthorized"]])
      assert.deepStrictEqual(warnings, [])
      assert.notInclude(lines.join(), unknownKey)
    })
  )

  it.scopedLive("all refused is an error that names the variable", () =>
    Effect.gen(function* () {
      const { start } = yield* makeRig
      const { result } = yield* start([{ api_key: unknownKey }, { api_key: `${unknownKey}1` }])
      const error = Either.getOrThrow(Either.flip(result))
      assert.strictEqual(error._tag, "Unauthorized")
      assert.include(error.message, "RELAY_WORKSPACES_JSON")
      assert.notInclude(error.message, unknownKey)
    })
  )

  it.scopedLive("a named default that is refused ends the start: no other workspace takes its place", () =>
    Effect.gen(function* () {
      const { first, start } = yield* makeRig
      const { result } = yield* start([first, { api_key: unknownKey, workspace_alias: "gone" }], { default: "gone" })
      assert.strictEqual(Either.getOrThrow(Either.flip(result))._tag, "Unauthorized")
    })
  )

  it.scopedLive("each is remembered in a private file, whichever is the default later", () =>
    Effect.gen(function* () {
      const { files, first, home, other, start } = yield* makeRig
      const before = Either.getOrThrow((yield* start([first, other])).result)
      assert.strictEqual(files().length, 2)
      for (const file of files()) {
        assert.strictEqual(statSync(join(home, "agent-relay", "identities", file)).mode & 0o777, 0o600)
      }
      const swapped = Either.getOrThrow((yield* start([first, other], { default: "ops" })).result)
      const again = Either.getOrThrow((yield* start([first, other])).result)
      assert.deepStrictEqual(names(swapped), names(before))
      assert.deepStrictEqual(names(again), names(before))
    })
  )

  it.scopedLive("engine away: those known from before are attached, the others are left out", () =>
    Effect.gen(function* () {
      const { engine, first, other, second, start } = yield* makeRig
      yield* start([first, other])
      const fresh = { api_key: (yield* engine.createWorkspace("third")).key(), workspace_alias: "third" }
      const { result } = yield* start([first, fresh, other], { away: true })
      assert.deepStrictEqual(
        names(Either.getOrThrow(result)).map(([id]) => id),
        [engine.id, second.id]
      )
      assert.deepStrictEqual(leftOut(Either.getOrThrow(result)), [["third", "EngineUnavailable"]])
      const unknownFirst = yield* start([fresh, first], { away: true })
      assert.strictEqual(Either.getOrThrow(Either.flip(unknownFirst.result))._tag, "EngineUnavailable")
    })
  )
})
