/**
 * The engine's HTTP calls that a broker makes, typed. One error per kind of failure that a caller treats
 * differently; retries (5xx, connection errors, 429 within reason) happen inside.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { EngineRejected, EngineUnavailable, RateLimited, Unauthorized } from "../domain/Errors.ts"
import type { AgentId, AgentName, InvocationId, MessageId, NodeId, WorkspaceId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { InjectionMode } from "../domain/Message.ts"

export type EngineError = Unauthorized | EngineRejected | EngineUnavailable | RateLimited

export type WorkspaceKey = Redacted.Redacted<string>
export type AgentToken = Redacted.Redacted<string>
export type NodeToken = Redacted.Redacted<string>

export interface CreatedWorkspace {
  readonly workspaceId: WorkspaceId
  readonly key: WorkspaceKey
}

export interface RegisteredAgent {
  readonly id: AgentId
  readonly name: AgentName
  readonly token: AgentToken
  readonly workspaceId: WorkspaceId | undefined
}

/** The engine's public record of a node. */
export interface NodeRecord {
  readonly id: NodeId
  readonly name: string
  readonly live: boolean
}

export interface MintedNode extends NodeRecord {
  readonly token: NodeToken
}

/** What the engine knows of an invocation; `completed` has an output, `failed` an error. */
export interface Invocation {
  readonly id: InvocationId
  readonly status: string
  readonly output: Json
  readonly error: string | undefined
}

export interface Posted {
  readonly messageId: MessageId
}

export interface DirectConversation {
  readonly id: string
  /** Names. */
  readonly participants: ReadonlyArray<string>
}

export interface ListedMessage {
  readonly id: string
  readonly from: string
  readonly text: string
  /** NaN when the engine's time cannot be read. */
  readonly atMillis: number
}

export class EngineApi extends Context.Tag("relay-broker/engine/EngineApi")<
  EngineApi,
  {
    /** Without a trailing slash. */
    readonly baseUrl: string
    readonly createWorkspace: (name: string) => Effect.Effect<CreatedWorkspace, EngineError>
    /** Which workspace a key or an agent's token opens. */
    readonly workspace: (
      key: WorkspaceKey | AgentToken
    ) => Effect.Effect<{ readonly id: WorkspaceId; readonly name: string }, EngineError>
    readonly registerAgent: (o: {
      readonly key: WorkspaceKey
      readonly name: string
      readonly type: string
      readonly metadata?: { readonly [key: string]: string }
    }) => Effect.Effect<RegisteredAgent, EngineError>
    readonly findAgent: (o: {
      readonly key: WorkspaceKey
      readonly name: string
    }) => Effect.Effect<
      Option.Option<{ readonly id: AgentId; readonly name: AgentName; readonly status: string }>,
      EngineError
    >
    readonly rotateAgentToken: (o: {
      readonly key: WorkspaceKey
      readonly name: string
    }) => Effect.Effect<AgentToken, EngineError>
    /** Rotates the token of an existing node. `proof`: the token it replaces, wanted from engine 9.0 on. */
    readonly mintNode: (o: {
      readonly key: WorkspaceKey
      readonly nodeId: NodeId
      readonly name: string
      readonly version: string
      readonly proof?: NodeToken
    }) => Effect.Effect<MintedNode, EngineError>
    readonly findNode: (o: {
      readonly key: WorkspaceKey
      readonly name: string
    }) => Effect.Effect<Option.Option<NodeRecord>, EngineError>
    readonly nodeAgents: (o: {
      readonly key: WorkspaceKey
      readonly node: string
    }) => Effect.Effect<ReadonlyArray<{ readonly agentId: AgentId; readonly name: AgentName }>, EngineError>
    /** Moves the agent to the node from anywhere, live or not: only ever for agents that are ours. */
    readonly bindAgent: (o: {
      readonly key: WorkspaceKey
      readonly node: string
      readonly agent: string
    }) => Effect.Effect<void, EngineError>
    /** False: it was not bound there. */
    readonly unbindAgent: (o: {
      readonly key: WorkspaceKey
      readonly node: string
      readonly agent: string
    }) => Effect.Effect<boolean, EngineError>
    /** Its name can then be taken again at once, by any way. False: there is no such agent. */
    readonly setAgentOffline: (o: {
      readonly key: WorkspaceKey
      readonly name: string
    }) => Effect.Effect<boolean, EngineError>
    /** As the agent; done once at most, because the engine would take a repetition for a second invocation. */
    readonly invokeAction: (o: {
      readonly token: AgentToken
      readonly action: string
      /** JSON. */
      readonly input: { readonly [key: string]: unknown }
    }) => Effect.Effect<Invocation, EngineError>
    readonly findInvocation: (o: {
      readonly token: AgentToken
      readonly action: string
      readonly id: InvocationId
    }) => Effect.Effect<Invocation, EngineError>
    /** Succeeds when the channel exists already. `credential`: a workspace key or an agent token. */
    readonly ensureChannel: (o: {
      readonly credential: WorkspaceKey | AgentToken
      readonly name: string
      readonly topic?: string
    }) => Effect.Effect<void, EngineError>
    readonly joinChannel: (o: { readonly token: AgentToken; readonly name: string }) => Effect.Effect<void, EngineError>
    /** Succeeds when the agent is not in it, or the channel does not exist. */
    readonly leaveChannel: (o: {
      readonly token: AgentToken
      readonly name: string
    }) => Effect.Effect<void, EngineError>
    /** Retried only under its idempotency key, which the call makes itself: once per call at the engine, at most. */
    readonly sendDirect: (o: {
      readonly token: AgentToken
      readonly to: string
      readonly text: string
      readonly mode: InjectionMode
    }) => Effect.Effect<Posted, EngineError>
    /** `channel` without `#`; idempotent as `sendDirect`. */
    readonly postToChannel: (o: {
      readonly token: AgentToken
      readonly channel: string
      readonly text: string
      readonly mode: InjectionMode
      /** Kept with the message as its metadata. */
      readonly data?: { readonly [key: string]: string }
    }) => Effect.Effect<Posted, EngineError>
    /** All direct conversations of the workspace. */
    readonly directConversations: (key: WorkspaceKey) => Effect.Effect<ReadonlyArray<DirectConversation>, EngineError>
    /** Newest first, at most 200. */
    readonly directMessages: (o: {
      readonly key: WorkspaceKey
      readonly conversationId: string
    }) => Effect.Effect<ReadonlyArray<ListedMessage>, EngineError>
    readonly replyInThread: (o: {
      readonly token: AgentToken
      readonly messageId: string
      readonly text: string
    }) => Effect.Effect<Posted, EngineError>
  }
>() {}
