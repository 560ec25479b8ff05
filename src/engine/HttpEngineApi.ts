/**
 * `EngineApi` over HTTP. Which calls are repeated, and why that is safe, stands with each of them; how, in `RetryPolicy`.
 *
 * A second `POST /v1/workspaces` or `POST /v1/agents` would make a second workspace or meet its own agent as a 409, so
 * these are repeated only when the first certainly was not executed. Minting and rotating are repeated freely: the last
 * answer holds the token that counts. Posts of messages and mints carry an idempotency key.
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AgentId, AgentName, InvocationId, MessageId, NodeId, WorkspaceId } from "../domain/Ids.ts"
import { Json } from "../domain/Json.ts"
import {
  type AgentToken,
  EngineApi,
  type EngineError,
  type Invocation,
  type NodeRecord,
  type WorkspaceKey
} from "./EngineApi.ts"
import { make as makeRunner, type RunCall } from "./EngineCall.ts"
import { readData } from "./Envelope.ts"

// What the engine's answers must hold for us. Open: whatever else they hold is not looked at.

const Secret = Schema.Redacted(Schema.NonEmptyString)
/** Absent and null are the same to us. */
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true })
const orElse = <A, I>(schema: Schema.Schema<A, I>, value: A) =>
  Schema.optionalWith(schema, { nullable: true, default: () => value })

const nodeFields = { id: NodeId, name: Schema.String, live: orElse(Schema.Boolean, false) }

export const workspaceCreated = readData(Schema.Struct({ workspace_id: WorkspaceId, api_key: Secret }))
export const workspace = readData(Schema.Struct({ id: WorkspaceId, name: orElse(Schema.String, "") }))
export const registered = readData(
  Schema.Struct({ id: AgentId, name: AgentName, token: Secret, workspace_id: optional(WorkspaceId) })
)
export const agent = readData(Schema.Struct({ id: AgentId, name: AgentName, status: orElse(Schema.String, "unknown") }))
export const token = readData(Schema.Struct({ token: Secret }))
export const minted = readData(Schema.Struct({ ...nodeFields, token: Secret }))
export const node: (data: unknown) => Either.Either<NodeRecord, string> = readData(Schema.Struct(nodeFields))
export const bindings = readData(Schema.Array(Schema.Struct({ agent_id: AgentId, agent_name: AgentName })))
export const posted = readData(Schema.Struct({ id: MessageId }))
export const conversations = readData(
  Schema.Array(Schema.Struct({ id: Schema.String, participants: orElse(Schema.Array(Schema.String), []) }))
)
export const messages = readData(
  Schema.Array(
    Schema.Struct({
      id: Schema.String,
      agent_name: orElse(Schema.String, ""),
      text: orElse(Schema.String, ""),
      created_at: orElse(Schema.String, "")
    })
  )
)
const InvocationAnswer = Schema.Struct({
  invocation_id: InvocationId,
  status: Schema.String,
  output: orElse(Json, null),
  error: optional(Schema.String)
})
export type InvocationAnswer = typeof InvocationAnswer.Type
export const invocation = readData(InvocationAnswer)
export const nothing = (): Either.Either<void, string> => Either.void

// What several calls of the engine have in common.

export const withKey = (key: WorkspaceKey) => ({ kind: "workspace key" as const, token: key })
export const withAgent = (token: AgentToken) => ({ kind: "agent token" as const, token })
/** The two are told apart by prefix, for calls that take either. */
export const withEither = (token: Redacted.Redacted<string>) =>
  Redacted.value(token).startsWith("rk_") ? withKey(token) : withAgent(token)

/** "There is no such thing" as a value. `not_found` alone comes from engines that name no kind. */
export const absentWhen =
  (code: string) =>
  <A>(call: Effect.Effect<A, EngineError>): Effect.Effect<Option.Option<A>, EngineError> =>
    call.pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) =>
          error._tag === "EngineRejected" &&
          error.status === 404 &&
          (error.code === code || error.code === "not_found"),
        () => Effect.succeed(Option.none<A>())
      )
    )

// Actions and their invocations.

const invocationOf = ({ error, invocation_id, output, status }: InvocationAnswer): Invocation => ({
  id: invocation_id,
  status,
  output,
  error
})

