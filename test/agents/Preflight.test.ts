import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { until } from "../support/until.ts"
import { makeBroker, typed } from "./rig.ts"

describe("preflight", () => {
  it.scopedLive("registers names once each, in the background; what is sent to them waits for the spawn", () =>
    Effect.gen(function* () {
      const { engine, preflight, pty, spawn } = yield* makeBroker
      const agents = [{ name: "w1", cli: "claude" }, { name: " w1 " }, { name: "w2" }, { name: " " }, {}]
      assert.strictEqual(yield* preflight.register(agents), 2)
      yield* until(() => engine.agent("w1") !== undefined && engine.agent("w2") !== undefined)
      yield* engine.send({ from: "alice", to: "w1", text: "you are early" })
      assert.strictEqual(engine.cursor("w1"), 0)
      yield* spawn("w1")
      const process = yield* pty.next
      yield* engine.awaitAck("w1", 1)
      assert.strictEqual(typed(process).split("you are early").length, 2)
    })
  )

  it.scopedLive("leaves the token of an agent that runs here alone", () =>
    Effect.gen(function* () {
      const { engine, preflight, pty, spawn } = yield* makeBroker
      yield* spawn("w1")
      yield* pty.next
      const before = engine.agent("w1")?.token
      yield* preflight.register([{ name: "w1" }, { name: "w2" }])
      yield* until(() => engine.agent("w2") !== undefined)
      assert.strictEqual(engine.agent("w1")?.token, before)
      yield* engine.send({ from: "alice", to: "w1", text: "still there" })
      yield* engine.awaitAck("w1", 1)
    })
  )

  it.scopedLive("one that fails stops neither the others nor the spawn", () =>
    Effect.gen(function* () {
      const { engine, preflight, pty, spawn } = yield* makeBroker
      engine.faults.rejectNext("agent.register", "invalid_name", "not this time")
      yield* preflight.register([{ name: "w1" }])
      yield* until(() => engine.observations.sent.some(({ frame }) => frame.type === "error"))
      assert.isUndefined(engine.agent("w1"))
      yield* preflight.register([{ name: "w2" }])
      yield* until(() => engine.agent("w2") !== undefined)
      yield* spawn("w1")
      yield* pty.next
      assert.isDefined(engine.agent("w1"))
    })
  )
})
