/**
 * What survives the process: deliveries with their states and times, cursors, invocations with their answers, agents
 * with their specs, dead letters. A port: `SqliteStore` keeps it in the state directory, `MemoryStore` is its stand-in.
 *
 * No method fails. A damaged or full database is an alert and a store without memory (`health`): deliveries are then
 * at least once, and never acked for anything that did not happen.
 *
 * Writes are committed together (group commit) in the order of their calls. A method that is documented as *durable*
 * returns when its commit, and so every write before it, is on disk; the others return at once.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentId, AgentName, DeliveryId, InvocationId, MessageId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { Delivery, RelayMessage } from "../domain/Message.ts"
import type { ChannelName, DeadReason, Evidence } from "../domain/Receipt.ts"

/** `typing`: the first byte may have been written. `submitted`: the agent has it. `acked`: the engine was told, or need not be. */
export type DeliveryState = "waiting" | "typing" | "submitted" | "acked" | "dead"

/** One delivery and what happened to it, milliseconds since the epoch. */
export interface DeliveryRecord {
  readonly deliveryId: DeliveryId
  readonly agentId: AgentId
  readonly agent: AgentName
  readonly seq: number
  /** Confirming it moves the agent's cursor. */
  readonly numbered: boolean
  readonly origin: Delivery["origin"]
  readonly messageId: MessageId
  readonly from: string
  readonly target: string
  readonly state: DeliveryState
  /** Dropped some time after the end of a delivery; the record outlives it. */
  readonly message: RelayMessage | undefined
  readonly receivedAtMillis: number
  readonly typingAtMillis: number | undefined
  readonly submittedAtMillis: number | undefined
  readonly evidence: Evidence | undefined
  /** Through what it was proven. */
  readonly channel: ChannelName | undefined
  /** It was put in, and the program did not say that it has it: why. Only of one that is `typing`. */
  readonly unproven: string | undefined
  readonly ackedAtMillis: number | undefined
  readonly deadReason: DeadReason | undefined
}

/** Where an agent's mailbox stands, as the book had it when it was written. */
export interface CursorRecord {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly received: number
  readonly acked: number
}

export interface AgentRecord {
  readonly name: AgentName
  readonly agentId: AgentId | undefined
  readonly generation: number
  readonly spec: AgentSpec
  /** `live` in a store that a stopped broker left: orphaned. */
  readonly state: "live" | "exited" | "released"
  readonly updatedAtMillis: number
}

export interface InvocationRecord {
  readonly invocationId: InvocationId
  readonly action: string
  readonly openedAtMillis: number
  /** Undefined while it is open. */
  readonly answer: { readonly output: Json } | { readonly error: string } | undefined
}

/** An agent that is to be taken back at the engine: what was registered there for it is not wanted any more. */
export interface UndoRecord {
  readonly name: AgentName
  /** Undefined when its registration was never answered. */
  readonly agentId: AgentId | undefined
  readonly sinceMillis: number
}

export interface DeadLetterRecord {
  readonly deliveryId: DeliveryId
  readonly agent: AgentName
  readonly agentId: AgentId
  readonly messageId: MessageId | undefined
  readonly seq: number
  readonly reason: DeadReason
  readonly atMillis: number
  /** Undefined for a frame that could not be read. */
  readonly message: RelayMessage | undefined
  /** The frame as it came, for one that could not be read. */
  readonly raw: string | undefined
  /** The delivery that it was sent again as. */
  readonly redeliveredAs: DeliveryId | undefined
}

/** An agent's process that ended by a signal, or with an exit code other than 0, while nobody asked it to. */
export interface CrashRecord {
  readonly agent: AgentName
  readonly exitCode: number | null
  /** Signal number. */
  readonly signal: number | null
  readonly atMillis: number
  readonly uptimeMillis: number
}
/** One time that an alert was raised: the same code, subject and beginning is the same time. */
export interface AlertRecord {
  readonly code: string
  readonly subject: string
  readonly sinceMillis: number
  readonly lastMillis: number
  readonly count: number
  readonly message: string
  /** Undefined while it is raised. */
  readonly ended: { readonly atMillis: number; readonly how: AlertEnd } | undefined
}
export type AlertEnd = "resolved" | "expired" | "stale" | "crowded_out"

/** Everything a starting broker needs. */
export interface StoredState {
  /** `waiting` and `typing` in order of arrival, without their messages when there are many: see `message`. */
  readonly open: ReadonlyArray<DeliveryRecord>
  /** Submitted and not acked, in order. */
  readonly submitted: ReadonlyArray<DeliveryRecord>
  readonly cursors: ReadonlyArray<CursorRecord>
  /** The latest delivery ids per agent (at least 1,024), oldest first: what a replay may bring again. */
  readonly recent: ReadonlyArray<{ readonly agentId: AgentId; readonly deliveryId: DeliveryId; readonly seq: number }>
  readonly agents: ReadonlyArray<AgentRecord>
  readonly invocations: ReadonlyArray<InvocationRecord>
  /** Oldest first. */
  readonly undos: ReadonlyArray<UndoRecord>
}