export const actionCalls = (run: RunCall): Pick<EngineApi["Type"], "invokeAction" | "findInvocation"> => ({
  invokeAction: ({ action, input, token }) =>
    run({
      operation: "POST /v1/actions/:name/invoke",
      method: "POST",
      path: ["v1", "actions", action, "invoke"],
      credential: withAgent(token),
      body: { input },
      repeat: "once",
      read: invocation
    }).pipe(Effect.map(invocationOf)),

  findInvocation: ({ action, id, token }) =>
    run({
      operation: "GET /v1/actions/:name/invocations/:id",
      method: "GET",
      path: ["v1", "actions", action, "invocations", id],
      credential: withAgent(token),
      repeat: "repeatable",
      read: invocation
    }).pipe(Effect.map(invocationOf))
})

// Agents, their tokens and the channels they are in.

export const agentCalls = (
  run: RunCall
): Pick<
  EngineApi["Type"],
  "registerAgent" | "findAgent" | "rotateAgentToken" | "setAgentOffline" | "joinChannel" | "leaveChannel"
> => ({
  registerAgent: ({ key, metadata, name, type }) =>
    run({
      operation: "POST /v1/agents",
      method: "POST",
      path: ["v1", "agents"],
      credential: withKey(key),
      body: { name, type, ...(metadata === undefined ? {} : { metadata }) },
      repeat: "once",
      read: registered
    }).pipe(
      Effect.map((data) => ({
        id: data.id,
        name: data.name,
        token: data.token,
        workspaceId: data.workspace_id
      }))
    ),

  findAgent: ({ key, name }) =>
    run({
      operation: "GET /v1/agents/:name",
      method: "GET",
      path: ["v1", "agents", name],
      credential: withKey(key),
      repeat: "repeatable",
      read: agent
    }).pipe(absentWhen("agent_not_found")),

  rotateAgentToken: ({ key, name }) =>
    run({
      operation: "POST /v1/agents/:name/rotate-token",
      method: "POST",
      path: ["v1", "agents", name, "rotate-token"],
      credential: withKey(key),
      idempotent: true,
      repeat: "repeatable",
      read: token
    }).pipe(Effect.map((data) => data.token)),

  setAgentOffline: ({ key, name }) =>
    run({
      operation: "PATCH /v1/agents/:name",
      method: "PATCH",
      path: ["v1", "agents", name],
      credential: withKey(key),
      body: { status: "offline" },
      repeat: "repeatable",
      read: nothing
    }).pipe(absentWhen("agent_not_found"), Effect.map(Option.isSome)),

  joinChannel: ({ name, token }) =>
    run({
      operation: "POST /v1/channels/:name/join",
      method: "POST",
      path: ["v1", "channels", name, "join"],
      credential: withAgent(token),
      repeat: "repeatable",
      read: nothing
    }),

  // Left already, or never joined: what was wanted is so.
  leaveChannel: ({ name, token }) =>
    run({
      operation: "POST /v1/channels/:name/leave",
      method: "POST",
      path: ["v1", "channels", name, "leave"],
      credential: withAgent(token),
      repeat: "repeatable",
      read: nothing
    }).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.status === 404,
        () => Effect.void
      )
    )
})

// Messages: posts, replies and reading.

export const messageCalls = (
  run: RunCall
): Pick<
  EngineApi["Type"],
  "sendDirect" | "postToChannel" | "replyInThread" | "directConversations" | "directMessages"
> => ({
  sendDirect: ({ mode, text, to, token }) =>
    run({
      operation: "POST /v1/dm",
      method: "POST",
      path: ["v1", "dm"],
      credential: withAgent(token),
      body: { to, text, mode },
      idempotent: true,
      repeat: "repeatable",
      read: posted
    }).pipe(Effect.map((data) => ({ messageId: data.id }))),

  postToChannel: ({ channel, data, mode, text, token }) =>
    run({
      operation: "POST /v1/channels/:name/messages",
      method: "POST",
      path: ["v1", "channels", channel, "messages"],
      credential: withAgent(token),
      body: { text, mode, ...(data === undefined ? {} : { data }) },
      idempotent: true,
      repeat: "repeatable",
      read: posted
    }).pipe(Effect.map((posted) => ({ messageId: posted.id }))),

  replyInThread: ({ messageId, text, token }) =>
    run({
      operation: "POST /v1/messages/:id/replies",
      method: "POST",
      path: ["v1", "messages", messageId, "replies"],
      credential: withAgent(token),
      body: { text },
      idempotent: true,
      repeat: "repeatable",
      read: posted
    }).pipe(Effect.map((data) => ({ messageId: data.id }))),

  directConversations: (key) =>
    run({
      operation: "GET /v1/dm/conversations/all",
      method: "GET",
      path: ["v1", "dm", "conversations", "all"],
      credential: withKey(key),
      repeat: "repeatable",
      read: conversations
    }),

  directMessages: ({ conversationId, key }) =>
    run({
      operation: "GET /v1/dm/:id/messages",
      method: "GET",
      path: ["v1", "dm", conversationId, "messages"],
      query: { limit: "200" },
      credential: withKey(key),
      repeat: "repeatable",
      read: messages
    }).pipe(
      Effect.map((rows) =>
        rows.map(({ agent_name, created_at, id, text }) => ({
          id,
          from: agent_name,
          text,
          atMillis: Date.parse(created_at)
        }))
      )
    )
})

