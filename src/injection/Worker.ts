/** One agent's process here, from start to exit: what the rest of the broker may know of it and do to it. */
import type * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { PtyBacklogFull, PtyClosed, QueueFull, UnknownWorker } from "../domain/Errors.ts"
import type { AgentId, AgentName, DeliveryId, Generation, MessageId } from "../domain/Ids.ts"
import type { Delivery } from "../domain/Message.ts"
import type { Asking, DeadReason, DeliveryMode, InjectionOutcome, WaitingReason } from "../domain/Receipt.ts"
import type { Runtime } from "../events/Event.ts"
import type { Looked } from "../harness/Channel.ts"
import type { Snapshot, SnapshotFormat } from "../pty/Snapshot.ts"
import type { ChannelStatus } from "./ChannelLink.ts"

/** `starting` until the program shows that it takes input (`ready`); `blocked` while it asks something before that. */
export type Readiness = "starting" | "blocked" | "ready"

/** What the program waits for a person to do, and the last of what its terminal shows. */
export interface AskingNow {
  readonly what: Asking
  readonly detail: string | undefined
  readonly lines: ReadonlyArray<string>
}

export interface WorkerStatus {
  readonly readiness: Readiness
  /** `current_state` of the API. */
  readonly currentState: "working" | "idle" | "blocked_on_send"
  readonly lastActivityMillis: number
  /** Messages handed over and not finished, the one being typed included. */
  readonly queued: number
  /** The first closed gate while something is queued. */
  readonly waiting: WaitingReason | undefined
  readonly asking: AskingNow | undefined
  readonly channel: ChannelStatus
}

export interface WorkerExit {
  /** The program's own exit code; null when a signal ended it. */
  readonly exitCode: number | null
  /** Signal number; null when it ended by itself. */
  readonly signal: number | null
  /** `child_exited`: by itself; `released`: we ended it; `shutdown`: the broker stops. */
  readonly reason: "child_exited" | "released" | "shutdown"
  readonly lastOutput: string
  /** The last of what its terminal showed. */
  readonly lastLines: ReadonlyArray<string>
}

/** What becomes of the messages that still wait when a worker ends. */
export const deadReasonOf = {
  child_exited: "worker_exited",
  released: "agent_released",
  shutdown: "shutdown"
} as const satisfies Record<WorkerExit["reason"], DeadReason | "shutdown">

/**
 * A message on its way to the program. The hooks run in the worker's fiber, in order, exactly once each at most: at a
 * `shutdown` an unfinished item gets no outcome, because its row stays for the next run.
 */
export interface InjectionItem {
  readonly delivery: Delivery
  /** It may have been typed into this session before a crash: its relay line says so. */
  readonly possibleRepeat?: boolean
  /** Before the first byte is written; the durable `typing` mark belongs here. */
  readonly onTyping: Effect.Effect<void>
  /** It was put in, and the program did not say that it has it: the durable mark belongs here. An outcome may follow. */
  readonly onUnproven?: (reason: string) => Effect.Effect<void>
  readonly onOutcome: (outcome: InjectionOutcome) => Effect.Effect<void>
}

/** A message that waits in the terminal's queue for somebody to let it go (`manual_flush`). */
export interface HeldItem {
  readonly delivery: Delivery
  readonly queuedAtMillis: number
}

export interface Worker {
  readonly name: AgentName
  readonly generation: Generation
  /** The engine identity it was started under; undefined only for an agent the engine does not know. */
  readonly agentId: AgentId | undefined
  /** As it was given, with the session that its program has now, as far as that is known. */
  readonly spec: AgentSpec
  readonly runtime: Runtime
  /** Of a headless one: `claude`, `opencode` or the protocol of its server. */
  readonly provider: string | undefined
  /** The program's pid; undefined while a headless one has no program of ours. */
  readonly pid: number | undefined
  readonly startedAtMillis: number
  /** Its program goes on with a session of a former process, rather than with a fresh one. */
  readonly resumed: boolean
  readonly logPath: string | undefined
  readonly status: Effect.Effect<WorkerStatus>
  /** Queues a message; `steer` overtakes waiting `wait` messages. The outcome comes through the item. */
  readonly submit: (item: InjectionItem) => Effect.Effect<void, QueueFull | UnknownWorker>
  /** A person's word for a message that is unproven: it counts as had, or is put in again. False: it is not unproven here. */
  readonly settle: (deliveryId: DeliveryId, how: "confirm" | "retry") => Effect.Effect<boolean>
  /** Which of these messages the program's session holds, put in by a former process. */
  readonly lookup: (messages: ReadonlyArray<MessageId>) => Effect.Effect<Looked>
  /**
   * Raw keystrokes; in order, never between the body of a message and its Enter. `human`: a person typed them, and nothing
   * is injected for 2 s after the last one.
   */
  readonly write: (
    data: string,
    options?: { readonly human?: boolean }
  ) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  readonly mode: Effect.Effect<DeliveryMode>
  /**
   * Changes the mode and publishes the change; from `manual_flush` to `auto_inject` lets go what is held. `behind`: messages
   * that wait for this agent and are not in the queue yet (`Deliveries` knows). Gives the mode before and how many were let go.
   */
  readonly setMode: (
    mode: DeliveryMode,
    behind?: number
  ) => Effect.Effect<{ readonly previous: DeliveryMode; readonly flushed: number }>
  /** What is held, in the order in which it will be typed; empty in `auto_inject`. */
  readonly pending: Effect.Effect<ReadonlyArray<HeldItem>>
  /** Lets go what is held now, and `behind` more, without a change of mode; gives how many. */
  readonly flush: (behind?: number) => Effect.Effect<number>
  /** Nothing more is typed until `resume`; what waits keeps waiting. Idempotent. */
  readonly hold: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** What its terminal shows, and how much of its output that is. */
  readonly snapshot: (format: SnapshotFormat) => Effect.Effect<Snapshot>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  /** What it is subscribed to here: the channels of its spec, and what was changed since; as given, without duplicates. */
  readonly channels: Effect.Effect<ReadonlyArray<string>>
  readonly setChannels: (channels: ReadonlyArray<string>) => Effect.Effect<void>
  /** The model it was last told to use. */
  readonly model: Effect.Effect<string | undefined>
  /** Types `/model <model>` and Enter between two messages, once the gates before typing are open, and remembers the model. */
  readonly setModel: (model: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** Resolves once the last output was read, the log is complete and nothing more will be typed. */
  readonly exit: Effect.Effect<WorkerExit>
  /** Nothing more is typed for good, as before `end("released")`; completes when unfinished items have got their `NotSubmitted`. */
  readonly silence: Effect.Effect<void>
  /**
   * When released: the keys with which the program ends itself, and a second for that. Then SIGTERM to the process group,
   * SIGKILL after 2 s; resolves with `exit`, when released not before its other processes are gone. Idempotent; the first
   * reason counts.
   */
  readonly end: (reason: "released" | "shutdown") => Effect.Effect<WorkerExit>
}
