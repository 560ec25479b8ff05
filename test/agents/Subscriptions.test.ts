import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withChannels, withoutChannels } from "../../src/agents/Subscriptions.ts"
import { makeBroker, typed } from "./rig.ts"

describe("lists of channels", () => {
  it("take what is new, compared without # and case, as it was given", () => {
    assert.deepStrictEqual(withChannels(["general", "#Dev"], ["dev", "#GENERAL", " Ops ", "ops", "#", ""]), [
      "general",
      "#Dev",
      "Ops"
    ])
  })

  it("lose what is named, in the same way", () => {
    assert.deepStrictEqual(withoutChannels(["general", "#Dev", "Ops"], ["dev", "#OPS", "other"]), ["general"])
  })
})

describe("a running agent", () => {
  it.scopedLive("joins a channel as itself, and its messages reach it; having left, they do not", () =>
    Effect.gen(function* () {
      const { engine, pty, registry, spawn, subscriptions } = yield* makeBroker
      yield* spawn("w1")
      const process = yield* pty.next
      // the broker's own agent is in no channel of this name: a join as the broker would bring the agent nothing
      const added = yield* subscriptions.subscribe({ name: "w1", channels: ["#ops", "General"] })
      assert.deepStrictEqual(added, { channels: ["general", "#ops"], warnings: [] })
      yield* engine.join({ agent: "alice", channel: "ops" })
      yield* engine.post({ from: "alice", channel: "ops", text: "first" })
      yield* engine.awaitAck("w1", 1)
      assert.include(typed(process), "first")
      assert.strictEqual(engine.mailbox("test").length, 0)

      const left = yield* subscriptions.unsubscribe({ name: "w1", channels: ["OPS"] })
      assert.deepStrictEqual(left, { channels: ["general"], warnings: [] })
      yield* engine.post({ from: "alice", channel: "ops", text: "second" })
      yield* engine.post({ from: "alice", channel: "general", text: "third" })
      yield* engine.awaitAck("w1", 2)
      assert.notInclude(typed(process), "second")
      assert.include(typed(process), "third")
      const worker = Option.getOrThrow(yield* registry.find("w1"))
      assert.deepStrictEqual(yield* worker.channels, ["general"])
    })
  )

  it.scopedLive("is in the channel here also when the engine refuses, and the answer says so", () =>
    Effect.gen(function* () {
      const { engine, pty, spawn, subscriptions, tokens } = yield* makeBroker
      yield* spawn("w1")
      yield* pty.next
      engine.faults.refuseHttp("POST /v1/channels/:name/join", 1, 403, "forbidden")
      const refused = yield* subscriptions.subscribe({ name: "w1", channels: ["ops"] })
      assert.deepStrictEqual(refused.channels, ["general", "ops"])
      assert.strictEqual(refused.warnings.length, 1)
      assert.match(refused.warnings[0] ?? "", /^#ops: .*403/)
      yield* tokens.remove("w1")
      const unknown = yield* subscriptions.unsubscribe({ name: "w1", channels: ["ops"] })
      assert.deepStrictEqual(unknown, {
        channels: ["general"],
        warnings: ["w1 is not known to the engine: the change is local"]
      })
    })
  )

  it.scopedLive("that is not here is an error", () =>
    Effect.gen(function* () {
      const { subscriptions } = yield* makeBroker
      const error = yield* Effect.flip(subscriptions.subscribe({ name: "ghost", channels: ["ops"] }))
      assert.deepStrictEqual([error._tag, error.agent], ["UnknownWorker", "ghost"])
    })
  )
})
