import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { makeFairGate } from "../../src/domain/FairGate.ts"

const makeWork = Effect.gen(function* () {
  const gate = makeFairGate<string>({ limit: 3, reserved: 1 })
  const started: Array<string> = []
  const begin = (source: string, name: string) =>
    Effect.gen(function* () {
      const finish = yield* Deferred.make<void>()
      const work = Effect.zipRight(
        Effect.sync(() => void started.push(name)),
        Deferred.await(finish)
      )
      const fiber = yield* Effect.fork(gate.pass(source)(work))
      yield* Effect.yieldNow()
      return {
        end: Deferred.succeed(finish, undefined).pipe(Effect.zipRight(Fiber.join(fiber))),
        leave: Fiber.interrupt(fiber)
      }
    })
  return { begin, started }
})

describe("the gate", () => {
  it.effect("keeps places for others while one source is slow, and serves sources in turn", () =>
    Effect.gen(function* () {
      const { begin, started } = yield* makeWork
      const a1 = yield* begin("a", "a1")
      yield* begin("a", "a2")
      yield* begin("a", "a3")
      yield* begin("a", "a4")
      assert.deepStrictEqual(started, ["a1", "a2"])
      const b1 = yield* begin("b", "b1")
      yield* begin("b", "b2")
      assert.deepStrictEqual(started, ["a1", "a2", "b1"])
      yield* a1.end
      yield* Effect.yieldNow()
      assert.deepStrictEqual(started, ["a1", "a2", "b1", "a3"])
      yield* b1.end
      yield* Effect.yieldNow()
      assert.deepStrictEqual(started, ["a1", "a2", "b1", "a3", "b2"])
    })
  )

  it.effect("loses no place to work that is interrupted, in the line or inside", () =>
    Effect.gen(function* () {
      const { begin, started } = yield* makeWork
      const inside = yield* begin("a", "a1")
      yield* begin("a", "a2")
      const waiting = yield* begin("a", "a3")
      yield* begin("a", "a4")
      yield* waiting.leave
      yield* inside.leave
      yield* Effect.yieldNow()
      assert.deepStrictEqual(started, ["a1", "a2", "a4"])
    })
  )
})
