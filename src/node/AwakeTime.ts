/**
 * Time during which this machine was awake. A laptop that slept for an hour has not waited for its peer for an hour: what
 * watches others counts awake time, and a wake-up is a reason to look at once.
 *
 * Invariants: 1. awake time never goes back and never faster than the clock · 2. a gap between two looks of more than
 * `slackMillis` beyond the interval was sleep, and counts as one interval · 3. a clock that is put back is no sleep.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** Every so often the clock is looked at: a wake-up is seen this much later at most. */
export const lookEveryMillis = 5_000
/** A loaded machine may be late by less than this without having slept. */
export const slackMillis = 10_000

export interface Awake {
  readonly awakeMillis: number
  readonly lookedAtMillis: number
}

export const awakeFrom = (nowMillis: number): Awake => ({ awakeMillis: 0, lookedAtMillis: nowMillis })

export const look = (
  before: Awake,
  nowMillis: number,
  everyMillis: number
): { readonly awake: Awake; readonly sleptMillis: number } => {
  const gap = Math.max(0, nowMillis - before.lookedAtMillis)
  const sleptMillis = gap > everyMillis + slackMillis ? gap - everyMillis : 0
  return {
    awake: { awakeMillis: before.awakeMillis + gap - sleptMillis, lookedAtMillis: nowMillis },
    sleptMillis
  }
}

export class AwakeTime extends Context.Tag("relay-broker/node/AwakeTime")<
  AwakeTime,
  {
    /** Milliseconds awake since the start. */
    readonly millis: Effect.Effect<number>
    /** Returns at the next wake-up: how long the machine slept. */
    readonly wakeUp: Effect.Effect<number>
  }
>() {
  static readonly make: Effect.Effect<AwakeTime["Type"], never, Scope.Scope> = Effect.gen(function* () {
    let awake = awakeFrom(yield* Clock.currentTimeMillis)
    let next = yield* Deferred.make<number>()
    const glance = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const seen = look(awake, now, lookEveryMillis)
      awake = seen.awake
      if (seen.sleptMillis === 0) return Effect.void
      const waiting = next
      next = Deferred.unsafeMake<number>(FiberId.none)
      return Effect.logInfo(`the machine slept for ${Math.round(seen.sleptMillis / 1_000)} s`).pipe(
        Effect.zipRight(Deferred.succeed(waiting, seen.sleptMillis))
      )
    })
    yield* glance.pipe(Effect.delay(lookEveryMillis), Effect.forever, Effect.forkScoped)
    return AwakeTime.of({
      millis: Effect.zipRight(
        glance,
        Effect.sync(() => awake.awakeMillis)
      ),
      wakeUp: Effect.suspend(() => Deferred.await(next))
    })
  })

  static readonly layer: Layer.Layer<AwakeTime> = Layer.scoped(AwakeTime, AwakeTime.make)
}
