/**
 * When an `inventory.sync` may be sent. The engine completes listed invocations, takes unlisted ones away and marks
 * unlisted agents offline (EP 7), so it waits for a quiet moment (design 6).
 *
 * Invariants: 1. never while an invocation younger than 30 s is open or an `agent.register` is unanswered · 2. never
 * within 1 s after an `action.result` · 3. after a register only after 500 ms without a frame.
 */

export interface InventoryFacts {
  readonly nowMillis: number
  /** Opening times of the invocations that are not answered yet. */
  readonly openSinceMillis: Iterable<number>
  readonly unansweredRegisters: number
  readonly lastResultMillis: number
  readonly lastFrameMillis: number
  readonly registeredAtMillis: number
  /** None was sent since the last register. */
  readonly first: boolean
}

export const invocationAgeMillis = 30_000
export const afterResultMillis = 1_000
export const quietMillis = 500
/** Agents' presence lapses at 5 min; one is due this often (design 6). */
export const inventoryEveryMillis = 60_000

/** 0: now. Otherwise how long to wait before asking again. */
export const inventoryWaitMillis = (facts: InventoryFacts): number => {
  const { nowMillis } = facts
  let wait = Math.max(0, facts.lastResultMillis + afterResultMillis - nowMillis)
  for (const since of facts.openSinceMillis) {
    if (since + invocationAgeMillis > nowMillis) wait = Math.max(wait, 250)
  }
  if (facts.unansweredRegisters > 0) wait = Math.max(wait, 100)
  if (facts.first) {
    const quietAt = Math.max(facts.registeredAtMillis, facts.lastFrameMillis) + quietMillis
    wait = Math.max(wait, quietAt - nowMillis)
  }
  return wait
}
