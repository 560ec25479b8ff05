import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { describeDefect, type InternalError } from "../../src/domain/Errors.ts"

import { Defects, supervised, survivingDefects } from "../../src/domain/Supervision.ts"

const listening = <A, E, R>(use: (told: Array<InternalError>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const told: Array<InternalError> = []
    return Effect.provideService(use(told), Defects, { tell: (error) => Effect.sync(() => void told.push(error)) })
  })

describe("supervised work", () => {
  it.effect("is told of and started again when it dies, ever less often", () =>
    listening((told) =>
      Effect.gen(function* () {
        let starts = 0
        const work = Effect.suspend(() => {
          starts += 1
          return Effect.die(new TypeError("x is not a function"))
        })
        yield* Effect.forkScoped(supervised("frame loop")(work))
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(starts, 1)
        yield* TestClock.adjust("100 millis")
        assert.strictEqual(starts, 2)
        yield* TestClock.adjust("10 minutes")
        assert.isBelow(starts, 35)
        assert.isAbove(starts, 20)
        assert.strictEqual(told.length, starts)
        assert.strictEqual(told[0]?.message, "a bug in the frame loop: TypeError: x is not a function")
      }).pipe(Effect.scoped)
    )
  )

  it.effect("passes values, failures and interruption on, and tells nothing", () =>
    listening((told) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* supervised("x")(Effect.succeed(7)), 7)
        assert.strictEqual(yield* Effect.flip(supervised("x")(Effect.fail("typed"))), "typed")
        const fiber = yield* Effect.fork(supervised("x")(Effect.never))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(told.length, 0)
      })
    )
  )

  it.effect("goes on after one bad piece", () =>
    listening((told) =>
      Effect.gen(function* () {
        yield* survivingDefects("a frame")(Effect.die("odd"))
        assert.deepStrictEqual(
          told.map(({ reason, where }) => [where, reason]),
          [["a frame", "odd"]]
        )
      })
    )
  )
})

describe("what a defect says", () => {
  it("is one line, whatever was thrown", () => {
    assert.strictEqual(describeDefect(new RangeError("a\n b")), "RangeError: a b")
    assert.strictEqual(describeDefect(undefined), "undefined")
    assert.strictEqual(describeDefect(Object.create(null)), "no reason was given")
    assert.strictEqual(describeDefect("x".repeat(5_000)).length, 200)
  })
})
