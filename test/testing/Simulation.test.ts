import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { assert, describe, it } from "vitest"
import { SimScheduler, simulate } from "../../src/testing/Simulation.ts"
import { pass } from "../simulation/pass.ts"

const day = 24 * 3_600_000

describe("simulate", () => {
  it("jumps over sleeps, in order, and ends at once", () => {
    const order: Array<string> = []
    const wait = (name: string, millis: number) =>
      Effect.delay(
        Effect.sync(() => order.push(name)),
        millis
      )
    const { atMillis, exit } = simulate(
      Effect.all([wait("late", day), wait("early", 5), wait("same", 5), wait("now", 0)], { concurrency: "unbounded" }),
      { seed: 1, untilMillis: 2 * day }
    )
    assert.isTrue(exit !== undefined && Exit.isSuccess(exit))
    assert.strictEqual(atMillis, day)
    assert.deepStrictEqual(order, ["now", "early", "same", "late"])
  })

  it("interruption takes the timer away", () => {
    const { atMillis, exit } = simulate(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(pass(day))
        yield* pass(10)
        yield* Fiber.interrupt(fiber)
        return yield* Clock.currentTimeMillis
      }),
      { seed: 1, untilMillis: 2 * day }
    )
    assert.deepStrictEqual(exit, Exit.succeed(10))
    assert.strictEqual(atMillis, 10)
  })

  it("sees a program that can never end, and one whose time is out", () => {
    assert.isUndefined(
      simulate(Effect.flatMap(Deferred.make<void>(), Deferred.await), { seed: 1, untilMillis: 9 }).exit
    )
    assert.isUndefined(simulate(Effect.never, { seed: 1, untilMillis: 9 }).exit)
    assert.isUndefined(simulate(pass(10), { seed: 1, untilMillis: 9 }).exit)
  })

  it("the same seed gives the same random numbers, another one others", () => {
    const numbers = (seed: number) => simulate(Random.nextIntBetween(0, 1e9), { seed, untilMillis: 0 }).exit
    assert.deepStrictEqual(numbers(4), numbers(4))
    assert.notDeepEqual(numbers(4), numbers(5))
  })

  it("refuses real timers, and gives them back", () => {
    const { exit } = simulate(
      Effect.sync(() => setTimeout(() => {}, 1)),
      { seed: 1, untilMillis: 1 }
    )
    assert.isTrue(exit !== undefined && Exit.isFailure(exit) && String(exit.cause).includes("real timers"))
    clearTimeout(setTimeout(() => {}, 1))
  })

  it("remembers no fibers of programs that are over", () => {
    const before = Fiber.unsafeRoots().length
    simulate(Effect.zipRight(Effect.forkDaemon(Effect.never), pass(1)), { seed: 1, untilMillis: 9 })
    assert.strictEqual(Fiber.unsafeRoots().length, before)
  })
})

describe("SimScheduler", () => {
  const orderOf = (scheduler: SimScheduler) => {
    const order: Array<number> = []
    simulate(
      Effect.forEach(
        [0, 1, 2, 3, 4, 5],
        (i) =>
          Effect.zipRight(
            Effect.yieldNow(),
            Effect.sync(() => order.push(i))
          ),
        {
          concurrency: "unbounded"
        }
      ),
      { seed: 1, untilMillis: 0, scheduler }
    )
    return order
  }

  it("runs first come, first served, or as it is told to pick", () => {
    assert.deepStrictEqual(orderOf(new SimScheduler()), [0, 1, 2, 3, 4, 5])
    const picked = orderOf(new SimScheduler({ pick: () => 0 }))
    assert.sameMembers(picked, [0, 1, 2, 3, 4, 5])
    assert.notDeepEqual(picked, [0, 1, 2, 3, 4, 5])
  })

  it("a killed process does nothing more, not even its finalizers; others go on", () => {
    const said: Array<string> = []
    const say = (text: string) => Effect.sync(() => said.push(text))
    const scheduler = new SimScheduler()
    const process = scheduler.process()
    const program = Effect.gen(function* () {
      yield* Effect.forever(Effect.delay(say("tick"), 10)).pipe(
        Effect.ensuring(say("bye")),
        Effect.withScheduler(process),
        Effect.forkDaemon
      )
      yield* pass(35)
      process.kill()
      yield* pass(100)
      yield* say("still here")
    })
    simulate(program, { seed: 1, untilMillis: 1_000, scheduler })
    assert.deepStrictEqual(said, ["tick", "tick", "tick", "still here"])
  })
})
