import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import * as IdentityMemory from "../../src/identity/IdentityMemory.ts"

const key = Redacted.make("rk_live_secret")
const identity = {
  workspaceId: WorkspaceId.make("ws_1"),
  agent: { id: AgentId.make("7"), name: AgentName.make("proj"), token: Redacted.make("at_live_token") }
}

const makeRoom = Effect.gen(function* () {
  const dataDir = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-identity-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const open = (o: Partial<Parameters<typeof IdentityMemory.make>[0]> = {}) =>
    IdentityMemory.make({ dataDir, instanceName: "proj", directory: "/p", engineUrl: "http://e", ...o })
  const directory = join(dataDir, "agent-relay", "identities")
  return { open, directory, file: () => join(directory, readdirSync(directory)[0]!) }
})

describe("who the broker was", () => {
  it.scoped("is known after a restart, in a file of its owner, without the key", () =>
    Effect.gen(function* () {
      const { directory, file, open } = yield* makeRoom
      yield* Effect.flatMap(open(), ({ store }) => store(key, identity))
      const found = yield* Effect.flatMap(open({ engineUrl: "http://e/" }), ({ load }) => load(key))
      assert.deepStrictEqual(Option.getOrThrow(found).workspaceId, "ws_1")
      assert.strictEqual(Redacted.value(Option.getOrThrow(found).agent.token), "at_live_token")
      assert.deepStrictEqual([statSync(file()).mode & 0o777, statSync(directory).mode & 0o777], [0o600, 0o700])
      assert.notInclude(readFileSync(file(), "utf8"), "rk_live_secret")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("is nothing to another key, instance, directory or engine", () =>
    Effect.gen(function* () {
      const { open } = yield* makeRoom
      yield* Effect.flatMap(open(), ({ store }) => store(key, identity))
      const others = [{ instanceName: "other" }, { directory: "/q" }, { engineUrl: "http://f" }]
      for (const other of others) {
        assert.isTrue(Option.isNone(yield* Effect.flatMap(open(other), ({ load }) => load(key))))
      }
      assert.isTrue(Option.isNone(yield* Effect.flatMap(open(), ({ load }) => load(Redacted.make("rk_live_b")))))
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("is nothing in a damaged file, and can be written again", () =>
    Effect.gen(function* () {
      const { file, open } = yield* makeRoom
      const memory = yield* open()
      assert.isTrue(Option.isNone(yield* memory.load(key)))
      yield* memory.store(key, identity)
      writeFileSync(file(), "{ not json")
      assert.isTrue(Option.isNone(yield* memory.load(key)))
      yield* memory.store(key, identity)
      assert.isTrue(Option.isSome(yield* memory.load(key)))
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
