/** A listed workspace that does not let the broker in at its start: told as an alert, and tried until it does. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { EngineUnavailable, Unauthorized } from "../../src/domain/Errors.ts"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import type { EngineError } from "../../src/engine/EngineApi.ts"
import { Events } from "../../src/events/Events.ts"
import { BrokerIdentity } from "../../src/identity/BrokerIdentity.ts"
import * as IdentityMemory from "../../src/identity/IdentityMemory.ts"
import { capturedLogs, engineOf } from "./support.ts"

const where = "POST /v1/agents"
const refused = new Unauthorized({ credential: "workspace key", where, status: 401 })
const away = new EngineUnavailable({ operation: where, url: "http://engine", reason: "ECONNREFUSED" })

/** Keys `rk_<id>` open workspace `<id>`, unless `closed` says why not. */
const makeRig = (keys: ReadonlyArray<string>, closed: Record<string, EngineError>) =>
  Effect.gen(function* () {
    const tries: Array<string> = []
    const stored: Array<string> = []
    const engine = engineOf({
      registerAgent: ({ key, name }) =>
        Effect.suspend(() => {
          const id = Redacted.value(key)
            .slice("rk_".length)
            .replace(/-again$/, "")
          tries.push(id)
          const problem = closed[id]
          if (problem !== undefined) return Effect.fail(problem)
          const token = Redacted.make(`at_live_${id}`)
          return Effect.succeed({
            id: AgentId.make("1"),
            name: AgentName.make(name),
            token,
            workspaceId: WorkspaceId.make(id)
          })
        })
    })
    const memory: IdentityMemory.IdentityMemory = {
      ...IdentityMemory.none,
      store: (_key, { workspaceId }, more) =>
        Effect.sync(() => void stored.push(`${workspaceId}${more?.additional === true ? " additional" : ""}`))
    }
    const list = keys.map((id) => ({ api_key: `rk_${id}`, workspace_alias: `the-${id}` }))
    const logs = capturedLogs()
    const context = yield* Layer.build(
      BrokerIdentity.layer({
        env: { RELAY_WORKSPACES_JSON: JSON.stringify(list) },
        name: "proj",
        directory: "/d",
        strict: false,
        memory
      }).pipe(Layer.provideMerge(Alerts.layer), Layer.provide(Events.layer), Layer.provide(engine))
    ).pipe(Effect.provide(logs.layer))
    const alerts = Context.get(context, Alerts)
    const identity = Context.get(context, BrokerIdentity)
    return {
      attached: () => identity.attached.map(({ workspaceId }) => workspaceId as string),
      triesOf: (id: string) => tries.filter((each) => each === id).length,
      raised: Effect.map(alerts.list, (all) => all.map(({ code, count, subject }) => [code, subject, count])),
      history: Effect.map(alerts.history, (all) => all.map(({ code, subject }) => [code, subject])),
      messages: Effect.map(alerts.list, (all) => all.map(({ message }) => message)),
      identity,
      logs,
      stored
    }
  })

describe("a listed workspace that does not let the broker in", () => {
  it.scoped("is an alert that names it and not its key, and is tried again ever less often", () =>
    Effect.gen(function* () {
      const { attached, logs, messages, raised, triesOf } = yield* makeRig(["main", "ops"], { ops: refused })
      assert.deepStrictEqual(attached(), ["main"])
      assert.deepStrictEqual(yield* raised, [["WorkspaceNotAttached", "the-ops", 1]])
      const [message = ""] = yield* messages
      assert.match(message, /^membership 2 \(the-ops\) of RELAY_WORKSPACES_JSON is not attached: .*401/)
      assert.include(logs.warnings.join(), message)
      assert.notInclude(logs.lines.join(), "rk_ops")
      yield* TestClock.adjust("14 seconds")
      assert.strictEqual(triesOf("ops"), 1)
      yield* TestClock.adjust("16 seconds")
      assert.strictEqual(triesOf("ops"), 2)
      yield* TestClock.adjust("1 hour")
      const inAnHour = triesOf("ops") - 2
      assert.isAtLeast(inAnHour, 12)
      assert.isAtMost(inAnHour, 30)
      assert.deepStrictEqual(yield* raised, [["WorkspaceNotAttached", "the-ops", inAnHour + 2]])
      assert.strictEqual(triesOf("main"), 1)
    })
  )

  it.scoped.each([
    ["refused", refused],
    ["away", away]
  ] as const)("%s: attached and remembered once it does, and the alert goes", ([_why, problem]) =>
    Effect.gen(function* () {
      const closed: Record<string, EngineError> = { ops: problem }
      const { attached, history, identity, raised, stored, triesOf } = yield* makeRig(["main", "ops", "more"], closed)
      assert.deepStrictEqual(attached(), ["main", "more"])
      delete closed["ops"]
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(attached(), ["main", "more", "ops"])
      assert.strictEqual(identity.workspaceId, "main")
      assert.strictEqual(identity.attached[2]?.alias, "the-ops")
      assert.deepStrictEqual(stored, ["main", "more additional", "ops additional"])
      assert.deepStrictEqual(yield* raised, [])
      assert.deepStrictEqual(yield* history, [["WorkspaceNotAttached", "the-ops"]])
      const tries = triesOf("ops")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(triesOf("ops"), tries)
    })
  )

  it.scoped("turns out to be one that is attached already: counted once", () =>
    Effect.gen(function* () {
      const closed: Record<string, EngineError> = { ops: refused }
      const { attached, raised } = yield* makeRig(["main", "ops", "ops-again"], closed)
      assert.deepStrictEqual(attached(), ["main"])
      delete closed["ops"]
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(attached(), ["main", "ops"])
      assert.deepStrictEqual(yield* raised, [])
    })
  )

  it.scoped("no alert where all let it in", () =>
    Effect.gen(function* () {
      const { attached, raised, triesOf } = yield* makeRig(["main", "ops"], {})
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(attached(), ["main", "ops"])
      assert.deepStrictEqual(yield* raised, [])
      assert.strictEqual(triesOf("ops"), 1)
    })
  )
})
