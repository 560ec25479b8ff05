/**
 * One workspace in the hands of a test or a demo: act as its agents, look at its state, bend it. Commands are effects
 * that fail with `Refused` where the HTTP call would; views are plain functions over the present state.
 */
import type * as Effect from "effect/Effect"
import type { Fields, Mode, Refused } from "./Model.ts"
import type { AgentView, InvocationView, NodeView, Views } from "./Views.ts"

export interface AgentCredentials {
  readonly id: string
  readonly name: string
  readonly token: string
}

export interface Sent {
  readonly messageId: string
}

export type Command<A> = Effect.Effect<A, Refused>

export interface WorkspaceControl extends Views {
  readonly id: string
  readonly name: string
  /** The present key: `invalidateWorkspaceKey` changes it. */
  readonly key: () => string

  /** An agent that is nobody's worker: it sits on its implicit node. */
  readonly registerAgent: (
    name: string,
    o?: { readonly type?: "agent" | "human" | "system" }
  ) => Command<AgentCredentials>
  readonly removeAgent: (name: string) => Command<void>
  /** As `POST /v1/nodes`: for a node that the test plays itself. An existing one gets a new token. */
  readonly enrollNode: (name: string) => Command<{ readonly id: string; readonly name: string; readonly token: string }>
  /** A direct message; `to` may be `@self`. */
  readonly send: (o: {
    readonly from: string
    readonly to: string
    readonly text: string
    readonly mode?: Mode
  }) => Command<Sent>
  readonly post: (o: {
    readonly from: string
    readonly channel: string
    readonly text: string
    readonly mode?: Mode
  }) => Command<Sent>
  readonly reply: (o: { readonly from: string; readonly messageId: string; readonly text: string }) => Command<Sent>
  readonly react: (o: { readonly from: string; readonly messageId: string; readonly emoji: string }) => Command<void>
  readonly unreact: (o: { readonly from: string; readonly messageId: string; readonly emoji: string }) => Command<void>
  readonly read: (o: { readonly from: string; readonly messageId: string }) => Command<void>
  readonly createChannel: (name: string, o?: { readonly creator?: string }) => Command<void>
  readonly join: (o: { readonly agent: string; readonly channel: string }) => Command<void>
  readonly leave: (o: { readonly agent: string; readonly channel: string }) => Command<void>
  /** Without `from` the caller is the workspace key. Gives the invocation's id. */
  readonly invoke: (o: { readonly from?: string; readonly action: string; readonly input?: Fields }) => Command<string>
  readonly spawn: (o: {
    readonly from?: string
    readonly name: string
    readonly cli: string
    readonly task?: string
    /** A node's name: targeted instead of placed. */
    readonly target?: string
  }) => Command<string>
  readonly release: (o: {
    readonly from?: string
    readonly name: string
    readonly reason?: string
    readonly deleteAgent?: boolean
  }) => Command<string>
  /** For an invocation whose handler is an agent. */
  readonly complete: (o: { readonly id: string; readonly output?: unknown; readonly error?: string }) => Command<void>

  /** Any text or value to a node's socket, as it is. Refused when the node has none. */
  readonly sendRaw: (node: string, frame: unknown) => Command<void>
  /** A seq-0 `deliver` of any event type to one agent, if its node is connected. */
  readonly event: (o: {
    readonly agent: string
    readonly type: string
    readonly key: string
    readonly msgId: string
    readonly data: unknown
  }) => Command<void>
  /** The row's time is up: it is dead-lettered. */
  readonly expireRow: (agent: string, seq: number) => Command<void>
  /** The next row gets number `at`, as after a pruning in 5.x. The cursor stays. */
  readonly restartCount: (agent: string, at: number) => Command<void>

  /** Until the agent's cursor has reached `seq`. */
  readonly awaitAck: (agent: string, seq: number) => Effect.Effect<void>
  /** Until the agent is bound to a node other than its implicit one, and active. */
  readonly awaitHosted: (agent: string) => Effect.Effect<AgentView>
  /** Until a node has a socket and has been heard of: registered, or beating. */
  readonly awaitNode: (name?: string) => Effect.Effect<NodeView>
  /** Until the invocation is completed or failed. */
  readonly awaitInvocation: (id: string) => Effect.Effect<InvocationView>
}
