/** Messages: posts, replies and reading. */
import * as Effect from "effect/Effect"
import * as Answers from "../Answers.ts"
import type { EngineApi } from "../EngineApi.ts"
import type { RunCall } from "../EngineCall.ts"
import { withAgent, withKey } from "./shared.ts"

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
    }).pipe(Effect.map((data) => ({ messageId: data.id }))),

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
    )
})
