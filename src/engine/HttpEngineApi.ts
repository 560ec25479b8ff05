/**
 * `EngineApi` over HTTP (EP 2). Which calls are repeated, and why that is safe, stands with each of them; how, in `RetryPolicy`.
 *
 * A second `POST /v1/workspaces` or `POST /v1/agents` would make a second workspace or meet its own agent as a 409, so
 * these are repeated only when the first certainly was not executed. Minting and rotating are repeated freely: the last
 * answer holds the token that counts. Posts of messages and mints carry an idempotency key.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Answers from "./Answers.ts"
import { type AgentToken, EngineApi, type EngineError, type Invocation, type WorkspaceKey } from "./EngineApi.ts"
import { make as makeRunner } from "./EngineCall.ts"

const withKey = (key: WorkspaceKey) => ({ kind: "workspace key" as const, token: key })
const withAgent = (token: AgentToken) => ({ kind: "agent token" as const, token })
/** The two are told apart by prefix (EP 1), for calls that take either. */
const withEither = (token: Redacted.Redacted<string>) =>
  Redacted.value(token).startsWith("rk_") ? withKey(token) : withAgent(token)

/** "There is no such thing" as a value. `not_found` alone comes from engines that name no kind. */
const absentWhen =
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

const invocationOf = ({ error, invocation_id, output, status }: Answers.InvocationAnswer): Invocation => ({
  id: invocation_id,
  status,
  output,
  error
})

