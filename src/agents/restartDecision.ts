/**
 * Whether a program that ended by itself is started again, and when. Pure.
 *
 * Invariants: 1. at most `maxRestarts` restarts over the life of an agent · 2. at most `maxConsecutiveFailures` failures in a
 * row are followed by one; the end of a program that ran for a minute begins a new row · 3. the wait is the cool-down, doubled
 * with each failure in a row up to a minute, and never shorter than the cool-down.
 */
import type { RestartPolicy } from "../domain/RestartPolicy.ts"

export interface RestartHistory {
  readonly restarts: number
  readonly consecutiveFailures: number
}

export const noRestarts: RestartHistory = { restarts: 0, consecutiveFailures: 0 }

export type RestartDecision =
  | { readonly _tag: "Restart"; readonly delayMillis: number; readonly history: RestartHistory }
  | { readonly _tag: "GiveUp"; readonly reason: string }

/** A program that ran this long is well: its next end begins a new row. */
export const healthyMillis = 60_000
const longestDelayMillis = 60_000
/** A timer of more never fires (Node). */
const longestTimerMillis = 2 ** 31 - 1

/** `ranMillis`: how long the program ran; 0 for one that could not be started. */
export const onEnd = (policy: RestartPolicy, history: RestartHistory, ranMillis: number): RestartDecision => {
  const consecutiveFailures = ranMillis >= healthyMillis ? 1 : history.consecutiveFailures + 1
  const times = (count: number) => `${count} time${count === 1 ? "" : "s"}`
  if (consecutiveFailures > policy.maxConsecutiveFailures) {
    return { _tag: "GiveUp", reason: `it ended ${times(consecutiveFailures)} in a row` }
  }
  if (history.restarts >= policy.maxRestarts) {
    return { _tag: "GiveUp", reason: `it was restarted ${times(history.restarts)}` }
  }
  const doubled = policy.cooldownMillis * 2 ** (consecutiveFailures - 1)
  return {
    _tag: "Restart",
    delayMillis: Math.min(Math.max(policy.cooldownMillis, Math.min(doubled, longestDelayMillis)), longestTimerMillis),
    history: { restarts: history.restarts + 1, consecutiveFailures }
  }
}
