/**
 * The store of a simulated machine: the real group commit over contents in memory, with a journal of its transactions. A
 * killed process leaves every transaction that was applied; a machine that loses power leaves those that were synced, and
 * perhaps some more. Syncs take virtual time; a broken disk keeps nothing and says so.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { defaultLimits } from "../../src/store/Limits.ts"
import { Contents } from "../../src/store/MemoryStore.ts"
import type { Step } from "../../src/store/Reads.ts"
import { type DeadLetterRecord, Store, type StoreHealth } from "../../src/store/Store.ts"
import { commitsOf, storeOf } from "../../src/store/storeOf.ts"
import type { Write } from "../../src/store/Writes.ts"
import type { Dice } from "./Dice.ts"
import { pass } from "./pass.ts"

export interface SimStore {
  readonly layer: Layer.Layer<Store>
  /** What the next life of the broker finds. */
  readonly crash: (machine: boolean) => void
  /** Longest time of a commit; 0: as fast as usual. */
  readonly slow: (millis: number) => void
  /** Until the end of this life nothing more is kept. */
  readonly break: (nowMillis: number) => void
  readonly mend: () => void
  /** What was put aside, as it is on the disk. */
  readonly deadLetters: () => ReadonlyArray<DeadLetterRecord>
}

export const makeSimStore = (dice: Dice): SimStore => {
  const limits = { ...defaultLimits, batchWrites: dice.pick([1, 4, 256]) }
  let journal: Array<ReadonlyArray<Write>> = []
  let synced = 0
  let contents = new Contents()
  let slowMillis = 0
  let health: StoreHealth = { _tag: "Ok" }

  const commit = (steps: ReadonlyArray<Step>) => {
    const writes: Array<Write> = []
    for (const step of steps) {
      if (step._tag === "Read") step.run(contents)
      if (step._tag !== "Write" || health._tag !== "Ok") continue
      contents.apply(step.write)
      writes.push(step.write)
    }
    if (writes.length > 0) journal.push(writes)
  }
  const pause = Effect.suspend(() => pass(slowMillis > 0 ? dice.between(1, slowMillis) : dice.between(0, 4)))
  const layer = Layer.scoped(
    Store,
    Effect.map(
      commitsOf(
        {
          apply: (steps) =>
            Effect.zipRight(
              pause,
              Effect.sync(() => commit(steps))
            ),
          sync: Effect.suspend(() => {
            const applied = journal.length
            return Effect.zipRight(
              pause,
              Effect.sync(() => {
                synced = Math.max(synced, Math.min(applied, journal.length))
              })
            )
          }),
          turn: Effect.yieldNow(),
          tidy: Effect.void,
          close: (steps) =>
            Effect.sync(() => {
              commit(steps)
              synced = journal.length
            })
        },
        limits
      ),
      (commits) => storeOf({ commits, health: Effect.sync(() => health) })
    )
  )

  return {
    layer,
    crash: (machine) => {
      if (!machine) return
      journal = journal.slice(0, dice.between(synced, journal.length))
      synced = journal.length
      contents = new Contents()
      for (const writes of journal) for (const write of writes) contents.apply(write)
    },
    slow: (millis) => {
      slowMillis = millis
    },
    break: (nowMillis) => {
      health = { _tag: "Degraded", reason: "simulated", sinceMillis: nowMillis }
    },
    mend: () => {
      health = { _tag: "Ok" }
    },
    deadLetters: () => contents.deadLetters()
  }
}