const make = (o: { readonly baseUrl: string }) =>
  Effect.gen(function* () {
    const baseUrl = o.baseUrl.replace(/\/+$/, "")
    const run = yield* makeRunner({ baseUrl })

    return EngineApi.of({
      baseUrl,
      createWorkspace: (name) =>
        run({
          operation: "POST /v1/workspaces",
          method: "POST",
          path: ["v1", "workspaces"],
          body: { name },
          repeat: "once",
          read: Answers.workspaceCreated
        }).pipe(Effect.map((data) => ({ workspaceId: data.workspace_id, key: data.api_key }))),

      workspace: (key) =>
        run({
          operation: "GET /v1/workspace",
          method: "GET",
          path: ["v1", "workspace"],
          credential: withEither(key),
          repeat: "repeatable",
          read: Answers.workspace
        }),

      registerAgent: ({ key, metadata, name, type }) =>
        run({
          operation: "POST /v1/agents",
          method: "POST",
          path: ["v1", "agents"],
          credential: withKey(key),
          body: { name, type, ...(metadata === undefined ? {} : { metadata }) },
          repeat: "once",
          read: Answers.registered
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
          read: Answers.agent
        }).pipe(absentWhen("agent_not_found")),

      rotateAgentToken: ({ key, name }) =>
        run({
          operation: "POST /v1/agents/:name/rotate-token",
          method: "POST",
          path: ["v1", "agents", name, "rotate-token"],
          credential: withKey(key),
          idempotent: true,
          repeat: "repeatable",
          read: Answers.token
        }).pipe(Effect.map((data) => data.token)),

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
          read: Answers.minted
        }),

      findNode: ({ key, name }) =>
        run({
          operation: "GET /v1/nodes/:name",
          method: "GET",
          path: ["v1", "nodes", name],
          credential: withKey(key),
          repeat: "repeatable",
          read: Answers.node
        }).pipe(absentWhen("node_not_found")),

      nodeAgents: (q) =>
        run({
          operation: "GET /v1/nodes/:name/agents",
          method: "GET",
          path: ["v1", "nodes", q.node, "agents"],
          credential: withKey(q.key),
          repeat: "repeatable",
          read: Answers.bindings
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
          read: Answers.nothing
        }),

      unbindAgent: (b) =>
        run({
          operation: "DELETE /v1/nodes/:name/agents/:agent",
          method: "DELETE",
          path: ["v1", "nodes", b.node, "agents", b.agent],
          credential: withKey(b.key),
          repeat: "repeatable",
          read: Answers.nothing
        }).pipe(absentWhen("node_agent_binding_not_found"), Effect.map(Option.isSome)),

      setAgentOffline: ({ key, name }) =>
        run({
          operation: "PATCH /v1/agents/:name",
          method: "PATCH",
          path: ["v1", "agents", name],
          credential: withKey(key),
          body: { status: "offline" },
          repeat: "repeatable",
          read: Answers.nothing
        }).pipe(absentWhen("agent_not_found"), Effect.map(Option.isSome)),

      invokeAction: ({ action, input, token }) =>
        run({
          operation: "POST /v1/actions/:name/invoke",
          method: "POST",
          path: ["v1", "actions", action, "invoke"],
          credential: withAgent(token),
          body: { input },
          repeat: "once",
          read: Answers.invocation
        }).pipe(Effect.map(invocationOf)),

      findInvocation: ({ action, id, token }) =>
        run({
          operation: "GET /v1/actions/:name/invocations/:id",
          method: "GET",
          path: ["v1", "actions", action, "invocations", id],
          credential: withAgent(token),
          repeat: "repeatable",
          read: Answers.invocation
        }).pipe(Effect.map(invocationOf)),

      // The code of the 409 is not certain (EP 2), its meaning is: a repetition meets the same answer.
      ensureChannel: ({ credential, name, topic }) =>
        run({
          operation: "POST /v1/channels",
          method: "POST",
          path: ["v1", "channels"],
          credential: withEither(credential),
          body: { name, ...(topic === undefined ? {} : { topic }) },
          repeat: "repeatable",
          read: Answers.nothing
        }).pipe(
          Effect.catchIf(
            (error) => error._tag === "EngineRejected" && error.status === 409,
            () => Effect.void
          )
        ),

      joinChannel: ({ name, token }) =>
        run({
          operation: "POST /v1/channels/:name/join",
          method: "POST",
          path: ["v1", "channels", name, "join"],
          credential: withAgent(token),
          repeat: "repeatable",
          read: Answers.nothing
        }),

      // Left already, or never joined: what was wanted is so.
      leaveChannel: ({ name, token }) =>
        run({
          operation: "POST /v1/channels/:name/leave",
          method: "POST",
          path: ["v1", "channels", name, "leave"],
          credential: withAgent(token),
          repeat: "repeatable",
          read: Answers.nothing
        }).pipe(
          Effect.catchIf(
            (error) => error._tag === "EngineRejected" && error.status === 404,
            () => Effect.void
          )
        ),

      sendDirect: ({ mode, text, to, token }) =>
        run({
          operation: "POST /v1/dm",
          method: "POST",
          path: ["v1", "dm"],
          credential: withAgent(token),
          body: { to, text, mode },
          idempotent: true,
          repeat: "repeatable",
          read: Answers.posted
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
          read: Answers.posted
        }).pipe(Effect.map((posted) => ({ messageId: posted.id }))),

      directConversations: (key) =>
        run({
          operation: "GET /v1/dm/conversations/all",
          method: "GET",
          path: ["v1", "dm", "conversations", "all"],
          credential: withKey(key),
          repeat: "repeatable",
          read: Answers.conversations
        }),

      directMessages: ({ conversationId, key }) =>
        run({
          operation: "GET /v1/dm/:id/messages",
          method: "GET",
          path: ["v1", "dm", conversationId, "messages"],
          query: { limit: "200" },
          credential: withKey(key),
          repeat: "repeatable",
          read: Answers.messages
        }).pipe(
          Effect.map((rows) =>
            rows.map(({ agent_name, created_at, id, text }) => ({
              id,
              from: agent_name,
              text,
              atMillis: Date.parse(created_at)
            }))
          )
        ),

      replyInThread: ({ messageId, text, token }) =>
        run({
          operation: "POST /v1/messages/:id/replies",
          method: "POST",
          path: ["v1", "messages", messageId, "replies"],
          credential: withAgent(token),
          body: { text },
          idempotent: true,
          repeat: "repeatable",
          read: Answers.posted
        }).pipe(Effect.map((data) => ({ messageId: data.id })))
    })
  })

/** `baseUrl` with or without a trailing slash, with or without a path. */
export const layer = (o: { readonly baseUrl: string }): Layer.Layer<EngineApi, never, HttpClient.HttpClient> =>
  Layer.effect(EngineApi, make(o))
