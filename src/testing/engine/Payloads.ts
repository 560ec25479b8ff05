/** Messages as the engine shows them: in HTTP answers and in the payloads of `deliver` frames. Pure. */
import { isoStored } from "./Ids.ts"
import type { Agent, Message, Row } from "./Model.ts"

/** Names after an `@`, once each, in order. */
export const mentionsOf = (text: string): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(/(?<![\w@])@([A-Za-z0-9][\w.-]*[A-Za-z0-9_]|[A-Za-z0-9])/g)].map((match) => match[1]!))
]

const common = (message: Message) => ({
  id: message.id,
  channel_id: message.channel.id,
  agent_id: message.from.id,
  agent_name: message.from.name,
  text: message.text,
  blocks: message.blocks,
  metadata: message.metadata,
  has_attachments: false,
  thread_id: message.threadId,
  created_at: isoStored(message.createdAt)
})

export const channelMessage = (message: Message) => ({
  ...common(message),
  mentions: mentionsOf(message.text),
  attachments: [],
  injection_mode: message.mode
})

/** A reply as posted carries neither mentions nor a mode (captured). */
export const threadReply = common

export const directMessage = (message: Message, to: string) => ({
  conversation_id: message.channel.conversationId ?? message.channel.id,
  message: {
    id: message.id,
    agent_id: message.from.id,
    agent_name: message.from.name,
    text: message.text,
    injection_mode: message.mode,
    attachments: []
  },
  created_at: isoStored(message.createdAt),
  id: message.id,
  from_agent_id: message.from.id,
  to,
  text: message.text,
  injection_mode: message.mode,
  attachments: []
})

export const listedMessage = (message: Message) => ({
  ...common(message),
  reply_count: message.replyCount,
  reactions: [...message.reactions].map(([emoji, agents]) => ({
    emoji,
    count: agents.size,
    agents: [...agents.keys()]
  })),
  read_by_count: message.readBy.size,
  attachments: []
})

/** `{type, data}` of the `deliver` frame for this row. */
export const payloadOf = (row: Row, recipient: Agent) => {
  const { message } = row
  const from_name = message.from.name
  switch (row.payloadType) {
    case "dm.received":
      return { type: row.payloadType, data: { ...directMessage(message, recipient.name), from_name } }
    case "message.created":
      return {
        type: row.payloadType,
        data: { ...channelMessage(message), channel_name: message.channel.name, from_name }
      }
    case "thread.reply":
      return {
        type: row.payloadType,
        data: {
          ...threadReply(message),
          ...(message.channel.kind === "channel" ? { channel_name: message.channel.name } : {}),
          from_name
        }
      }
  }
}
