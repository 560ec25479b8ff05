import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { AwakeTime, awakeFrom, look, lookEveryMillis, slackMillis } from "../../src/node/AwakeTime.ts"
import { makeSleepyClock } from "../support/sleepyClock.ts"

describe("awake time", () => {
  it.each([
    ["on time", lookEveryMillis, 0],
    ["late on a loaded machine", lookEveryMillis + slackMillis, 0],
    ["after a nap", lookEveryMillis + slackMillis + 1, slackMillis + 1],
    ["after a night", 8 * 3_600_000, 8 * 3_600_000 - lookEveryMillis],
    ["after the clock was put back", -60_000, 0]
  ])("a look %s", (_, gap, slept) => {
    const { awake, sleptMillis } = look(awakeFrom(1_000_000), 1_000_000 + gap, lookEveryMillis)
    assert.strictEqual(sleptMillis, slept)
    assert.strictEqual(awake.awakeMillis, Math.max(0, gap) - slept)
  })

  it("never goes back, and is never ahead of the clock", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.integer({ min: -100_000, max: 1_000_000 })), (gaps) => {
        let awake = awakeFrom(0)
        let now = 0
        let forward = 0
        for (const gap of gaps) {
          now += gap
          forward += Math.max(0, gap)
          const next = look(awake, now, lookEveryMillis).awake
          assert.isAtLeast(next.awakeMillis, awake.awakeMillis)
          assert.isAtMost(next.awakeMillis, forward)
          awake = next
        }
      })
    )
  })

  it.scoped("tells a wake-up, and none on a machine that stays awake", () =>
    Effect.gen(function* () {
      const { clock, sleep } = yield* makeSleepyClock
      yield* Effect.gen(function* () {
        const awake = yield* AwakeTime.make
        const wakeUp = yield* Effect.fork(awake.wakeUp)
        yield* TestClock.adjust("1 hour")
        assert.isTrue(Option.isNone(yield* Fiber.poll(wakeUp)))
        assert.strictEqual(yield* awake.millis, 3_600_000)
        sleep(3_600_000)
        yield* TestClock.adjust(lookEveryMillis)
        assert.approximately(yield* Fiber.join(wakeUp), 3_600_000, lookEveryMillis)
        assert.approximately(yield* awake.millis, 3_600_000, 2 * lookEveryMillis)
      }).pipe(Effect.withClock(clock))
    })
  )
})
