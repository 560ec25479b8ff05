/**
 * From a `deliver` frame to an ack: asks the book what a frame is, keeps the inbox of each agent, hands
 * messages to workers in order, and acks what the agent has. Local sends and initial tasks take the same path.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { QueueFull, UnknownDeadLetter, UnknownWorker } from "../domain/Errors.ts"
import type { AgentId, AgentName, DeliveryId, MessageId } from "../domain/Ids.ts"
import type { InjectionMode, RelayMessage } from "../domain/Message.ts"
import type { DeliveryMode, WaitingReason } from "../domain/Receipt.ts"
import type { Posted } from "../engine/EngineApi.ts"
import type { Worker } from "../injection/Worker.ts"
import type { NodeFrame } from "../node/NodeControl.ts"
import type { DeadLetterRecord, DeliveryRecord } from "../store/Store.ts"
import type { HeldMessage, ModeChange } from "./Holding.ts"
import type { Post } from "./SentHere.ts"

export interface PendingDelivery {
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly agent: AgentName
  readonly agentId: AgentId
  readonly from: string
  readonly target: string
  readonly seq: number
  readonly receivedAtMillis: number
  /** `handed`: the worker has it, queued or being typed. */
  readonly state: "waiting" | "handed"
  /** Why it is not being typed: the worker's first closed gate, or that there is no worker. */
  readonly waiting: WaitingReason | undefined
}

/** Everything known of one delivery, each step with its time. */
export interface DeliveryTrace {
  readonly record: DeliveryRecord
  readonly waiting: WaitingReason | undefined
}

export interface AgentMailbox {
  readonly agent: AgentName
  readonly agentId: AgentId
  /** Highest number up to which everything was surfaced. */
  readonly received: number
  /** End of the contiguous confirmed run: what may be acked. */
  readonly confirmed: number
  readonly acked: number
  readonly waiting: number
  /** Held behind a hole, or until the baseline is known. */
  readonly held: number
  readonly hosted: boolean
}

/** Where messages went since the start, by hop and reason. Readable whatever is wedged. */
export interface DeliveryCounters {
  readonly [counter: string]: number
}

export interface LocalSend {
  readonly to: Worker
  /** The initial task goes before everything else that waits and shows no workspace. */
  readonly origin: "local" | "initial_task"
  readonly messageId: MessageId
  readonly from: string
  /** `#channel`, or the recipient's name. */
  readonly target: string
  readonly text: string
  readonly mode: InjectionMode
  readonly threadId: string | undefined
  readonly priority: number | undefined
}

/** What the agent's identity at the engine says about its mailbox. */
export interface AgentRegistered {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly ackedSeq: number | undefined
}

export class Deliveries extends Context.Tag("relay-broker/delivery/Deliveries")<
  Deliveries,
  {
    /** Every frame of the node session, in order; never blocks. `Invoke` frames are not its business. */
    readonly observe: (frame: Exclude<NodeFrame, { _tag: "Invoke" }>) => Effect.Effect<void>
    /** The engine gave `name` this id; before the worker starts. */
    readonly agentRegistered: (o: AgentRegistered) => Effect.Effect<void>
    /** The spawn came to nothing: what arrived meanwhile waits unacked, as for any agent that is not here. */
    readonly agentUndone: (agentId: AgentId) => Effect.Effect<void>
    /** A worker lives under this id: its waiting messages go to it, in order. */
    readonly workerStarted: (worker: Worker) => Effect.Effect<void>
    /** The worker ended while the broker goes on: what waits becomes dead letters, is confirmed and acked. Returns their number. */
    readonly workerGone: (o: {
      readonly worker: Worker
      readonly reason: "agent_released" | "worker_exited"
    }) => Effect.Effect<number>
    /** The worker ended and will be followed by another generation: what waits, waits for that one. */
    readonly workerRestarting: (worker: Worker) => Effect.Effect<void>
    /** An agent without a worker is released: as `workerGone`. */
    readonly agentReleased: (o: { readonly agentId: AgentId; readonly name: AgentName }) => Effect.Effect<number>
    /** Publishes `relay_inbound`, once per message however many agents get it. `elsewhere`: not in the default workspace. */
    readonly announce: (
      message: RelayMessage,
      elsewhere?: { readonly workspaceId: string; readonly alias?: string }
    ) => Effect.Effect<void>
    /** Runs a post to the engine, whose copies for agents here are completed with what the engine does not carry of it. */
    readonly posting: <E>(post: Post, call: Effect.Effect<Posted, E>) => Effect.Effect<Posted, E>
    /** Returns when it is on disk, which its typing does not wait for. */
    readonly sendLocal: (o: LocalSend) => Effect.Effect<DeliveryId, QueueFull | UnknownWorker>
    /** Waiting or being typed, oldest first per agent. */
    readonly pending: Effect.Effect<ReadonlyArray<PendingDelivery>>
    readonly mailboxes: Effect.Effect<ReadonlyArray<AgentMailbox>>
    readonly counters: Effect.Effect<DeliveryCounters>
    /** By delivery id, or all deliveries of a message id; newest first. */
    readonly trace: (id: string) => Effect.Effect<ReadonlyArray<DeliveryTrace>>
    readonly recent: (o: {
      readonly agent: string | undefined
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<DeliveryTrace>>
    /** Changes how messages reach the agent; from `manual_flush` to `auto_inject` lets go all that is held. */
    readonly setMode: (worker: Worker, mode: DeliveryMode) => Effect.Effect<ModeChange>
    /** What is held for the agent, in order; empty in `auto_inject`. */
    readonly held: (worker: Worker) => Effect.Effect<ReadonlyArray<HeldMessage>>
    /** Lets go what is held now, without a change of mode; gives how many. */
    readonly flush: (worker: Worker) => Effect.Effect<number>
    /** Newest first. */
    readonly deadLetters: Effect.Effect<ReadonlyArray<DeadLetterRecord>>
    /**
     * A person's word for a message that was put in and is not proven: it counts as had, or is put in again. False: no such
     * message is unproven here.
     */
    readonly settle: (deliveryId: string, how: "confirm" | "retry") => Effect.Effect<boolean>
    /** Sends a dead letter again, as a new delivery, to the live worker of its agent's name. */
    readonly redeliver: (deliveryId: string) => Effect.Effect<DeliveryId, UnknownDeadLetter | UnknownWorker | QueueFull>
    /** One, or all; how many there were. */
    readonly purgeDeadLetters: (deliveryId: string | undefined) => Effect.Effect<number>
    /** From now on nothing more is handed to workers (shutdown). */
    readonly stopTyping: Effect.Effect<void>
    /** Completes when every withheld ack that may go has gone, or the link is away. */
    readonly flushAcks: Effect.Effect<void>
  }
>() {}
