/** The store in a file and the one in memory say the same after the same calls, over restarts and with caps. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestContext from "effect/TestContext"
import * as fc from "fast-check"
import type { Limits } from "../../src/store/Limits.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { Store } from "../../src/store/Store.ts"
import type { Write } from "../../src/store/Writes.ts"
import { arbitraryWrite } from "./arbitraryWrites.ts"
import { cursor } from "./data.ts"
import { perform, viewOf } from "./perform.ts"
import { temporaryStore } from "./rig.ts"

/** Each list is one run of a broker. */
const agree = (lives: ReadonlyArray<ReadonlyArray<Write>>, limits: Partial<Limits>, each: boolean) =>
  Effect.gen(function* () {
    const file = yield* temporaryStore({ limits })
    const memory = MemoryStore.make({ limits })
    const life = (writes: ReadonlyArray<Write>) =>
      Effect.gen(function* () {
        const store = yield* Store
        const views = [yield* viewOf(store)]
        for (const write of writes) {
          yield* perform(store, write)
          if (each) yield* store.flush
          if (each) views.push(yield* viewOf(store))
        }
        views.push(yield* viewOf(store))
        return views
      })
    for (const writes of lives) {
      const inFile = yield* Effect.provide(life(writes), file.layer)
      const inMemory = yield* Effect.provide(life(writes), memory.layer)
      assert.deepStrictEqual(inFile, inMemory)
    }
    assert.deepStrictEqual(file.reports, [])
  }).pipe(Effect.scoped, Effect.provide(TestContext.TestContext), Effect.runPromise)

const lives = fc.array(fc.array(arbitraryWrite, { maxLength: 40 }), { minLength: 1, maxLength: 3 })

it("the file and the memory agree over restarts", () =>
  fc.assert(
    fc.asyncProperty(lives, (each) => agree(each, {}, false)),
    { numRuns: 30 }
  ))

// The first sweep ends with these; after it only caps are at work, which count from commit to commit.
const warmUp: ReadonlyArray<Write> = Array.from({ length: 4 }, () => ({ _tag: "Cursor", cursor: cursor("warm", 1) }))

it("the file and the memory agree on what is dropped", () =>
  fc.assert(
    fc.asyncProperty(fc.array(arbitraryWrite, { minLength: 20, maxLength: 60 }), (writes) =>
      agree([[...warmUp, ...writes]], { ...tight, sweepMillis: Number.POSITIVE_INFINITY }, true)
    ),
    { numRuns: 30 }
  ))

const tight = {
  alertHistory: 2,
  deliveriesPerAgent: 2,
  deadLetters: 2,
  answeredInvocations: 1,
  idsPerAgent: 2,
  pruneEvery: 1
}
