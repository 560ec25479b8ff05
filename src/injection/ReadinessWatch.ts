/** Runs the readiness rules of a harness on the output, the screen and the clock of one worker. No timer once they are through. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import * as Readiness from "../harness/Readiness.ts"
import type { ScreenView } from "../pty/ScreenView.ts"

export interface ReadinessWatch {
  readonly unsafeOutput: (plain: string, nowMillis: number) => void
  /** The screen was drawn. */
  readonly unsafeScreen: (view: () => ScreenView, nowMillis: number) => void
  /** A dialog stands, or none does any more. */
  readonly unsafeDialog: (stands: boolean, nowMillis: number) => void
  /** A dialog stands before the first readiness. */
  readonly isBlocked: () => boolean
}

/** `onDecided` runs once, in the turn of the output or the timer that decided it. */
export const make = (
  rule: Readiness.ReadinessRule,
  startedAtMillis: number,
  onDecided: (outcome: "ready" | "unrecognised") => void
): Effect.Effect<ReadinessWatch, never, Scope.Scope> =>
  Effect.gen(function* () {
    let state = Readiness.starting(startedAtMillis)
    const advance = (next: Readiness.ReadinessState, nowMillis: number) => {
      state = Readiness.onTime(rule, next, nowMillis)
      if (state._tag !== "Starting") {
        alarm.unsafeClear()
        return onDecided(state._tag === "Ready" ? "ready" : "unrecognised")
      }
      const look = Readiness.nextLookMillis(rule, state)
      if (look === undefined) alarm.unsafeClear()
      else alarm.unsafeSet(look)
    }
    const alarm = yield* Alarm.make((nowMillis) => advance(state, nowMillis))
    advance(state, startedAtMillis)
    return {
      unsafeOutput: (plain, nowMillis) => {
        if (state._tag === "Starting") advance(Readiness.onOutput(state, plain, nowMillis), nowMillis)
      },
      unsafeScreen: (view, nowMillis) => {
        if (state._tag !== "Starting" || rule.isReady === undefined) return
        advance(Readiness.onScreen(rule, state, view(), nowMillis), nowMillis)
      },
      unsafeDialog: (stands, nowMillis) => {
        if (state._tag === "Starting") advance(Readiness.onDialog(state, stands, nowMillis), nowMillis)
      },
      isBlocked: () => state._tag === "Starting" && state.blockedAtMillis !== undefined
    }
  })
