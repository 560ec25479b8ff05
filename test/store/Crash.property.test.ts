/**
 * A process that is killed leaves a prefix of its writes, in whole transactions, and in it everything that a durable call
 * returned for. The files are copied at some moment and opened elsewhere, as the next start would find them.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestContext from "effect/TestContext"
import * as fc from "fast-check"
import { Contents } from "../../src/store/MemoryStore.ts"
import { Store } from "../../src/store/Store.ts"
import type { Write } from "../../src/store/Writes.ts"
import { arbitraryWrite } from "./arbitraryWrites.ts"
import { isDurable, perform, viewOf, viewOfReads } from "./perform.ts"
import { makeStore, temporaryDirectory, temporaryStore } from "./rig.ts"

interface Plan {
  readonly writes: ReadonlyArray<Write>
  /** Calls that are waited for one by one; the others are made at once. */
  readonly waits: ReadonlyArray<boolean>
  /** Turns of the event loop before the end. */
  readonly turns: number
  /** What is left of the log, for a power cut: 1 is all of it. */
  readonly left: number
}

const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

const survivors = (plan: Plan) =>
  Effect.gen(function* () {
    const { layer, path } = yield* temporaryStore({ limits: { batchWrites: 3, checkpointCommits: 7 } })
    const there = join(yield* temporaryDirectory, "broker.db")
    let promised = 0
    const atCrash = yield* Effect.gen(function* () {
      const store = yield* Store
      for (const [index, write] of plan.writes.entries()) {
        const call = Effect.map(perform(store, write), () => {
          if (isDurable(write)) promised = Math.max(promised, index + 1)
        })
        if (plan.waits[index % plan.waits.length]) yield* call
        else yield* Effect.forkDaemon(call).pipe(Effect.zipRight(Effect.yieldNow()))
      }
      yield* Effect.repeatN(turn, plan.turns)
      copyFileSync(path, there)
      const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0)
      writeFileSync(`${there}-wal`, log.subarray(0, Math.floor(log.length * plan.left)))
      // A cut log promises nothing by itself; what returns from here on is not in the copy.
      return plan.left === 1 ? promised : 0
    }).pipe(Effect.provide(layer), Effect.scoped)
    const view = yield* Effect.flatMap(Store, viewOf).pipe(Effect.provide(makeStore({ path: there }).layer))
    return { view, promised: atCrash }
  })

const check = (plan: Plan) =>
  Effect.gen(function* () {
    const { promised, view } = yield* survivors(plan)
    const contents = new Contents()
    const prefixes = [JSON.stringify(viewOfReads(contents))]
    for (const write of plan.writes) {
      contents.apply(write)
      prefixes.push(JSON.stringify(viewOfReads(contents)))
    }
    const found = prefixes.lastIndexOf(JSON.stringify(view))
    assert.isAtLeast(found, promised, `of ${plan.writes.length} writes`)
  }).pipe(Effect.scoped, Effect.provide(TestContext.TestContext), Effect.runPromise)

const plans = (left: fc.Arbitrary<number>) =>
  fc.record({
    writes: fc.array(arbitraryWrite, { minLength: 1, maxLength: 40 }),
    waits: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    turns: fc.nat(6),
    left
  })

it("a killed process keeps a prefix, and what it promised", () =>
  fc.assert(fc.asyncProperty(plans(fc.constant(1)), check), { numRuns: 30 }))

it("a power cut in the middle of the log leaves a prefix", () =>
  fc.assert(fc.asyncProperty(plans(fc.double({ min: 0, max: 0.999, noNaN: true })), check), { numRuns: 30 }))
