/**
 * An ephemeral broker stops by itself when nobody renewed its lease for 120 s. Only time in which this machine was
 * awake counts: after a laptop's sleep its owner gets the rest of the lease.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { awakeFrom, look } from "../node/AwakeTime.ts"

export const leaseMillis = 120_000
const checkEveryMillis = 10_000

export interface Lease {
  /** Seconds until it expires; 0: never. */
  readonly renew: Effect.Effect<number>
  /** Returns when the lease has expired; never with `--persist`. */
  readonly expired: Effect.Effect<void>
}

export const make = (persist: boolean): Effect.Effect<Lease> =>
  Effect.gen(function* () {
    if (persist) return { renew: Effect.succeed(0), expired: Effect.never }
    let awake = awakeFrom(yield* Clock.currentTimeMillis)
    let renewedAtAwake = awake.awakeMillis
    const awakeNow = Effect.map(Clock.currentTimeMillis, (now) => {
      awake = look(awake, now, checkEveryMillis).awake
      return awake.awakeMillis
    })
    const isOver = Effect.map(awakeNow, (now) => now - renewedAtAwake > leaseMillis)
    return {
      renew: Effect.map(awakeNow, (now) => {
        renewedAtAwake = now
        return leaseMillis / 1_000
      }),
      expired: Effect.asVoid(Effect.repeat(Effect.delay(isOver, checkEveryMillis), { until: (over) => over }))
    }
  })
