/** One piece of work that is measured, and how a scenario runs for each subject: bounded in time, and never the end of the others. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Figure, missing, type Result, type Who } from "./Figures.ts"
import * as Stage from "./Stage.ts"
import type { Subject } from "./Subject.ts"

export interface Context {
  readonly root: string
  /** A directory of this run. */
  readonly place: string
  readonly subjects: ReadonlyArray<Subject>
  readonly quick: boolean
  /** When the whole run is to be over; `performance.now()`. */
  readonly endsAt: number
  /** Progress, for a person who waits. */
  readonly say: (text: string) => void
  /** A remark to be read with the figures. */
  readonly note: (text: string) => void
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string
  readonly figures: ReadonlyArray<Figure>
  /** Left out of a quick run, unless it is asked for. */
  readonly onlyInFull: boolean
  readonly measure: (context: Context) => Effect.Effect<ReadonlyArray<Result>>
}

/** The results of `work`; without any, the reason at every figure. */
export const attempt = (
  o: { readonly figures: ReadonlyArray<Figure>; readonly who: ReadonlyArray<Who>; readonly endsAt: number },
  work: Effect.Effect<ReadonlyArray<Result>, Stage.StageFailed, Scope.Scope>
): Effect.Effect<ReadonlyArray<Result>> => {
  const none = (reason: string) => o.who.flatMap((who) => o.figures.map(({ id }) => missing(id, who, reason)))
  const late = new Stage.StageFailed({ reason: "the time of this run was up (measure it by itself with --only)" })
  return Effect.suspend(() => {
    const left = o.endsAt - performance.now()
    if (left <= 0) return Effect.succeed(none(late.reason))
    return Effect.scoped(work).pipe(
      Effect.timeoutFail({ duration: left, onTimeout: () => late }),
      Effect.catchAllCause((cause) => {
        if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
        const [failure] = [...Cause.failures(cause)]
        return Effect.succeed(none(failure?.reason ?? Cause.pretty(cause)))
      })
    )
  })
}

interface StagedWork {
  readonly context: Context
  readonly subject: Subject
  readonly stage: Stage.Stage
}

/** A scenario in which the subjects play one after the other, each on a stage of its own. */
export const staged = (
  o: {
    readonly name: string
    readonly figures: ReadonlyArray<Figure>
    readonly onlyInFull?: boolean
  },
  work: (played: StagedWork) => Effect.Effect<ReadonlyArray<Result>, Stage.StageFailed, Scope.Scope>
): Scenario => ({
  name: o.name,
  figures: o.figures,
  onlyInFull: o.onlyInFull ?? false,
  measure: (context) =>
    Effect.map(
      Effect.forEach(context.subjects, (subject) => {
        context.say(`${o.name}: ${subject.who}`)
        return attempt(
          { figures: o.figures, who: [subject.who], endsAt: context.endsAt },
          Effect.flatMap(Stage.open(subject, context), (stage) => work({ context, subject, stage }))
        )
      }),
      (results) => results.flat()
    )
})
