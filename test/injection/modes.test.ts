/** `manual_flush` and `auto_inject`, and a stop of typing, on a fake terminal. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { Worker } from "../../src/injection/Worker.ts"
import * as rig from "../workers/rig.ts"

const test = (title: string, body: Effect.Effect<void, unknown, rig.Services>) =>
  it.effect(title, () => Effect.provide(body, rig.fakeLayer()))

const bodies = (writes: ReadonlyArray<string>) => rig.relayLines(writes.join("\n")).map((line) => line.split("]: ")[1])
const sendAll = (worker: Worker, ...texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) => rig.send(worker, { text }))
const quiet = TestClock.adjust("2 seconds")

describe("delivery modes", () => {
  test(
    "manual_flush holds what comes; flush lets go what is there and no more; events say so",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      assert.deepStrictEqual(yield* worker.setMode("manual_flush"), { previous: "auto_inject", flushed: 0 })
      assert.deepStrictEqual(yield* worker.setMode("manual_flush"), { previous: "manual_flush", flushed: 0 })
      const [one] = yield* sendAll(worker, "one", "two")
      yield* quiet
      assert.deepStrictEqual(process.writes, [])
      assert.deepInclude(yield* worker.status, { waiting: "held", queued: 2 })
      assert.deepStrictEqual(
        (yield* worker.pending).map(({ delivery }) => delivery.message.text),
        ["one", "two"]
      )
      assert.strictEqual(yield* worker.flush(), 2)
      assert.deepStrictEqual(yield* worker.pending, [])
      yield* sendAll(worker, "three")
      yield* quiet
      assert.deepStrictEqual(bodies(process.writes), ["one", "two"])
      rig.assertSubmitted(yield* one!.outcomeNow, "unconfirmed")
      assert.lengthOf(yield* worker.pending, 1)
      assert.strictEqual(yield* worker.mode, "manual_flush")
      assert.deepStrictEqual(
        events.filter(({ kind }) => kind.startsWith("agent_") && kind !== "agent_waiting"),
        [
          {
            kind: "agent_inbound_delivery_mode_changed",
            name: worker.name,
            previous_mode: "auto_inject",
            mode: "manual_flush"
          },
          { kind: "agent_pending_drained", name: worker.name, count: 2, reason: "explicit_flush" }
        ]
      )
      const queued = events.filter(({ kind }) => kind === "delivery_queued")
      assert.deepStrictEqual(
        queued.map((event) => "reason" in event),
        [true, true, false, false, true]
      )
    })
  )

  test(
    "back to auto_inject lets everything go; an empty flush publishes nothing",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* worker.setMode("manual_flush")
      assert.strictEqual(yield* worker.flush(), 0)
      yield* sendAll(worker, "one", "two")
      assert.deepStrictEqual(yield* worker.setMode("auto_inject"), { previous: "manual_flush", flushed: 2 })
      yield* quiet
      yield* sendAll(worker, "three")
      yield* quiet
      assert.deepStrictEqual(bodies(process.writes), ["one", "two", "three"])
      assert.lengthOf(rig.kindsOf(events, "agent_pending_drained"), 1)
    })
  )

  test(
    "messages behind the terminal's window are let go with it",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* worker.setMode("manual_flush")
      yield* sendAll(worker, "one")
      assert.strictEqual(yield* worker.flush(1), 2)
      yield* quiet
      yield* sendAll(worker, "two", "three")
      yield* quiet
      assert.deepStrictEqual(bodies(process.writes), ["one", "two"])
    })
  )

  test(
    "what was being typed when the mode changed is finished",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const [sent] = yield* sendAll(worker, "one")
      yield* rig.settle
      assert.lengthOf(process.writes, 1)
      yield* worker.setMode("manual_flush")
      yield* quiet
      assert.strictEqual(process.writes[1], "\r")
      rig.assertSubmitted(yield* sent!.outcomeNow, "unconfirmed")
    })
  )

  test(
    "a stop holds everything until it is lifted",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* worker.hold
      yield* sendAll(worker, "one")
      yield* quiet
      assert.deepStrictEqual(process.writes, [])
      assert.strictEqual((yield* worker.status).waiting, "location_conflict")
      yield* worker.resume
      yield* quiet
      assert.deepStrictEqual(bodies(process.writes), ["one"])
    })
  )

  test(
    "keystrokes of a program hold nothing",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* worker.write("/model x\r")
      yield* sendAll(worker, "one")
      yield* rig.settle
      assert.lengthOf(process.writes, 2)
    })
  )
})