// Nodes, their tokens, and the agents bound to them.

export const nodeCalls = (
  run: RunCall
): Pick<EngineApi["Type"], "mintNode" | "findNode" | "nodeAgents" | "bindAgent" | "unbindAgent"> => ({
  // From 9.0 on a lost answer would cost us the proof for the next mint; the key makes a repetition return the same token.
  mintNode: ({ key, name, nodeId, proof, version }) =>
    run({
      operation: "POST /v1/nodes",
      method: "POST",
      path: ["v1", "nodes"],
      credential: withKey(key),
      body: { node_id: nodeId, name, kind: "ws", role: "broker", version },
      ...(proof === undefined ? {} : { proof }),
      idempotent: true,
      repeat: "repeatable",
      read: minted
    }),

  findNode: ({ key, name }) =>
    run({
      operation: "GET /v1/nodes/:name",
      method: "GET",
      path: ["v1", "nodes", name],
      credential: withKey(key),
      repeat: "repeatable",
      read: node
    }).pipe(absentWhen("node_not_found")),

  nodeAgents: (q) =>
    run({
      operation: "GET /v1/nodes/:name/agents",
      method: "GET",
      path: ["v1", "nodes", q.node, "agents"],
      credential: withKey(q.key),
      repeat: "repeatable",
      read: bindings
    }).pipe(Effect.map((rows) => rows.map((row) => ({ agentId: row.agent_id, name: row.agent_name })))),

  // Binding an agent to the node it is bound to already changes nothing.
  bindAgent: (b) =>
    run({
      operation: "POST /v1/nodes/:name/agents",
      method: "POST",
      path: ["v1", "nodes", b.node, "agents"],
      credential: withKey(b.key),
      body: { agent_name: b.agent },
      repeat: "repeatable",
      read: nothing
    }),

  unbindAgent: (b) =>
    run({
      operation: "DELETE /v1/nodes/:name/agents/:agent",
      method: "DELETE",
      path: ["v1", "nodes", b.node, "agents", b.agent],
      credential: withKey(b.key),
      repeat: "repeatable",
      read: nothing
    }).pipe(absentWhen("node_agent_binding_not_found"), Effect.map(Option.isSome))
})

// The workspace and its channels.

export const workspaceCalls = (
  run: RunCall
): Pick<EngineApi["Type"], "createWorkspace" | "workspace" | "ensureChannel"> => ({
  createWorkspace: (name) =>
    run({
      operation: "POST /v1/workspaces",
      method: "POST",
      path: ["v1", "workspaces"],
      body: { name },
      repeat: "once",
      read: workspaceCreated
    }).pipe(Effect.map((data) => ({ workspaceId: data.workspace_id, key: data.api_key }))),

  workspace: (key) =>
    run({
      operation: "GET /v1/workspace",
      method: "GET",
      path: ["v1", "workspace"],
      credential: withEither(key),
      repeat: "repeatable",
      read: workspace
    }),

  // The code of the 409 is not certain, its meaning is: a repetition meets the same answer.
  ensureChannel: ({ credential, name, topic }) =>
    run({
      operation: "POST /v1/channels",
      method: "POST",
      path: ["v1", "channels"],
      credential: withEither(credential),
      body: { name, ...(topic === undefined ? {} : { topic }) },
      repeat: "repeatable",
      read: nothing
    }).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.status === 409,
        () => Effect.void
      )
    )
})

const make = (o: { readonly baseUrl: string }) =>
  Effect.gen(function* () {
    const baseUrl = o.baseUrl.replace(/\/+$/, "")
    const run = yield* makeRunner({ baseUrl })
    return EngineApi.of({
      baseUrl,
      ...workspaceCalls(run),
      ...agentCalls(run),
      ...nodeCalls(run),
      ...actionCalls(run),
      ...messageCalls(run)
    })
  })

/** `baseUrl` with or without a trailing slash, with or without a path. */
export const layer = (o: { readonly baseUrl: string }): Layer.Layer<EngineApi, never, HttpClient.HttpClient> =>
  Layer.effect(EngineApi, make(o))
