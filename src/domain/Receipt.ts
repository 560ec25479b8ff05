/** How far a delivery got, and how we know. */
import * as Schema from "effect/Schema"

/**
 * Ranked from strongest to weakest (design 7): the turn is over, as the program itself said (headless) · the agent's turn started on screen, or its server took it · its composer emptied · the message's
 * id came back as terminal output · nothing was seen within the window (`unconfirmed`).
 */
export const Evidence = Schema.Literal("turn_completed", "turn_started", "composer_emptied", "echo", "unconfirmed")
export type Evidence = typeof Evidence.Type

/**
 * Why a message is not being typed yet: the first closed gate, in this order (design 7). `held`: the agent is in the mode
 * `manual_flush`; `location_conflict`: the engine says that the agent lives on another node (design 6).
 */
export const WaitingReason = Schema.Literal(
  "dead",
  "location_conflict",
  "held",
  "dialog",
  "human_typing",
  "not_ready",
  "composer_not_empty",
  "busy",
  "no_worker",
  "behind_hole",
  "settling"
)
export type WaitingReason = typeof WaitingReason.Type

/**
 * Why a message was given up. `lost`: its text was neither in memory nor in a store that had lost its database;
 * `program_failed`: a headless program was given it and did not succeed; `refused`: the agent's server does not take it;
 * `inbox_full`: an event outside the mailbox, which the engine does not send again, found no room.
 */
export const DeadReason = Schema.Literal(
  "agent_released",
  "worker_exited",
  "undecodable",
  "pty_write_failed",
  "lost",
  "program_failed",
  "refused",
  "inbox_full"
)
export type DeadReason = typeof DeadReason.Type

/** How messages reach an agent's terminal: as soon as the gates are open, or when somebody lets them go (S 2.6). */
export const DeliveryMode = Schema.Literal("auto_inject", "manual_flush")
export type DeliveryMode = typeof DeliveryMode.Type

/** What became of a message that was handed to a worker. */
export type InjectionOutcome =
  | { readonly _tag: "Submitted"; readonly evidence: Evidence; readonly atMillis: number }
  /** It waits again, for this worker or another one. */
  | { readonly _tag: "NotSubmitted"; readonly reason: DeadReason }
  /** No worker will do better: it becomes a dead letter. */
  | { readonly _tag: "GivenUp"; readonly reason: DeadReason }
