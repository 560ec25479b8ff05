/** How far a delivery got, and how we know. */
import * as Schema from "effect/Schema"

/**
 * Through what a message went in and was proven: the program's own server (`app_server`: codex, `server`: opencode and what is
 * spoken to over HTTP), its hooks, what the terminal of a known program shows (`screen`), the terminal of any other program
 * (`terminal`), a run for one message (`headless`), a person.
 */
export const ChannelName = Schema.Literal("app_server", "server", "hooks", "screen", "terminal", "headless", "person")
export type ChannelName = typeof ChannelName.Type

/** What the program itself can say of a message; in the order of strength. */
export const Proof = Schema.Literal("taken_with_id", "taken_with_text")
export type Proof = typeof Proof.Type

/**
 * How we know that an agent has a message:
 * - `taken_with_id`, `taken_with_text`: the program's own record of a user's message has our id, or our text
 * - `looked_up`: its session held the message when it was looked for after a crash
 * - `turn_completed`: the program was run with it and succeeded
 * - `turn_started`: its text stood in the composer, then the composer was empty and a turn ran that did not run before
 * - `composer_emptied`: the same, while a turn ran already
 * - `in_transcript`: the same, and no turn was seen to run, but the text stands in the program's conversation
 * - `confirmed`: a person said so
 * - `echo`: the program, not the kernel, printed the message's id
 * - `unconfirmed`: nothing was seen; for programs of no known family only
 */
export const Evidence = Schema.Literal(
  "taken_with_id",
  "taken_with_text",
  "looked_up",
  "turn_completed",
  "turn_started",
  "composer_emptied",
  "in_transcript",
  "confirmed",
  "echo",
  "unconfirmed"
)
export type Evidence = typeof Evidence.Type

/** What a program waits for a person to do. `screen`: it shows something else than its composer, and nothing more is known. */
export const Asking = Schema.Literal(
  "login",
  "trust",
  "permission",
  "question",
  "menu",
  "update",
  "transcript",
  "search",
  "shell_mode",
  "notice",
  "screen"
)
export type Asking = typeof Asking.Type

/**
 * Why a message is not put in yet: the first closed gate, in this order. `held`: the agent is in the mode `manual_flush`;
 * `location_conflict`: the engine says that the agent lives on another node; `asking`: the program waits for a person;
 * `unproven`: a message before it was put in, and the program did not say that it has it.
 */
export const WaitingReason = Schema.Literal(
  "dead",
  "location_conflict",
  "held",
  "asking",
  "human_typing",
  "not_ready",
  "composer_not_empty",
  "busy",
  "unproven",
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

/** How messages reach an agent's terminal: as soon as the gates are open, or when somebody lets them go. */
export const DeliveryMode = Schema.Literal("auto_inject", "manual_flush")
export type DeliveryMode = typeof DeliveryMode.Type

/** What became of a message that was handed to a worker. */
export type InjectionOutcome =
  | {
      readonly _tag: "Submitted"
      readonly evidence: Evidence
      readonly channel: ChannelName
      readonly atMillis: number
    }
  /** It waits again, for this worker or another one. */
  | { readonly _tag: "NotSubmitted"; readonly reason: DeadReason }
  /** No worker will do better: it becomes a dead letter. */
  | { readonly _tag: "GivenUp"; readonly reason: DeadReason }
