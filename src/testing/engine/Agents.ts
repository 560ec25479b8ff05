/** Agent identities: registration over HTTP and over a node, take-over, tokens, presence. */
import { iso, isoStored } from "./Ids.ts"
import { makeMailbox } from "./Mailboxes.ts"
import {
  type Agent,
  type AgentStatus,
  type Core,
  type EngineNode,
  type Fields,
  refuse,
  type Workspace
} from "./Model.ts"

import { bind, bindingsOf, directNode, requireRoom, unbind } from "./Nodes.ts"

/** Without a call or an ack for this long, the sweep marks an agent offline. */
export const presenceMillis = 300_000
const refreshMillis = 30_000

export const statuses: ReadonlySet<string> = new Set(["active", "idle", "blocked", "waiting", "offline", "online"])

export const getAgent = (workspace: Workspace, name: string): Agent =>
  workspace.agents.get(name) ?? refuse(404, "agent_not_found", `Agent "${name}" not found`)

const join = (core: Core, agent: Agent, channelName: string): void => {
  const channel = agent.workspace.channels.get(channelName)
  if (channel !== undefined && !channel.members.has(agent.id))
    channel.members.set(agent.id, { agent, role: "member", joinedAt: core.now() })
}

const issueToken = (core: Core, agent: Agent): string => {
  core.agentTokens.delete(agent.token)
  agent.token = core.ids.agentToken()
  core.agentTokens.set(agent.token, agent)
  return agent.token
}

const create = (
  core: Core,
  workspace: Workspace,
  name: string,
  o: {
    readonly type?: string | undefined
    readonly persona?: string | undefined
    readonly metadata?: Fields | undefined
    readonly capabilities?: Fields | undefined
    /** Absent: the agent's own implicit node. */
    readonly location?: EngineNode
  }
): Agent => {
  const identity = { id: core.ids.next(), name, workspace, direct: undefined }
  const direct = o.location === undefined ? directNode(core, identity) : undefined
  const agent: Agent = {
    ...identity,
    type: o.type ?? "agent",
    persona: o.persona ?? null,
    metadata: o.metadata ?? {},
    capabilities: o.capabilities ?? null,
    status: "active",
    token: core.ids.agentToken(),
    createdAt: core.now(),
    lastSeen: core.now(),
    lastRefresh: core.now(),
    location: o.location ?? direct!,
    direct,
    binding: undefined,
    mailbox: makeMailbox()
  }
  workspace.agents.set(name, agent)
  workspace.agentsById.set(agent.id, agent)
  core.agentTokens.set(agent.token, agent)
  join(core, agent, "general")
  return agent
}

/** `POST /v1/agents`. */
export const registerAgent = (
  core: Core,
  workspace: Workspace,
  o: {
    readonly name: string
    readonly type?: string | undefined
    readonly persona?: string | undefined
    readonly metadata?: Fields | undefined
    readonly capabilities?: Fields | undefined
  }
): Agent => {
  if (workspace.agents.has(o.name))
    return refuse(409, "agent_already_exists", `Agent "${o.name}" already exists in this workspace`)
  const agent = create(core, workspace, o.name, o)
  bind(core, agent.location, agent)
  return agent
}

/** `agent.register` of a node: a new agent, or the take-over of a name that is free to be taken. Always a new token. */
export const registerOnNode = (
  core: Core,
  node: EngineNode,
  o: { readonly name: string; readonly invocationId: string | undefined; readonly sessionRef: string | undefined }
): Agent => {
  const { workspace } = node
  const known = workspace.agents.get(o.name)
  if (known !== undefined && known.status === "active" && known.location !== node && known.location !== known.direct)
    return refuse(409, "agent_location_conflict", `Agent "${o.name}" already has an active location`)
  requireRoom(node, known)
  const agent = known ?? create(core, workspace, o.name, { location: node })
  if (known !== undefined) issueToken(core, agent)
  bind(core, node, agent, { sessionRef: o.sessionRef })
  join(core, agent, "general")
  agent.status = "active"
  agent.lastSeen = core.now()
  agent.metadata = {
    ...agent.metadata,
    fleet: { node_id: node.id, invocation_id: o.invocationId ?? null, registered_at: iso(core.now()) }
  }
  return agent
}

