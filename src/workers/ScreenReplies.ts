/**
 * The answers of the emulated terminal on their way to the program (S 4.11). Each is one write of its own, so that it stands
 * before, between or behind the parts of an injection and never inside one; it does not wait for the Enter of a paste,
 * because a program may read nothing else until it has its answer.
 */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"

/** Answers that wait for a program that asks and does not read; further ones are dropped. */
const mostWaiting = 128

export const make = (
  write: (data: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
): Effect.Effect<(reply: string) => void, never, Scope.Scope> =>
  Effect.map(FiberSet.makeRuntime<never>(), (run) => {
    let waiting = 0
    return (reply) => {
      if (waiting >= mostWaiting) return
      waiting += 1
      run(
        // A program that is gone, or has 8 MiB before it, misses no answer.
        Effect.ensuring(
          Effect.ignore(write(reply)),
          Effect.sync(() => {
            waiting -= 1
          })
        )
      )
    }
  })
