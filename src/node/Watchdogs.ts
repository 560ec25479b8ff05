/**
 * Tells a peer that is gone from one that is quiet: every byte counts as life, and only awake time as silence.
 *
 * Invariants: 1. silent: no byte for 45 s although we ping every 12 s · 2. does not read: a frame waits to be written for
 * 30 s · 3. does not work: two inventories in a row were not answered within their time, whatever the pongs say · 4. none
 * of them counts time in which this machine slept.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { LinkLost } from "../domain/Errors.ts"
import type { SessionContext } from "./SessionContext.ts"
import type { SessionTiming } from "./SessionTiming.ts"

export interface PeerFacts {
  /** Awake time since the last byte came in. */
  readonly quietMillis: number
  /** Awake time for which the oldest outbound frame waits. */
  readonly unwrittenMillis: number
  readonly unansweredInventories: number
}

/** Why the session must end; undefined: the peer lives. */
export const verdict = (facts: PeerFacts, timing: SessionTiming): string | undefined => {
  const { quietMillis, unansweredInventories, unwrittenMillis } = facts
  if (quietMillis >= timing.silenceMillis) return `silent for ${Math.round(quietMillis / 1_000)} s`
  if (unwrittenMillis >= timing.unwrittenMillis)
    return `the engine does not read: a frame waited ${Math.round(unwrittenMillis / 1_000)} s`
  if (unansweredInventories >= 2) return "two inventories were not answered"
  return undefined
}

/** How long, in awake time, the same moment has been the latest one. */
const makeStanding = (seenWithinMillis: number) => {
  let mark: number | undefined
  let sinceAwake = 0
  return (moment: number | undefined, nowMillis: number, awakeMillis: number): number => {
    if (moment !== mark) {
      mark = moment
      // Seen late by one look at most: what is more was sleep.
      const late = moment === undefined ? 0 : Math.min(Math.max(0, nowMillis - moment), seenWithinMillis)
      sinceAwake = awakeMillis - late
    }
    return moment === undefined ? 0 : awakeMillis - sinceAwake
  }
}

/** Runs until one of them bites. */
export const watch = (context: SessionContext): Effect.Effect<never, LinkLost> => {
  const quiet = makeStanding(context.timing.watchEveryMillis)
  const unwritten = makeStanding(context.timing.watchEveryMillis)
  return Effect.gen(function* () {
    yield* Effect.sleep(context.timing.watchEveryMillis)
    const awakeMillis = yield* context.awake.millis
    const now = yield* Clock.currentTimeMillis
    const reason = verdict(
      {
        quietMillis: quiet(yield* context.connection.lastInboundMillis, now, awakeMillis),
        unwrittenMillis: unwritten(yield* context.outbound.waitsSinceMillis, now, awakeMillis),
        unansweredInventories: context.facts.unansweredInventories
      },
      context.timing
    )
    if (reason !== undefined) return yield* new LinkLost({ reason })
  }).pipe(Effect.forever)
}
