/** Posting, replying, reacting, reading: who gets a mailbox row and who a fire-and-forget event. */
import { conversationId, iso } from "./Ids.ts"
import { enqueue, fanOut } from "./Mailboxes.ts"
import { type Agent, type Channel, type Core, type Message, type Mode, refuse, type Workspace } from "./Model.ts"

export interface Draft {
  readonly text: string
  readonly mode?: Mode | undefined
  readonly blocks?: unknown
  readonly metadata?: { readonly [key: string]: unknown } | undefined
}

const add = (core: Core, channel: Channel, from: Agent, draft: Draft, threadId: string | null): Message => {
  const message: Message = {
    id: core.ids.next(),
    channel,
    from,
    text: draft.text,
    blocks: draft.blocks ?? null,
    metadata: draft.metadata ?? {},
    mode: draft.mode ?? "wait",
    threadId,
    createdAt: core.now(),
    replyCount: 0,
    reactions: new Map(),
    readBy: new Map()
  }
  channel.messages.push(message)
  from.workspace.messages.set(message.id, message)
  return message
}

const others = (channel: Channel, actor: Agent): ReadonlyArray<Agent> =>
  [...channel.members.values()].flatMap(({ agent }) => (agent === actor ? [] : [agent]))

/** Everyone in the channel but the sender gets a row. */
export const postToChannel = (core: Core, channel: Channel, from: Agent, draft: Draft): Message => {
  const message = add(core, channel, from, draft, null)
  for (const agent of others(channel, from))
    enqueue(core, agent, message, "message.created", `del_${message.id}_${agent.id}`)
  return message
}

const conversation = (core: Core, a: Agent, b: Agent): Channel => {
  const { workspace } = a
  const id = conversationId(workspace.id, [a.id, b.id])
  const known = workspace.conversations.get(id)
  if (known !== undefined) return known
  const channel: Channel = {
    id: `dmch_${core.ids.next()}`,
    name: id,
    kind: "dm",
    conversationId: id,
    topic: null,
    metadata: {},
    createdBy: a.id,
    createdAt: core.now(),
    members: new Map([a, b].map((agent) => [agent.id, { agent, role: "member", joinedAt: core.now() }])),
    messages: []
  }
  workspace.conversations.set(id, channel)
  return channel
}

/** The answer names the recipient as it was addressed. */
export const sendDirect = (core: Core, from: Agent, to: Agent, draft: Draft): Message => {
  const message = add(core, conversation(core, from, to), from, draft, null)
  enqueue(core, to, message, "dm.received", `del_${core.ids.next()}`)
  return message
}

export const getMessage = (workspace: Workspace, id: string): Message =>
  workspace.messages.get(id) ?? refuse(404, "message_not_found", `Message "${id}" not found`)

/** A reply to a reply belongs to the same thread. */
export const replyTo = (core: Core, parent: Message, from: Agent, draft: Draft): Message => {
  const root = parent.threadId ?? parent.id
  const message = add(core, parent.channel, from, draft, root)
  const rootMessage = from.workspace.messages.get(root)
  if (rootMessage !== undefined) rootMessage.replyCount++
  for (const agent of others(parent.channel, from))
    enqueue(core, agent, message, "thread.reply", `del_${message.id}_${agent.id}`)
  return message
}

const tell = (message: Message, actor: Agent, event: string, key: string, data: unknown): void => {
  for (const agent of others(message.channel, actor)) fanOut(agent, { event, key, msgId: message.id, data })
}

const channelName = (message: Message) =>
  message.channel.kind === "channel" ? { channel_name: message.channel.name } : {}

export const react = (core: Core, message: Message, agent: Agent, emoji: string) => {
  const agents = message.reactions.get(emoji) ?? new Map<string, string>()
  if (agents.has(agent.name)) return refuse(409, "reaction_already_exists", `Already reacted with "${emoji}"`)
  const id = core.ids.next()
  message.reactions.set(emoji, agents.set(agent.name, id))
  const reaction = { id, message_id: message.id, emoji, agent_name: agent.name, created_at: iso(core.now()) }
  tell(message, agent, "message.reacted", id, { ...reaction, ...channelName(message), action: "added" })
  return reaction
}

export const unreact = (core: Core, message: Message, agent: Agent, emoji: string): void => {
  const agents = message.reactions.get(emoji)
  const id = agents?.get(agent.name)
  if (agents === undefined || id === undefined)
    refuse(404, "reaction_not_found", `No reaction "${emoji}" by "${agent.name}"`)
  agents.delete(agent.name)
  if (agents.size === 0) message.reactions.delete(emoji)
  tell(message, agent, "message.reacted", `${id}_removed`, {
    id,
    message_id: message.id,
    emoji,
    agent_name: agent.name,
    created_at: iso(core.now()),
    ...channelName(message),
    action: "removed"
  })
}

/** In the event, `agent_id` is the reader, not the recipient. */
export const markRead = (core: Core, message: Message, agent: Agent) => {
  const read_at = iso(core.now())
  message.readBy.set(agent.id, { agent, readAt: core.now() })
  const receipt = { message_id: message.id, agent_id: agent.id, read_at }
  tell(message, agent, "message.read", `${message.id}_${agent.id}_${read_at}`, {
    ...receipt,
    agent_name: agent.name
  })
  return receipt
}
