/**
 * Waiting for something to change, without polling and without missing what changes between the look and the wait: a look
 * remembers how many changes there were, and the wait is over at once when there were more since.
 */
import * as Effect from "effect/Effect"
import { steadyMillis } from "../domain/Steady.ts"

export interface Changes {
  readonly unsafeChanged: () => void
  readonly count: () => number
  /** Completes when there were more changes than `seen`, or at that time. */
  readonly after: (seen: number, untilMillis: number | undefined) => Effect.Effect<void>
}

export const make = (): Changes => {
  const waiting = new Set<(effect: Effect.Effect<void>) => void>()
  let count = 0
  const next = (seen: number) =>
    Effect.async<void>((resume) => {
      if (count !== seen) return resume(Effect.void)
      waiting.add(resume)
      return Effect.sync(() => void waiting.delete(resume))
    })
  return {
    unsafeChanged: () => {
      count += 1
      if (waiting.size === 0) return
      const all = [...waiting]
      waiting.clear()
      for (const resume of all) resume(Effect.void)
    },
    count: () => count,
    after: (seen, untilMillis) =>
      untilMillis === undefined
        ? next(seen)
        : Effect.flatMap(Effect.clock, (clock) =>
            Effect.asVoid(Effect.timeoutOption(next(seen), Math.max(0, untilMillis - steadyMillis(clock))))
          )
  }
}
