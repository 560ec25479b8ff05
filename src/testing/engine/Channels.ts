/** Channels and who is in them. */
import { isoStored } from "./Ids.ts"
import { type Agent, type Channel, type Core, type Fields, refuse, type Workspace } from "./Model.ts"

export const getChannel = (workspace: Workspace, name: string): Channel =>
  workspace.channels.get(name) ?? refuse(404, "channel_not_found", `Channel "${name}" not found`)

export const createChannel = (
  core: Core,
  workspace: Workspace,
  o: {
    readonly name: string
    readonly topic?: string | undefined
    readonly metadata?: Fields | undefined
    readonly creator?: Agent | undefined
  }
): Channel => {
  if (workspace.channels.has(o.name)) return refuse(409, "channel_already_exists", `Channel "${o.name}" already exists`)
  const channel: Channel = {
    id: core.ids.next(),
    name: o.name,
    kind: "channel",
    conversationId: undefined,
    topic: o.topic ?? null,
    metadata: o.metadata ?? {},
    createdBy: o.creator?.id ?? null,
    createdAt: core.now(),
    members: new Map(),
    messages: []
  }
  if (o.creator !== undefined)
    channel.members.set(o.creator.id, { agent: o.creator, role: "owner", joinedAt: core.now() })
  workspace.channels.set(o.name, channel)
  return channel
}

/** Told to every connected node that hosts members, the one who came or went included. */
const announce = (channel: Channel, event: string, actor: Agent): void => {
  const nodes = new Map<Agent["location"], Set<string>>()
  for (const { agent } of [...channel.members.values(), { agent: actor }]) {
    const agents = nodes.get(agent.location) ?? new Set()
    nodes.set(agent.location, agents.add(agent.id))
  }
  for (const [node, agents] of nodes)
    node.socket?.send({
      v: 1,
      type: "context.update",
      topic: "channel",
      event,
      channel_id: channel.id,
      agent_ids: [...agents],
      data: { channel_name: channel.name, agent_name: actor.name }
    })
}

export const joinChannel = (core: Core, channel: Channel, agent: Agent) => {
  const already_member = channel.members.has(agent.id)
  if (!already_member) {
    channel.members.set(agent.id, { agent, role: "member", joinedAt: core.now() })
    announce(channel, "member.joined", agent)
  }
  return { channel: channel.name, agent_id: agent.id, already_member }
}

export const leaveChannel = (channel: Channel, agent: Agent) => {
  if (channel.members.delete(agent.id)) announce(channel, "member.left", agent)
  return { channel: channel.name, agent_id: agent.id }
}

export const createdChannel = (workspace: Workspace, channel: Channel) => ({
  id: channel.id,
  workspace_id: workspace.id,
  name: channel.name,
  channel_type: 0,
  topic: channel.topic,
  metadata: channel.metadata,
  created_by: channel.createdBy,
  created_at: isoStored(channel.createdAt),
  is_archived: false
})

export const membersOf = (channel: Channel) =>
  [...channel.members.values()].map(({ agent, joinedAt, role }) => ({
    agent_id: agent.id,
    agent_name: agent.name,
    role,
    joined_at: isoStored(joinedAt),
    is_muted: false
  }))

export const publicChannel = (channel: Channel) => ({
  id: channel.id,
  name: channel.name,
  topic: channel.topic,
  metadata: channel.metadata,
  created_by: channel.createdBy,
  created_at: isoStored(channel.createdAt),
  is_archived: false,
  member_count: channel.members.size
})
