/**
 * What must be open before a message is typed (design 7). Pure: the caller looks at the terminal and the clock.
 *
 * Invariants: 1. the first closed gate in the fixed order is the reason, whatever else is closed · 2. a `steer` message never
 * waits for a turn · 3. gates that open by time alone say when (`reopensAtMillis`) · 4. an unknown composer closes nothing
 * for good: a program that hides it is typed to after a while.
 */

import type { WaitingReason } from "../domain/Receipt.ts"
import type { Holds } from "../harness/Composer.ts"

export interface GateFacts {
  readonly dead: boolean
  /** By mode or by the engine (`Holding`). */
  readonly held: WaitingReason | undefined
  readonly dialog: boolean
  /** A person typed: nothing before this time. */
  readonly humanUntilMillis: number
  readonly ready: boolean
  /** The program was resized: what is typed before this time may be lost. */
  readonly settledAtMillis: number
  /** Undefined: nothing is known of its composer. */
  readonly composer: Holds | undefined
  /** Since when the composer is hidden. */
  readonly hiddenAtMillis: number | undefined
  /** Since when its line editor is away. */
  readonly awayAtMillis: number | undefined
  readonly busy: boolean
  /** Since when the head of the queue waits for the turn to end. */
  readonly busyAtMillis: number | undefined
  readonly mode: "wait" | "steer"
}

export interface ClosedGate {
  readonly reason: WaitingReason
  /** When it is open if nothing happens; undefined: something must happen. */
  readonly reopensAtMillis: number | undefined
}

/** A message that waits for the end of a turn is typed after so long all the same. */
export const busyCapMillis = 300_000
/**
 * A composer that was seen and is hidden now, by an overlay, an editor, or because the program looks different today; or a
 * line editor that is away, because its shell runs a command: waited for so long.
 */
export const hiddenCapMillis = 25_000

export const closedGate = (facts: GateFacts, nowMillis: number): ClosedGate | undefined => {
  const closed = (reason: WaitingReason, reopensAtMillis?: number): ClosedGate => ({ reason, reopensAtMillis })
  if (facts.dead) return closed("dead")
  if (facts.held !== undefined) return closed(facts.held)
  if (facts.dialog) return closed("asking")
  if (nowMillis < facts.humanUntilMillis) return closed("human_typing", facts.humanUntilMillis)
  if (!facts.ready) return closed("not_ready")
  if (nowMillis < facts.settledAtMillis) return closed("not_ready", facts.settledAtMillis)
  for (const since of [facts.composer === "hidden" ? facts.hiddenAtMillis : undefined, facts.awayAtMillis]) {
    if (since !== undefined && nowMillis < since + hiddenCapMillis) return closed("not_ready", since + hiddenCapMillis)
  }
  if (facts.composer !== undefined && facts.composer !== "empty" && facts.composer !== "hidden") {
    return closed("composer_not_empty")
  }
  if (facts.busy && facts.mode === "wait") {
    const reopens = (facts.busyAtMillis ?? nowMillis) + busyCapMillis
    if (nowMillis < reopens) return closed("busy", reopens)
  }
  return undefined
}
