/**
 * What every `deliver` frame means and how far each agent may be acked: the rules of `docs/delivery.md` as functions over data.
 * No I/O and no clock; the service `Deliveries` owns both.
 *
 * Invariants, per agent id:
 *  1. `acked` ≤ `confirmedEnd` ≤ `received`; all three only grow. An ack never exceeds `confirmedEnd`.
 *  2. `confirmedEnd` is the end of the run, from the baseline on, of numbers that were surfaced and confirmed or proved not to exist.
 *  3. An arrival is surfaced at most once: `delivery_id` decides what is a duplicate, never the number.
 *  4. Numbered arrivals are surfaced in the order of their numbers; what lies beyond a hole is held.
 *  5. A hole is closed only by a replay that began after the frame beyond it was held and that brought that frame again and
 *     not the missing one, or brought neither before nothing of any agent came for `replayQuietMillis` (the engine has
 *     dropped both).
 *     Only a replay that began while the agent was here counts: of an agent that is away the engine sends nothing to this node.
 *  6. A refused arrival (no room) is neither surfaced nor remembered as seen, and its number is never taken for a hole in the same replay.
 *     What comes after it in that replay is refused as well: both are brought by the next one, and what waits for the first takes no room.
 *  7. `seq: 0` moves nothing.
 *  8. Acks carry a name: only the id that owns the name now is acked; after a change of id the first ack waits `identityGraceMillis`.
 */

export { ackSent, confirm, type DueAck, dueAcks, graceFrom, roomAgain } from "./book/Acking.ts"
export { type ObserveOptions, observe } from "./book/Observing.ts"
export { hasOpenHole, nextTickMillis, replayStarts, sessionLost, tick } from "./book/Passing.ts"
export { forget, left, type Restored, registered, restore, returned } from "./book/Presence.ts"
export {
  type AgentBook,
  type Arrival,
  agentOf,
  all,
  type Decision,
  type DeliveryBook,
  empty,
  heldArrivals,
  heldBack,
  heldLimit,
  identityGraceMillis,
  longestReplayMillis,
  longestSettleMillis,
  ownerOf,
  rememberedDeliveries,
  rememberedEvents,
  replayQuietMillis,
  type Step,
  settleQuietMillis
} from "./book/State.ts"
