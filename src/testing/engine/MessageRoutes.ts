/** Channels, messages, conversations and the agent's own view of its deliveries. */
import { getAgent } from "./Agents.ts"
import {
  createChannel,
  createdChannel,
  getChannel,
  joinChannel,
  leaveChannel,
  membersOf,
  publicChannel
} from "./Channels.ts"
import { findRow, listRows, publicRow } from "./Deliveries.ts"
import { isoStored } from "./Ids.ts"
import { settleRow } from "./Mailboxes.ts"
import { getMessage, markRead, postToChannel, react, replyTo, sendDirect, unreact } from "./Messages.ts"
import { type Message, refuse } from "./Model.ts"

import { channelMessage, directMessage, listedMessage, threadReply } from "./Payloads.ts"
import {
  created,
  draft,
  gone,
  object,
  ok,
  optionalString,
  type Route,
  type RouteContext,
  route,
  self,
  string
} from "./Route.ts"

const channel = (c: RouteContext) => getChannel(c.caller.workspace, c.params["name"]!)
const message = (c: RouteContext) => getMessage(c.caller.workspace, c.params["id"]!)
const row = (c: RouteContext) => findRow(self(c), c.params["id"]!)

/** Newest first, as asked by `limit`, `before`, `after`. */
const page = (messages: ReadonlyArray<Message>, query: { readonly [name: string]: string }) => {
  const limit = Math.min(Number(query["limit"] ?? 50) || 50, 200)
  const older = (a: string, b: string) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  return messages
    .filter((one) => query["before"] === undefined || older(one.id, query["before"]) < 0)
    .filter((one) => query["after"] === undefined || older(one.id, query["after"]) > 0)
    .slice(-limit)
    .reverse()
    .map(listedMessage)
}
export const channelRoutes: ReadonlyArray<Route> = [
  route("POST", "/v1/channels", "any", (c) => {
    const { agent: creator, workspace } = c.caller
    const made = createChannel(c.core, workspace, {
      name: string(c.body, "name").replace(/^#/, ""),
      topic: optionalString(c.body, "topic"),
      metadata: object(c.body, "metadata"),
      creator
    })
    return created(createdChannel(workspace, made))
  }),
  route("GET", "/v1/channels", "any", (c) => ok([...c.caller.workspace.channels.values()].map(publicChannel))),
  route("GET", "/v1/channels/:name", "any", (c) => {
    const one = channel(c)
    return ok({ ...publicChannel(one), members: membersOf(one) })
  }),
  route("GET", "/v1/channels/:name/members", "any", (c) => ok(membersOf(channel(c)))),
  route("POST", "/v1/channels/:name/join", "agent", (c) => ok(joinChannel(c.core, channel(c), self(c)))),
  route("POST", "/v1/channels/:name/leave", "agent", (c) => ok(leaveChannel(channel(c), self(c)))),
  route(
    "POST",
    "/v1/channels/:name/messages",
    "agent",
    (c) => created(channelMessage(postToChannel(c.core, channel(c), self(c), draft(c.body)))),
    { idempotent: true }
  ),
  route("GET", "/v1/channels/:name/messages", "any", (c) =>
    ok(
      page(
        channel(c).messages.filter((one) => one.threadId === null),
        c.query
      )
    )
  )
]

export const messageRoutes: ReadonlyArray<Route> = [
  route(
    "POST",
    "/v1/dm",
    "agent",
    (c) => {
      const from = self(c)
      const to = string(c.body, "to")
      const recipient = to === "@self" ? from : getAgent(c.caller.workspace, to.replace(/^@/, ""))
      return created(directMessage(sendDirect(c.core, from, recipient, draft(c.body)), recipient.name))
    },
    { idempotent: true }
  ),
  route("GET", "/v1/dm/conversations", "agent", (c) =>
    ok(
      [...c.caller.workspace.conversations.values()]
        .filter((one) => one.members.has(self(c).id))
        .map((one) => ({
          id: one.conversationId,
          type: "1:1",
          name: null,
          participants: membersOf(one).map(({ agent_id, agent_name }) => ({ agent_id, agent_name })),
          last_message: one.messages.length === 0 ? null : listedMessage(one.messages.at(-1)!),
          unread_count: one.messages.filter((m) => m.from !== self(c) && !m.readBy.has(self(c).id)).length,
          created_at: isoStored(one.createdAt)
        }))
    )
  ),
  route("GET", "/v1/dm/conversations/all", "workspace", (c) =>
    ok(
      [...c.caller.workspace.conversations.values()].map((one) => ({
        id: one.conversationId,
        channel_id: one.id,
        type: "1:1",
        participants: membersOf(one).map(({ agent_name }) => agent_name),
        last_message: null,
        message_count: one.messages.length
      }))
    )
  ),
  route("GET", "/v1/dm/:id/messages", "any", (c) => {
    const { agent, workspace } = c.caller
    const one = workspace.conversations.get(c.params["id"]!)
    if (one === undefined || (agent !== undefined && !one.members.has(agent.id)))
      return refuse(404, "conversation_not_found", `Conversation "${c.params["id"]}" not found`)
    return ok(page(one.messages, c.query))
  }),
  route("GET", "/v1/messages/:id", "any", (c) => ok(listedMessage(message(c)))),
  route(
    "POST",
    "/v1/messages/:id/replies",
    "agent",
    (c) => created(threadReply(replyTo(c.core, message(c), self(c), draft(c.body)))),
    { idempotent: true }
  ),
  route("GET", "/v1/messages/:id/replies", "any", (c) => {
    const parent = message(c)
    const replies = parent.channel.messages.filter((one) => one.threadId === parent.id)
    return ok({ parent: listedMessage(parent), replies: page(replies, c.query) })
  }),
  route("POST", "/v1/messages/:id/read", "agent", (c) => ok(markRead(c.core, message(c), self(c)))),
  route("GET", "/v1/messages/:id/readers", "any", (c) =>
    ok(
      [...message(c).readBy.values()].map(({ agent: reader, readAt }) => ({
        agent_name: reader.name,
        agent_id: reader.id,
        read_at: isoStored(readAt)
      }))
    )
  ),
  route("POST", "/v1/messages/:id/reactions", "agent", (c) =>
    created(react(c.core, message(c), self(c), string(c.body, "emoji")))
  ),
  route("GET", "/v1/messages/:id/reactions", "any", (c) => ok(listedMessage(message(c)).reactions)),
  route("DELETE", "/v1/messages/:id/reactions/:emoji", "agent", (c) => {
    unreact(c.core, message(c), self(c), c.params["emoji"]!)
    return gone
  })
]

export const deliveryRoutes: ReadonlyArray<Route> = [
  route("GET", "/v1/deliveries", "agent", (c) => ok(listRows(self(c), c.query["status"], c.query["limit"]))),
  route("POST", "/v1/deliveries/:id/ack", "agent", (c) => {
    const one = row(c)
    settleRow(c.core, self(c), one, "acked")
    return ok(publicRow(self(c), one))
  }),
  route("POST", "/v1/deliveries/:id/fail", "agent", (c) => {
    const one = row(c)
    settleRow(c.core, self(c), one, "failed", optionalString(c.body, "error"))
    return ok(publicRow(self(c), one))
  })
]
