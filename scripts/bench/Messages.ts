/** One message at a time to an idle program, followed from the engine's frame to Enter and ack. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Stage, StageFailed } from "./Stage.ts"

/** Milliseconds. */
export interface Journey {
  /** Frame → the whole text was read. */
  readonly text: number
  /** Frame → the Enter after it was read. */
  readonly enter: number
  /** The program has shown the text → Enter. */
  readonly shownEnter: number
  /** Frame → the engine has the ack. */
  readonly ack: number
}

const journey = (stage: Stage, agent: string): Effect.Effect<Journey, StageFailed> =>
  Effect.gen(function* () {
    const sent = yield* stage.send(agent)
    const [ack] = yield* Effect.all([stage.acked(sent), stage.recorders.awaitEnter([sent.id])], {
      concurrency: "unbounded"
    })
    // Broker and program are idle again when the next one comes.
    yield* Effect.sleep(yield* Random.nextIntBetween(5, 30))
    const { text = Number.NaN, shown = Number.NaN, enter = Number.NaN } = stage.recorders.trace(sent.id)
    return { text: text - sent.frame, enter: enter - sent.frame, shownEnter: enter - shown, ack: ack - sent.frame }
  })

export const journeys = (
  stage: Stage,
  agent: string,
  count: number
): Effect.Effect<ReadonlyArray<Journey>, StageFailed> => Effect.replicateEffect(journey(stage, agent), count)
