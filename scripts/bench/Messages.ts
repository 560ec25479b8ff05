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

/**
 * Messages for that long, none of them measured: code that ran once or twice is slow in any just-in-time compiler, and a
 * broker lives for days. By time and not by number, so that it is the same for a fast and a slow one.
 */
export const warmUp = (stage: Stage, agent: string, millis: number): Effect.Effect<void, StageFailed> =>
  Effect.suspend(() => {
    const until = performance.now() + millis
    return Effect.asVoid(Effect.repeat(journey(stage, agent), { while: () => performance.now() < until }))
  })

export const journeys = (
  stage: Stage,
  agent: string,
  count: number
): Effect.Effect<ReadonlyArray<Journey>, StageFailed> => Effect.replicateEffect(journey(stage, agent), count)
