/**
 * What must be open before a message is put in. Pure: the caller looks at the terminal, the channel and the clock.
 *
 * Invariants: 1. the first closed gate in the fixed order is the reason, whatever else is closed · 2. a `steer` message never
 * waits for a turn · 3. no time opens a gate of a known program: its composer is seen and empty now, or nothing is typed ·
 * 4. gates that open by time alone (a person's pause, a resize) say when · 5. what goes in through the program's own calls
 * needs no composer and disturbs no person's.
 */
import type { WaitingReason } from "../domain/Receipt.ts"
import type { Holds } from "../harness/Composer.ts"

export interface GateFacts {
  readonly dead: boolean
  /** By mode or by the engine (`Holding`). */
  readonly held: WaitingReason | undefined
  /** The program waits for a person. */
  readonly asking: boolean
  /** Through the program's own calls. */
  readonly byCall: boolean
  /** A person typed: nothing before this time; infinite while what he typed did not show yet. */
  readonly humanUntilMillis: number
  readonly ready: boolean
  /** The program was resized: what is typed before this time may be lost. */
  readonly settledAtMillis: number
  /** Undefined: nothing is known of its composer. */
  readonly composer: Holds | undefined
  readonly busy: boolean
  readonly mode: "wait" | "steer"
}

export interface ClosedGate {
  readonly reason: WaitingReason
  /** When it is open if nothing happens; undefined: something must happen. */
  readonly reopensAtMillis: number | undefined
}

export const closedGate = (facts: GateFacts, nowMillis: number): ClosedGate | undefined => {
  const closed = (reason: WaitingReason, reopensAtMillis?: number): ClosedGate => ({ reason, reopensAtMillis })
  if (facts.dead) return closed("dead")
  if (facts.held !== undefined) return closed(facts.held)
  if (facts.asking) return closed("asking")
  if (!facts.byCall && nowMillis < facts.humanUntilMillis) {
    return closed("human_typing", Number.isFinite(facts.humanUntilMillis) ? facts.humanUntilMillis : undefined)
  }
  if (!facts.ready) return closed("not_ready")
  if (!facts.byCall) {
    if (nowMillis < facts.settledAtMillis) return closed("not_ready", facts.settledAtMillis)
    if (facts.composer === "hidden") return closed(facts.busy ? "busy" : "not_ready")
    if (facts.composer !== undefined && facts.composer !== "empty") return closed("composer_not_empty")
  }
  return facts.busy && facts.mode === "wait" ? closed("busy") : undefined
}
