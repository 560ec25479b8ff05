/**
 * Long-lived fibers that a bug may not end in silence. `Defects` is where a bug is told; `supervised` tells it and starts the
 * work again.
 *
 * Invariants: 1. a defect is told once each, and never swallowed · 2. typed failures and interruption pass through as they
 * are · 3. work that dies again and again is started ever less often: after 100 ms, doubling, at most every 30 s, and after
 * a minute without a defect from the beginning again.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describeDefect, InternalError } from "./Errors.ts"

/** Where bugs are told. By default only to the log; a broker raises the alert `InternalError` as well. */
export class Defects extends Context.Reference<Defects>()("relay-broker/domain/Defects", {
  defaultValue: (): { readonly tell: (error: InternalError, defect: unknown) => Effect.Effect<void> } => ({
    tell: (error, defect) => Effect.logError(error.message, defect)
  })
}) {}

/** Tells a defect of `work` under the name of its part, and goes on without it. */
export const survivingDefects =
  (where: string) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<void, E, R> =>
    Effect.catchAllDefect(Effect.asVoid(work), (defect) => tell(where, defect))

/** Tells a defect of ours. */
export const tell = (where: string, defect: unknown): Effect.Effect<void> =>
  Effect.flatMap(Defects, ({ tell }) => tell(new InternalError({ where, reason: describeDefect(defect) }), defect))

const firstDelayMillis = 100
const longestDelayMillis = 30_000
/** Work that ran so long without a defect starts from the shortest delay again. */
const steadyMillis = 60_000

/** Runs `work`; whenever it dies of a defect, that is told and it is started again. */
export const supervised =
  (where: string) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const run = (delayMillis: number): Effect.Effect<A, E, R> =>
      Effect.flatMap(Effect.clock, (clock) => {
        const now = () => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
        const startedAt = now()
        return Effect.catchAllDefect(work, (defect) => {
          const delay = now() - startedAt >= steadyMillis ? firstDelayMillis : delayMillis
          return tell(where, defect).pipe(
            Effect.zipRight(Effect.sleep(delay)),
            Effect.zipRight(Effect.suspend(() => run(Math.min(2 * delay, longestDelayMillis))))
          )
        })
      })
    return run(firstDelayMillis)
  }
