import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { makeReplayAsker } from "../../src/delivery/LiveDeliveries.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { makeSleepyClock } from "../support/sleepyClock.ts"

/** Something is due at `dueMillis`; when the book was told that time passed. */
const asker = (dueMillis: number) =>
  Effect.gen(function* () {
    const { clock, sleep } = yield* makeSleepyClock
    const ticks: Array<number> = []
    yield* makeReplayAsker({
      open: () => false,
      nextTickMillis: () => (ticks.some((at) => at >= dueMillis) ? undefined : dueMillis),
      tick: (now) => Effect.sync(() => void ticks.push(now))
    }).pipe(Effect.withClock(clock))
    yield* TestClock.adjust(0)
    return { sleep, ticks }
  }).pipe(Effect.provide(Layer.mock(NodeControl, { requestReplay: Effect.succeed(true) })))

describe("the time of the book", () => {
  it.scoped("passes when it is due", () =>
    Effect.gen(function* () {
      const { ticks } = yield* asker(10_000)
      yield* TestClock.adjust(9_999)
      assert.deepStrictEqual(ticks, [0])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(ticks, [0, 10_000])
    })
  )

  it.scoped("after the machine slept, what came meanwhile is read first", () =>
    Effect.gen(function* () {
      const { sleep, ticks } = yield* asker(10_000)
      yield* TestClock.adjust(5_000)
      sleep(3_600_000)
      yield* TestClock.adjust(5_000)
      assert.deepStrictEqual(ticks, [0])
      yield* TestClock.adjust(500)
      assert.deepStrictEqual(ticks, [0, 3_610_500])
    })
  )
})
