/**
 * The node session with the engine: connect, register, heartbeat, requests and their replies, inventory, reconnect.
 * Frames for agents travel through one queue, `frames`, to one consumer that never blocks.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Mailbox from "effect/Mailbox"
import type {
  AgentLocationConflict,
  ConfigInvalid,
  LinkLost,
  NodeRequestRefused,
  NodeRequestTimeout
} from "../domain/Errors.ts"
import type { AgentId, AgentName, InvocationId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { AgentToken } from "../engine/EngineApi.ts"
import type { ActionInvoke, Deliver, Inbound } from "../wire/Inbound.ts"
import type { Capability } from "../wire/Outbound.ts"
import type { SessionTransition } from "./SessionMachine.ts"
import type { SessionState } from "./SessionState.ts"

/** What the consumer of `frames` sees, in the order in which the socket saw it. */
export type NodeFrame =
  | { readonly _tag: "Deliver"; readonly frame: Deliver; readonly session: number; readonly atMillis: number }
  | {
      readonly _tag: "Undecodable"
      readonly frame: Extract<Inbound, { _tag: "UndecodableDeliver" }>
      readonly session: number
    }
  | {
      readonly _tag: "Invoke"
      readonly frame: ActionInvoke
      readonly session: number
      readonly atMillis: number
      /** The engine had it queued before this process ever registered: it may speak of a former process's agents. */
      readonly stale: boolean
    }
  /** A reply that makes the engine replay unacked messages of the whole node: the copies come after this. */
  | {
      readonly _tag: "ReplayStarts"
      readonly trigger: "node.register" | "agent.register" | "inventory.sync"
      readonly session: number
      readonly atMillis: number
    }
  | { readonly _tag: "SessionReady"; readonly session: number; readonly atMillis: number }
  | { readonly _tag: "SessionLost"; readonly session: number; readonly reason: string }
  /** The engine says that a live agent of this node is active on another one, or no longer: not typed to meanwhile. */
  | { readonly _tag: "AgentPlace"; readonly agent: AgentName; readonly elsewhere: boolean }

export interface RegisterAgent {
  readonly name: AgentName
  readonly invocationId?: InvocationId
  readonly sessionRef?: string
  readonly resumable?: boolean
}

/** An `agent.register` succeeded after its caller had left. */
export interface LateRegistration {
  readonly name: AgentName
  readonly agentId: AgentId
}

export interface RegisteredOverNode {
  readonly agentId: AgentId
  readonly token: AgentToken
  /** The engine's ack cursor, from engines that tell it. */
  readonly ackedSeq: number | undefined
}

export type RequestError = LinkLost | NodeRequestRefused | NodeRequestTimeout

/** What this node offers; what is left out stays as it was. */
export interface Manifest {
  /** `spawn:<cli>` and own action names. Empty: the bootstrap, and `handlers_live` is false. */
  readonly capabilities: ReadonlyArray<Capability>
  /** 0: unlimited. */
  readonly maxAgents?: number
  readonly tags?: ReadonlyArray<string>
}

export interface NodeSessionView {
  readonly state: SessionState
  /** Since when it is in this state. */
  readonly sinceMillis: number
  /** Attempts since the last accepted register; 0 while ready. */
  readonly attempt: number
  /** Node tokens refused in a row. */
  readonly rejections: number
  /** The last transitions, oldest first. */
  readonly history: ReadonlyArray<SessionTransition>
  /** How often an attempt or a session ended, by `WaitReason`. */
  readonly lost: { readonly [reason: string]: number }
  /** Names of the declared capabilities. */
  readonly capabilities: ReadonlyArray<string>
  readonly nodeId: string
  readonly nodeName: string
  /** Sessions accepted by the engine since the start. */
  readonly sessions: number
  readonly framesIn: { readonly [type: string]: number }
  readonly framesOut: { readonly [type: string]: number }
  readonly malformedFrames: number
}

export class NodeControl extends Context.Tag("relay-broker/node/NodeControl")<
  NodeControl,
  {
    readonly frames: Mailbox.ReadonlyMailbox<NodeFrame>
    /** For the one consumer that knows which registrations are wanted. */
    readonly lateRegistrations: Mailbox.ReadonlyMailbox<LateRegistration>
    readonly view: Effect.Effect<NodeSessionView>
    /** Waits for a ready session; fails with `LinkLost` after `withinMillis`. */
    readonly awaitReady: (withinMillis: number) => Effect.Effect<void, LinkLost>
    /** `agent_location_conflict` is told apart, because it must never lead to another path. A late success whose caller left comes through `lateRegistrations`. */
    readonly registerAgent: (
      o: RegisterAgent
    ) => Effect.Effect<RegisteredOverNode, RequestError | AgentLocationConflict>
    /** Unanswered in 5.x: succeeds when the frame left. */
    readonly deregisterAgent: (o: {
      readonly agentId: AgentId
      readonly name: AgentName
    }) => Effect.Effect<void, LinkLost>
    /**
     * Acks carry a name only. *Later*: the name is being registered, and may be another identity's when the ack arrives.
     * *Never*: it is.
     */
    readonly ack: (o: {
      readonly agent: AgentName
      readonly agentId: AgentId
      readonly upToSeq: number
    }) => Effect.Effect<"sent" | "later" | "never", LinkLost>
    /** Does what registers a name, over the node or otherwise: no ack leaves under it until its identity is known. */
    readonly naming: <A extends { readonly agentId: AgentId }, E, R>(
      name: AgentName,
      register: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E, R>
    readonly result: (
      o: { readonly invocationId: InvocationId } & ({ readonly output: Json } | { readonly error: string })
    ) => Effect.Effect<void, LinkLost>
    /** Asks the engine to replay unacked messages, by whichever trigger is safe now; at most once per 10 s. False: not now. */
    readonly requestReplay: Effect.Effect<boolean>
    /** An invocation is being handled: no inventory meanwhile. */
    readonly invocationOpened: (id: InvocationId) => Effect.Effect<void>
    readonly invocationClosed: (id: InvocationId) => Effect.Effect<void>
    /** Sends a heartbeat now: the load changed. */
    readonly beat: Effect.Effect<void>
    /**
     * Registers again with this manifest, which also holds for every later session; without a session the next one says it.
     * `ConfigInvalid`: a bare `spawn` or `release`. `NodeRequestRefused`: the engine refused it, the former one stays.
     */
    readonly declare: (manifest: Manifest) => Effect.Effect<void, ConfigInvalid | NodeRequestRefused>
    /** Ends the session or the wait and begins a new attempt at once; `why` is what logs and history say. */
    readonly reconnect: (why: string) => Effect.Effect<void>
    /** No free capacity from now on, over every reconnect; heartbeats go on. `untilMillis` is only shown. */
    readonly drain: (untilMillis: number) => Effect.Effect<void>
    /** Leaves: `node.deregister`, close 1000, no reconnect. Bounded by 2 s. */
    readonly stop: Effect.Effect<void>
  }
>() {}
