/** The test's clock on a machine that can be put to sleep: its time jumps and no timer runs, as on a laptop. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

export const makeSleepyClock = Effect.map(Effect.clock, (awake) => {
  let sleptMillis = 0
  // The test's own methods stay within reach.
  const clock: Clock.Clock = Object.create(awake, {
    unsafeCurrentTimeMillis: { value: () => awake.unsafeCurrentTimeMillis() + sleptMillis },
    currentTimeMillis: { get: () => Effect.map(awake.currentTimeMillis, (millis) => millis + sleptMillis) }
  })
  return {
    clock,
    sleep: (millis: number): void => {
      sleptMillis += millis
    }
  }
})
