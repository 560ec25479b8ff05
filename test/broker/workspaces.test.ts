/** A further workspace that lets the broker in only later: from then on everything that uses it has it. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Actions } from "../../src/agents/Actions.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { Outbox, type SendRequest } from "../../src/delivery/Outbox.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { eventually, turn } from "../store/rig.ts"
import { wholeBrokerInTwoLater } from "../support/wholeBroker.ts"

const toOps: SendRequest = {
  ...{ to: "bob", text: "hello", from: undefined, threadId: undefined, mode: "wait", priority: undefined },
  ...{ workspaceId: undefined, workspaceAlias: "ops" }
}

const makeRig = Effect.gen(function* () {
  const { context, engine, pty, second } = yield* wholeBrokerInTwoLater
  const alerts = Context.get(context, Alerts)
  yield* Context.get(context, NodeControl).awaitReady(1_000)
  yield* second.registerAgent("bob")
  const spawned = (name: string) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        Context.get(context, Actions).spawn({
          source: "http_api",
          spec: { name: AgentName.make(name), cli: "program", args: [], channels: ["general"], cwd: "/" }
        })
      )
      while (Option.isNone(yield* Fiber.poll(fiber))) {
        yield* turn
        yield* TestClock.adjust("500 millis")
      }
      yield* fiber
      return (yield* pty.next).options.env["RELAY_WORKSPACES_JSON"] ?? ""
    })
  return {
    engine,
    second,
    spawned,
    send: Context.get(context, Outbox).send(toOps),
    raised: Effect.map(alerts.list, (list) => list.map(({ code, subject }) => [code, subject]))
  }
})

describe("a further workspace", () => {
  it.scoped("that lets the broker in later can be sent to, and new agents know it", () =>
    Effect.gen(function* () {
      const { engine, raised, second, send, spawned } = yield* makeRig
      assert.deepStrictEqual(yield* raised, [["WorkspaceNotAttached", "ops"]])
      assert.strictEqual((yield* Effect.flip(send))._tag, "ConfigInvalid")
      const before = yield* spawned("w1")
      assert.include(before, engine.key())
      assert.notInclude(before, second.key())
      yield* TestClock.adjust("30 seconds")
      yield* eventually(
        "attached",
        Effect.map(raised, (list) => list.length === 0)
      )
      yield* send
      assert.strictEqual(second.mailbox("bob").length, 1)
      const after = yield* spawned("w2")
      for (const key of [engine.key(), second.key()]) assert.include(after, key)
    })
  )
})