/** The agent goes offline and back to its implicit node. */
export const deregister = (core: Core, agent: Agent): void => {
  unbind(agent)
  agent.direct = directNode(core, agent)
  agent.location = agent.direct
  agent.status = "offline"
}

/** `POST /v1/nodes/:name/agents`: from anywhere, live or not. */
export const bindTo = (
  core: Core,
  node: EngineNode,
  agent: Agent,
  o: { readonly sessionRef?: string | undefined; readonly priority?: number | undefined }
) => {
  requireRoom(node, agent)
  agent.status = "active"
  agent.lastSeen = core.now()
  return bind(core, node, agent, o)
}

/** `DELETE /v1/nodes/:name/agents/:agent`: the agent falls back to its implicit node. */
export const unbindFrom = (core: Core, node: EngineNode, name: string): void => {
  const agent = node.workspace.agents.get(name)
  if (agent?.binding?.node !== node)
    refuse(404, "node_agent_binding_not_found", `Agent "${name}" is not bound to "${node.name}"`)
  unbind(agent)
  agent.direct = directNode(core, agent)
  agent.location = agent.direct
}

export const rotateAgentToken = issueToken

export const removeAgent = (core: Core, agent: Agent): void => {
  unbind(agent)
  core.agentTokens.delete(agent.token)
  agent.workspace.agents.delete(agent.name)
  agent.workspace.agentsById.delete(agent.id)
  for (const channel of agent.workspace.channels.values()) channel.members.delete(agent.id)
}

/** An authenticated call with the agent's token; at most every 30 s it counts. */
export const seen = (core: Core, agent: Agent): void => {
  if (core.now() - agent.lastRefresh < refreshMillis && agent.status !== "offline") return
  agent.lastRefresh = core.now()
  agent.lastSeen = core.now()
  agent.status = "active"
}

/** A presence change is told to every node with bindings. */
export const setStatus = (core: Core, agent: Agent, status: AgentStatus): void => {
  agent.status = status
  agent.lastSeen = core.now()
  for (const node of agent.workspace.nodes.values()) {
    const agents = node.socket === undefined ? [] : bindingsOf(node).map((binding) => binding.agent.id)
    if (agents.length > 0)
      node.socket?.send({
        v: 1,
        type: "context.update",
        topic: "presence",
        event: `agent.status.${status}`,
        channel_id: null,
        agent_ids: agents,
        data: { agent_id: agent.id, agent_name: agent.name, status }
      })
  }
}

export const sweepPresence = (core: Core, workspace: Workspace): void => {
  for (const agent of workspace.agents.values())
    if (agent.status !== "offline" && core.now() - agent.lastSeen > presenceMillis) agent.status = "offline"
}

export const publicAgent = (agent: Agent) => ({
  id: agent.id,
  name: agent.name,
  handle: `@${agent.name}`,
  type: agent.type,
  status: agent.status,
  persona: agent.persona,
  capabilities: agent.capabilities,
  created_at: isoStored(agent.createdAt),
  last_seen: isoStored(agent.lastSeen),
  metadata: agent.metadata
})

/** The answer to `POST /v1/agents`, the only HTTP answer with the token besides its rotation. */
export const createdAgent = (agent: Agent) => ({
  id: agent.id,
  workspace_id: agent.workspace.id,
  name: agent.name,
  handle: `@${agent.name}`,
  token: agent.token,
  status: agent.status,
  capabilities: agent.capabilities,
  created_at: isoStored(agent.createdAt)
})

export const channelsOf = (agent: Agent) =>
  [...agent.workspace.channels.values()].flatMap((channel) => {
    const member = channel.members.get(agent.id)
    return member === undefined
      ? []
      : [{ id: channel.id, name: channel.name, role: member.role, joined_at: isoStored(member.joinedAt) }]
  })
