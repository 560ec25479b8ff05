/**
 * The engine's state as plain mutable records, and the `Core` that every subject file works on. Nothing in here or on
 * top of it suspends: one frame, one HTTP request or one sweep is handled from beginning to end before the next.
 */
import * as Data from "effect/Data"
import type { Capability } from "../../wire/Outbound.ts"
import type { Faults } from "./Faults.ts"
import type { Ids } from "./Ids.ts"
import type { Recorder } from "./Observations.ts"

export type Fields = { readonly [key: string]: unknown }

/** The engine says no. Thrown inside the synchronous core, translated at its doors: an HTTP answer, an `error` frame, a failed command. */
export class Refused extends Data.TaggedError("FakeEngineRefused")<{
  readonly status: number
  readonly code: string
  readonly reason: string
}> {
  override get message() {
    return `${this.code} (HTTP ${this.status}): ${this.reason}`
  }
}

/** A declaration, because only that lets the checker know that nothing comes after it. */
export function refuse(status: number, code: string, reason: string): never {
  throw new Refused({ status, code, reason })
}

export type AgentStatus = "active" | "idle" | "blocked" | "waiting" | "offline" | "online"
export type Mode = "wait" | "steer"

export interface Workspace {
  readonly id: string
  readonly name: string
  key: string
  readonly createdAt: number
  readonly agents: Map<string, Agent>
  readonly agentsById: Map<string, Agent>
  readonly nodes: Map<string, EngineNode>
  readonly channels: Map<string, Channel>
  /** Conversations of two agents, by `dm_…` id; not listed as channels. */
  readonly conversations: Map<string, Channel>
  readonly messages: Map<string, Message>
  readonly actions: Map<string, Action>
  readonly invocations: Map<string, Invocation>
  readonly idempotency: Map<string, { readonly print: string; readonly expiresAt: number; readonly answer: Answer }>
}

export interface Agent {
  readonly id: string
  readonly workspace: Workspace
  readonly name: string
  readonly type: string
  persona: string | null
  metadata: Fields
  readonly capabilities: Fields | null
  status: AgentStatus
  token: string
  readonly createdAt: number
  lastSeen: number
  /** When an HTTP call last refreshed the status; at most every 30 s. */
  lastRefresh: number
  /** Where its messages go, connected or not. */
  location: EngineNode
  /** Its implicit node, made when first needed. */
  direct: EngineNode | undefined
  binding: Binding | undefined
  readonly mailbox: MailboxState
}

export type RowState = "queued" | "delivered" | "acked" | "failed" | "dead_lettered"

export interface Row {
  readonly deliveryId: string
  readonly seq: number
  readonly message: Message
  readonly payloadType: "message.created" | "thread.reply" | "dm.received"
  state: RowState
  readonly createdAt: number
  expiresAt: number
  deliveredAt: number | undefined
  ackedAt: number | undefined
  error: string | undefined
}

export interface MailboxState {
  readonly rows: Array<Row>
  /** Rows that are queued or delivered, by delivery id, in order of insertion. */
  readonly open: Map<string, Row>
  nextSeq: number
  /** `delivery_ack_seq`. */
  cursor: number
}

export interface Binding {
  readonly id: string
  readonly agent: Agent
  readonly node: EngineNode
  sessionRef: string | null
  priority: number
  readonly createdAt: number
  updatedAt: number
}

export interface EngineNode {
  readonly id: string
  readonly workspace: Workspace
  name: string
  kind: string
  role: string
  delivery: Fields | null
  capabilities: ReadonlyArray<Capability>
  tags: ReadonlyArray<string>
  version: string
  status: "online" | "offline"
  handlersLive: boolean
  load: number
  /** The engine's own count, overwritten by each heartbeat. */
  activeAgents: number
  /** Slots held for spawns that are on their way. */
  reserved: number
  maxAgents: number
  lastHeartbeatAt: number | undefined
  readonly createdAt: number
  token: string
  socket: NodeSocket | undefined
  /** Invocations that wait for a socket; in memory only, at most 100. */
  readonly queue: Array<Invocation>
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly kind: "channel" | "dm"
  /** `dm_…`, conversations only. */
  readonly conversationId: string | undefined
  topic: string | null
  metadata: Fields
  readonly createdBy: string | null
  readonly createdAt: number
  readonly members: Map<string, { readonly agent: Agent; readonly role: "owner" | "member"; readonly joinedAt: number }>
  readonly messages: Array<Message>
}

export interface Message {
  readonly id: string
  readonly channel: Channel
  readonly from: Agent
  readonly text: string
  readonly blocks: unknown
  readonly metadata: Fields
  readonly mode: Mode
  readonly threadId: string | null
  readonly createdAt: number
  replyCount: number
  readonly reactions: Map<string, Map<string, string>>
  readonly readBy: Map<string, { readonly agent: Agent; readonly readAt: number }>
}

export interface Action {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly agent: Agent | undefined
  readonly node: EngineNode | undefined
  readonly inputSchema: unknown
  readonly outputSchema: unknown
  readonly availableTo: ReadonlyArray<string> | null
  readonly createdAt: number
}

export interface Invocation {
  readonly id: string
  readonly workspace: Workspace
  readonly actionName: string
  /** `spawn` and `release` are the engine's own; `action` has a registered handler. */
  readonly kind: "spawn" | "release" | "action"
  /** What the first frame says: `spawn:cat` for a placed spawn; a retried one says `spawn`. */
  frameAction: string
  /** `spawn:<x>`, placed spawns only. */
  readonly wanted: string | undefined
  readonly pinnedTo: EngineNode | undefined
  readonly handlerAgent: Agent | undefined
  readonly caller: Agent | undefined
  readonly input: Fields
  status: "pending" | "dispatched" | "completed" | "failed"
  handlerNode: EngineNode | undefined
  dispatchedNode: EngineNode | undefined
  dispatchedAt: number | undefined
  nextAttemptAt: number | undefined
  attempts: number
  readonly tried: Set<string>
  reservedOn: EngineNode | undefined
  output: unknown
  error: string | null
  readonly createdAt: number
  completedAt: number | undefined
}

/** One live socket of a node, as the core sees it. */
export interface NodeSocket {
  readonly node: EngineNode
  readonly send: (frame: EngineFrame) => void
  /** Any text at all, as it is. */
  readonly raw: (text: string) => void
  readonly close: (code: number, reason: string) => void
  /** Ends without a close frame: the node sees 1006. */
  readonly terminate: () => void
}

/** Frames engine → node. */
export type EngineFrame = { readonly v: 1; readonly type: string; readonly [key: string]: unknown }

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** Already serialised; empty for 204. */
  readonly body: string
}

/** What later engines changed and a test may want of this one. All off by default. */
export interface Later {
  /** 6.0.3: `agent.register` replies carry `delivery_ack_seq`. */
  tellCursors: boolean
  /** 9.0: enrolling an existing node needs its present token in `X-Relaycast-Node-Token`. */
  tokenProof: boolean
}

export interface Core {
  readonly now: () => number
  readonly ids: Ids
  readonly workspaces: Map<string, Workspace>
  readonly keys: Map<string, Workspace>
  readonly agentTokens: Map<string, Agent>
  readonly nodeTokens: Map<string, EngineNode>
  /** Node ids are a global primary key. */
  readonly nodesById: Map<string, EngineNode>
  readonly faults: Faults
  readonly recorder: Recorder
  readonly later: Later
  readonly limits: { readonly ttlMillis: number; readonly depth: number }
  /** Runs `f` on the engine's clock, unless the engine is closed first. */
  readonly after: (millis: number, f: () => void) => void
}
