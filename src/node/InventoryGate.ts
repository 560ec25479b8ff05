/**
 * When an `inventory.sync` may be sent. The engine completes listed invocations, takes unlisted ones away and marks
 * unlisted agents offline, so it waits for a quiet moment.
 *
 * Invariants: 1. never while an invocation younger than 30 s is open or an `agent.register` is unanswered · 2. never
 * within 1 s after an `action.result` · 3. after a register only after 500 ms without a frame · 4. but agents' presence
 * lapses at 5 min: after 4 min open invocations are no longer waited for, after 4½ nothing is · 5. a clock that is put back
 * holds nothing up: what seems to lie ahead is long ago.
 */

export interface InventoryFacts {
  readonly nowMillis: number
  /** Opening times of the invocations that are not answered yet. */
  readonly openSinceMillis: Iterable<number>
  readonly unansweredRegisters: number
  readonly lastResultMillis: number
  readonly lastFrameMillis: number
  readonly registeredAtMillis: number
  /** Undefined: none was sent since the last register. */
  readonly lastInventoryMillis: number | undefined
}

export const invocationAgeMillis = 30_000
export const afterResultMillis = 1_000
export const quietMillis = 500
export const urgentMillis = 4 * 60_000
export const latestMillis = 4.5 * 60_000

/** What is left of `span` that began at `since`. */
const left = (since: number, span: number, nowMillis: number): number =>
  since > nowMillis ? 0 : Math.max(0, since + span - nowMillis)

/** 0: now. Otherwise how long to wait before asking again. */
export const inventoryWaitMillis = (facts: InventoryFacts): number => {
  const { lastInventoryMillis, nowMillis, registeredAtMillis } = facts
  const overdue = nowMillis - (lastInventoryMillis ?? registeredAtMillis)
  if (overdue >= latestMillis) return 0
  let wait = left(facts.lastResultMillis, afterResultMillis, nowMillis)
  if (overdue < urgentMillis) {
    for (const since of facts.openSinceMillis) {
      if (left(since, invocationAgeMillis, nowMillis) > 0) wait = Math.max(wait, 250)
    }
  }
  if (facts.unansweredRegisters > 0) wait = Math.max(wait, 100)
  if (lastInventoryMillis === undefined) {
    for (const since of [registeredAtMillis, facts.lastFrameMillis])
      wait = Math.max(wait, left(since, quietMillis, nowMillis))
  }
  return wait
}