export type StoreHealth =
  | { readonly _tag: "Ok" }
  /** Runs on without memory since then; why. */
  | { readonly _tag: "Degraded"; readonly reason: string; readonly sinceMillis: number }

export class Store extends Context.Tag("relay-broker/store/Store")<
  Store,
  {
    readonly load: Effect.Effect<StoredState>
    readonly health: Effect.Effect<StoreHealth>

    /** A delivery came in. */
    readonly received: (
      delivery: Delivery,
      o: { readonly numbered: boolean; readonly atMillis: number }
    ) => Effect.Effect<void>
    /**
     * The first byte is written after this. The death of the broker loses it no more, a power cut in the moment after it
     * may: a message that waits for the disk would come late, and what is lost is a mark, not a message.
     */
    readonly typing: (deliveryIds: ReadonlyArray<DeliveryId>, atMillis: number) => Effect.Effect<void>
    /** It was not written after all (the worker gave it back untouched). */
    readonly waiting: (deliveryIds: ReadonlyArray<DeliveryId>) => Effect.Effect<void>
    /** Durable. The ack leaves after this. */
    readonly submitted: (o: {
      readonly deliveryId: DeliveryId
      readonly evidence: Evidence
      readonly channel: ChannelName
      readonly atMillis: number
    }) => Effect.Effect<void>
    /** It was put in and is not proven. Ended by `typing`, `waiting` or `submitted`. */
    readonly unproven: (deliveryId: DeliveryId, reason: string) => Effect.Effect<void>
    /** The engine was told: all numbered deliveries of the agent up to here. Also sets the cursor. */
    readonly acked: (cursor: CursorRecord, atMillis: number) => Effect.Effect<void>
    /** The book moved on without an ack. */
    readonly cursor: (cursor: CursorRecord) => Effect.Effect<void>
    /** Durable. Takes the delivery out of the inbox when it was in it. */
    readonly buried: (letter: DeadLetterRecord) => Effect.Effect<void>
    /** The body of an open delivery that was not kept in memory. */
    readonly message: (deliveryId: DeliveryId) => Effect.Effect<Option.Option<RelayMessage>>
    /** By delivery id, or all deliveries of a message id; newest first. */
    readonly find: (id: string) => Effect.Effect<ReadonlyArray<DeliveryRecord>>
    /** Newest first. */
    readonly recentDeliveries: (o: {
      readonly agent: string | undefined
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<DeliveryRecord>>

    /** Newest first; capped by count and age when written. */
    readonly deadLetters: Effect.Effect<ReadonlyArray<DeadLetterRecord>>
    readonly deadLetter: (deliveryId: string) => Effect.Effect<Option.Option<DeadLetterRecord>>
    readonly redelivered: (o: { readonly deliveryId: DeliveryId; readonly as: DeliveryId }) => Effect.Effect<void>
    /** One, or all; how many there were. */
    readonly purgeDeadLetters: (deliveryId: string | undefined) => Effect.Effect<number>

    readonly agent: (record: AgentRecord) => Effect.Effect<void>
    /** The latest record of a name, live or not, for as long as it is kept (30 days). */
    readonly findAgent: (name: string) => Effect.Effect<Option.Option<AgentRecord>>

    /** Durable: a restarted broker must not run it a second time. */
    readonly invocationOpened: (o: {
      readonly invocationId: InvocationId
      readonly action: string
      readonly atMillis: number
    }) => Effect.Effect<void>
    /** Durable. */
    readonly invocationAnswered: (o: {
      readonly invocationId: InvocationId
      readonly answer: { readonly output: Json } | { readonly error: string }
      readonly atMillis: number
    }) => Effect.Effect<void>

    /** Taken away by the engine before anything came of it: if it comes again, it is a new one. */
    readonly invocationForgotten: (invocationId: InvocationId) => Effect.Effect<void>

    /** Kept until `undone`, one per name: the latest. */
    readonly undoOwed: (record: UndoRecord) => Effect.Effect<void>
    readonly undone: (name: AgentName) => Effect.Effect<void>
    /** Oldest first, of this and former runs; the latest 500. */
    readonly crashes: Effect.Effect<ReadonlyArray<CrashRecord>>
    readonly crashed: (record: CrashRecord) => Effect.Effect<void>
    /** Written, or written anew. */
    readonly alert: (record: AlertRecord) => Effect.Effect<void>
    /** All that are raised, and the latest that ended; oldest first. */
    readonly alerts: Effect.Effect<ReadonlyArray<AlertRecord>>

    /** No later run gives these numbers to events again; 0 at first. What is reserved counts as given. */
    readonly lastEventNumber: Effect.Effect<number>
    /** Durable. The last one said counts, also when it is lower: a run that ends gives back what it did not use. */
    readonly eventsNumbered: (upTo: number) => Effect.Effect<void>

    /** Completes when every write so far is on disk, or the store is degraded. */
    readonly flush: Effect.Effect<void>
  }
>() {}
