/** An ephemeral broker stops by itself when nobody renewed its lease for 120 s (S 1.2). */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

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
    let renewedAt = yield* Clock.currentTimeMillis
    const isOver = Effect.map(Clock.currentTimeMillis, (now) => now - renewedAt > leaseMillis)
    return {
      renew: Effect.map(Clock.currentTimeMillis, (now) => {
        renewedAt = now
        return leaseMillis / 1_000
      }),
      expired: Effect.asVoid(Effect.repeat(Effect.delay(isOver, checkEveryMillis), { until: (over) => over }))
    }
  })
