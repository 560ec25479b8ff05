import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Lease from "../../src/broker/Lease.ts"
import { makeSleepyClock } from "../support/sleepyClock.ts"

const isOver = <A>(fiber: Fiber.RuntimeFiber<A>) => Effect.map(Fiber.poll(fiber), Option.isSome)

describe("the owner's lease", () => {
  it.effect("ends 120 s after the last renewal, and not before", () =>
    Effect.gen(function* () {
      const lease = yield* Lease.make(false)
      const expired = yield* Effect.fork(lease.expired)
      yield* TestClock.adjust("110 seconds")
      assert.strictEqual(yield* lease.renew, 120)
      yield* TestClock.adjust("120 seconds")
      assert.isFalse(yield* isOver(expired))
      yield* TestClock.adjust("20 seconds")
      assert.isTrue(yield* isOver(expired))
    })
  )

  it.effect("a night's sleep of the laptop does not end it; the rest of it is still to come", () =>
    Effect.gen(function* () {
      const { clock, sleep } = yield* makeSleepyClock
      yield* Effect.gen(function* () {
        const lease = yield* Lease.make(false)
        const expired = yield* Effect.fork(lease.expired)
        yield* TestClock.adjust("60 seconds")
        sleep(8 * 3_600_000)
        yield* TestClock.adjust("40 seconds")
        assert.isFalse(yield* isOver(expired))
        yield* TestClock.adjust("60 seconds")
        assert.isTrue(yield* isOver(expired))
      }).pipe(Effect.withClock(clock))
    })
  )

  it.effect("a renewal right after the wake-up counts from there", () =>
    Effect.gen(function* () {
      const { clock, sleep } = yield* makeSleepyClock
      yield* Effect.gen(function* () {
        const lease = yield* Lease.make(false)
        const expired = yield* Effect.fork(lease.expired)
        yield* TestClock.adjust("115 seconds")
        sleep(3_600_000)
        yield* lease.renew
        yield* TestClock.adjust("2 minutes")
        assert.isFalse(yield* isOver(expired))
      }).pipe(Effect.withClock(clock))
    })
  )

  it.effect("never ends with --persist", () =>
    Effect.gen(function* () {
      const lease = yield* Lease.make(true)
      const expired = yield* Effect.fork(lease.expired)
      yield* TestClock.adjust("10 days")
      assert.isFalse(yield* isOver(expired))
      assert.strictEqual(yield* lease.renew, 0)
    })
  )
})
