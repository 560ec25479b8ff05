/**
 * A channel: how messages enter one kind of program other than by keys, and how the program itself says that it has them.
 * This is what a family provides; `injection/` drives it, and drives the terminal when a family has none or it is away.
 *
 * A family's channel is asked for twice: `open` before the program is started (ports, sockets, tokens, files, a server that
 * must run first), `attach` once it runs. Both live in the scope of the worker: what they acquire ends with this generation of
 * the agent, also when the broker is killed where the family starts a process of its own (`ChildRecords`).
 *
 * What a family promises:
 * 1. *Nothing is told that the program did not say.* `Taken` comes from the program's own record of a user's message (a hook, an
 *    item, an event), never from a successful write, an HTTP status or a screen.
 * 2. A batch that the program only keeps in a queue is `Queued`; `Taken` follows when its text leaves the queue or its turn
 *    begins. What it gives back unsent is `Returned`. A batch may be told of several times; the first `Taken` counts.
 * 3. Signals are told in the order in which the program gave them, at once, and never block: `tell` returns immediately.
 * 4. Texts and ids of others are told as well: `injection/` finds out whose they are. A family keeps no table of batches unless
 *    its program knows no text.
 * 5. `State` is what the program said last, not a guess from time. A family whose program tells no state tells none.
 * 6. It never answers what the program asks a person (approvals, questions), not even with an error.
 * 7. It survives a program that is silent, slow, wrong or gone: it tells `Absent` with the reason and goes on trying if that is
 *    sensible; a later signal makes it live again. It costs nothing while the program is idle: no polling, no timers.
 * 8. No secret in arguments or logs; tokens and sockets are the agent's own and end with its generation.
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { DeliveryId, MessageId } from "../domain/Ids.ts"
import type { Asking, ChannelName, Proof } from "../domain/Receipt.ts"
import type { ScreenView } from "../pty/ScreenView.ts"
import type { HookPath } from "./Hooks.ts"
import type { Injection, LaunchContext } from "./Launch.ts"

/** Messages that go in together, as one text and one turn. */
export interface Batch {
  /** A fresh UUID for every try: for programs that keep an id of ours with a message. */
  readonly id: string
  readonly messages: ReadonlyArray<{ readonly deliveryId: DeliveryId; readonly messageId: MessageId }>
  /** As it is to reach the model: sanitised, without brackets and without the blank that ends a paste. */
  readonly text: string
}

/** Which message the program speaks of: by our id where it keeps one, else by the text as it has it. */
export type Which = { readonly id: string } | { readonly text: string }

/** What a program does now, in its own words. `what` and `detail` say what it waits for a person to do. */
export type ProgramState =
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Busy" }
  | { readonly _tag: "Asking"; readonly what: Asking; readonly detail?: string }

export type Signal =
  /** A turn of the agent has it. `proof`: how the program said so. */
  | { readonly _tag: "Taken"; readonly which: Which; readonly proof: Proof }
  /** The program has it and will take it by itself, at the latest at the end of its turn. */
  | { readonly _tag: "Queued"; readonly which: Which }
  /** It is not in the program any more, or stands in its composer unsent: ours to send again. */
  | { readonly _tag: "Returned"; readonly which: Which }
  | { readonly _tag: "State"; readonly state: ProgramState }
  /** The session it has, as soon as it says so, and whether it went on with a former one. */
  | { readonly _tag: "Session"; readonly id: string; readonly resumed: boolean }
  /** A session that should go on could not: the program has a fresh one. Said to people. */
  | { readonly _tag: "SessionLost"; readonly id: string; readonly reason: string }
  /** It will tell nothing more, as far as can be known: the terminal's own proof counts again. */
  | { readonly _tag: "Absent"; readonly reason: string }
  /** Nothing but a sign of life. */
  | { readonly _tag: "Sign" }

/** The batch is certainly not in the program: it waits again. */
export class NotTaken extends Schema.TaggedError<NotTaken>()("NotTaken", { reason: Schema.String }) {
  override get message() {
    return `not taken: ${this.reason}`
  }
}

/** It may be in the program: never put in a second time by itself, its proof is waited for. */
export class PutUncertain extends Schema.TaggedError<PutUncertain>()("PutUncertain", { reason: Schema.String }) {
  override get message() {
    return `not known whether it was taken: ${this.reason}`
  }
}

/** Success: it was handed in, and `Taken` will come through the signals. Interruption withdraws what was not handed in yet. */
export type Put = (batch: Batch) => Effect.Effect<void, NotTaken | PutUncertain>

export interface Channel {
  readonly name: ChannelName
  /**
   * Begins a turn; called when the program is idle, or when it queues by itself (`queues`). Absent: pasted into the terminal, behind
   * its gates.
   */
  readonly put?: Put
  /**
   * Into the running turn, without breaking it off. May take until the program comes to a point where it takes it; fails with
   * `NotTaken` when the turn ended before. Absent: through the terminal.
   */
  readonly steer?: Put
  /** Ends the running turn without keys. */
  readonly interrupt?: Effect.Effect<void>
  /**
   * Which of these messages the program's session holds as user's messages: asked after a crash or a restart, for what may have
   * been put in by a former process. `answered: false`: nothing can be said (no session, no record).
   */
  readonly lookup?: (messages: ReadonlyArray<MessageId>) => Effect.Effect<Looked>
}

export interface Looked {
  readonly answered: boolean
  readonly found: ReadonlySet<MessageId>
}

export interface ChannelContext extends LaunchContext {
  /** Where this agent's program may post hooks; undefined: this broker serves no API. */
  readonly hooks: HookPath | undefined
}

/** The program, running. */
export interface Program {
  readonly pid: number
  /** Environment and arguments it was started with. */
  readonly environment: Readonly<Record<string, string>>
  readonly view: () => ScreenView
}

export interface OpenedChannel {
  /** What the launch must say for it: joined to the plan as `LaunchContext.channel`. */
  readonly launch: Injection
  readonly attach: (program: Program, tell: (signal: Signal) => void) => Effect.Effect<Channel, never, Scope.Scope>
}

/** The family is run without its channel: the reason is said (event, `agents`), and its terminal does. */
export class ChannelUnavailable extends Schema.TaggedError<ChannelUnavailable>()("ChannelUnavailable", {
  channel: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `no ${this.channel} channel: ${this.reason}`
  }
}

export interface ChannelRules {
  readonly name: ChannelName
  readonly open: (context: ChannelContext) => Effect.Effect<OpenedChannel, ChannelUnavailable, Scope.Scope>
}

/**
 * Ids of the messages whose relay lines begin a line of this text. No message can bring such a line into its own body:
 * those are marked before they are typed.
 */
export const messageIdsIn = (text: string): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const [, context = ""] of text.matchAll(/^Relay message from [^\n[\]]*\[([^\n[\]]*)\]: /gm)) {
    const id = context
      .replace(/, possible repeat$/, "")
      .split(" / ")
      .at(-1)
    if (id !== undefined && id !== "") ids.add(id)
  }
  return ids
}
