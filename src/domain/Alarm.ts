/**
 * One re-armable timer for callbacks. Moving it later costs nothing: the sleeping fiber looks again when it wakes. While
 * it is not set there is no timer and no fiber.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import { steadyMillis } from "./Steady.ts"

export interface Alarm {
  /** Fires at `atMillis` of `steadyMillis`, instead of any earlier setting. */
  readonly unsafeSet: (atMillis: number) => void
  readonly unsafeClear: () => void
}

/** `onDue` runs in a fiber of the scope and must not block; it may set the alarm again. */
export const make = (onDue: (nowMillis: number) => void): Effect.Effect<Alarm, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const run = yield* FiberHandle.makeRuntime<never>()
    let due: number | undefined
    /** When the fiber looks next; undefined without a fiber. */
    let wakes: number | undefined

    const watch: Effect.Effect<void> = Effect.suspend(() => {
      const now = steadyMillis(clock)
      if (due !== undefined && now >= due) {
        due = undefined
        wakes = Number.NEGATIVE_INFINITY // nobody is started while this one is awake
        onDue(now)
      }
      wakes = due
      return due === undefined ? Effect.void : Effect.zipRight(Effect.sleep(Math.max(0, due - now)), watch)
    })

    return {
      unsafeSet: (atMillis) => {
        due = atMillis
        if (wakes !== undefined && wakes <= atMillis) return
        wakes = atMillis
        // An alarm that was made while something was acquired would hand on that nothing may be interrupted there.
        run(Effect.interruptible(watch))
      },
      unsafeClear: () => {
        due = undefined
      }
    }
  })
