/**
 * How a program in a terminal is ended: SIGTERM to its group, SIGHUP for those that ignore that (interactive shells do),
 * SIGKILL two seconds after the first. Never interrupted, always bounded.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { PtyExit } from "./Pty.ts"

export interface Ending {
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly exit: Effect.Effect<PtyExit>
}

/** Time to handle SIGTERM before the hang-up; a program with a handler for one usually has both. */
export const hangupAfterMillis = 500
export const killAfterMillis = 2_000
/** How long a killed program may take to be gone; only an uninterruptible system call makes it longer. */
const giveUpAfterMillis = 2_000

/** None when not even SIGKILL ended it within two more seconds. */
export const endProcess = ({ exit, signal }: Ending): Effect.Effect<Option.Option<PtyExit>> => {
  const within = (millis: number) => Effect.timeoutOption(Effect.interruptible(exit), millis)
  const steps: ReadonlyArray<readonly [NodeJS.Signals, number]> = [
    ["SIGTERM", hangupAfterMillis],
    ["SIGHUP", killAfterMillis - hangupAfterMillis],
    ["SIGKILL", giveUpAfterMillis]
  ]
  return Effect.gen(function* () {
    for (const [name, millis] of steps) {
      yield* signal(name)
      const ended = yield* within(millis)
      if (Option.isSome(ended)) return ended
    }
    return Option.none<PtyExit>()
  })
}
