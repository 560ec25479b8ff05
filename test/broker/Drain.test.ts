import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { Actions } from "../../src/agents/Actions.ts"
import * as Drain from "../../src/broker/Drain.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import type { WorkerStatus } from "../../src/injection/Worker.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { pendingOf } from "../api/data.ts"
import { fakeWorker, seenNothing } from "../api/rig.ts"

const quiet = (lastActivityMillis: number): WorkerStatus => ({
  readiness: "ready",
  currentState: "idle",
  lastActivityMillis,
  queued: 0,
  waiting: undefined,
  asking: undefined,
  channel: { standing: "none", name: "screen", reason: undefined }
})

describe("who is done", () => {
  it.each([
    ["quiet for 10 s with nothing waiting", quiet(0), 0, true],
    ["quiet for less", quiet(1), 0, false],
    ["with a message in its queue", { ...quiet(0), queued: 1 }, 0, false],
    ["with a message behind its queue", quiet(0), 1, false]
  ])("%s", (_, status, waiting, done) => {
    assert.strictEqual(Drain.isDone(status, waiting, Drain.quietMillis), done)
  })
})

/** One agent, `w1`, whose state the test writes. */
const makeDrain = Effect.gen(function* () {
  const told: Array<string> = []
  const script = { live: true, lastActivityMillis: 0, pending: 0, starting: [] as ReadonlyArray<AgentName> }
  const worker = fakeWorker(seenNothing(), { status: Effect.sync(() => quiet(script.lastActivityMillis)) })
  const fakes = Layer.mergeAll(
    Layer.mock(Actions, { drain: Effect.sync(() => void told.push("no spawns")) }),
    Layer.mock(Deliveries, {
      pending: Effect.sync(() => Array.from({ length: script.pending }, (_, n) => pendingOf(`d${n}`)))
    }),
    Layer.mock(NodeControl, { drain: (until) => Effect.sync(() => void told.push(`engine told, until ${until}`)) }),
    Layer.mock(WorkerRegistry, {
      list: Effect.sync(() => (script.live ? [worker] : [])),
      starting: Effect.sync(() => script.starting)
    })
  )
  const drain = yield* Drain.make((reason) => Effect.sync(() => void told.push(reason))).pipe(Effect.provide(fakes))
  return { drain, told, script }
})

describe("a drain", () => {
  it.scoped("refuses spawns and tells the engine first, and stops at once when nobody is there", () =>
    Effect.gen(function* () {
      const { drain, script, told } = yield* makeDrain
      script.live = false
      assert.deepStrictEqual(yield* drain.request(60_000), { untilMillis: 60_000, unfinished: [] })
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(told, ["no spawns", "engine told, until 60000", "drained: every agent is done"])
    })
  )

  it.scoped("waits for an agent that works, and stops when it has been quiet for 10 s", () =>
    Effect.gen(function* () {
      const { drain, script, told } = yield* makeDrain
      assert.deepStrictEqual((yield* drain.request(600_000)).unfinished, ["w1"])
      yield* Effect.forEach(Array.from({ length: 60 }), () =>
        Effect.gen(function* () {
          yield* TestClock.adjust("5 seconds")
          script.lastActivityMillis = yield* Clock.currentTimeMillis
        })
      )
      assert.strictEqual(told.length, 2)
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(told.length, 2)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(told.at(-1), "drained: every agent is done")
    })
  )

  it.scoped("waits for messages that wait, for spawns under way, and not at all after an exit", () =>
    Effect.gen(function* () {
      const { drain, script, told } = yield* makeDrain
      yield* TestClock.adjust("1 minute")
      script.pending = 1
      assert.deepStrictEqual((yield* drain.request(600_000)).unfinished, ["w1"])
      yield* TestClock.adjust("1 minute")
      script.live = false
      script.starting = [AgentName.make("w2")]
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* drain.view)?.unfinished, ["w2"])
      assert.strictEqual(told.length, 2)
      script.starting = []
      yield* TestClock.adjust("1 second")
      assert.strictEqual(told.at(-1), "drained: every agent is done")
    })
  )

  it.scoped("stops at the deadline and says who was not done; another deadline may be set meanwhile", () =>
    Effect.gen(function* () {
      const { drain, script, told } = yield* makeDrain
      script.pending = 1
      assert.isUndefined(yield* drain.view)
      yield* drain.request(600_000)
      yield* TestClock.adjust("1 minute")
      yield* drain.request(30_000)
      yield* TestClock.adjust("29 seconds")
      assert.isFalse(told.some((line) => line.startsWith("drained")))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(told.at(-1), "drained as far as the deadline allowed; not done: w1")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(told.filter((line) => line.startsWith("drained")).length, 1)
    })
  )
})
