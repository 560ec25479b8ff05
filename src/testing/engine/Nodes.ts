/** Nodes: enrolment, the public record, liveness, and where agents sit. */
import { isRecord } from "../../domain/Json.ts"
import type { Capability } from "../../wire/Outbound.ts"
import { isoStored } from "./Ids.ts"
import { agentsAt } from "./Mailboxes.ts"
import { type Agent, type Binding, type Core, type EngineNode, refuse, type Workspace } from "./Model.ts"

/** Online, and heard of within this time. */
export const livenessMillis = 45_000

export const isLive = (core: Core, node: EngineNode): boolean =>
  node.status === "online" && node.lastHeartbeatAt !== undefined && core.now() - node.lastHeartbeatAt <= livenessMillis

export const hasRoom = (node: EngineNode): boolean =>
  node.maxAgents === 0 || node.activeAgents + node.reserved < node.maxAgents

export const publicNode = (core: Core, node: EngineNode) => ({
  id: node.id,
  name: node.name,
  kind: node.kind,
  role: node.role,
  delivery_adapter: "ws.node.v1",
  delivery: node.delivery,
  capabilities: node.capabilities,
  tags: node.tags,
  version: node.version,
  status: node.status,
  live: isLive(core, node),
  handlers_live: node.handlersLive,
  load: node.load,
  active_agents: node.activeAgents,
  max_agents: node.maxAgents,
  last_heartbeat_at: node.lastHeartbeatAt === undefined ? null : isoStored(node.lastHeartbeatAt),
  created_at: isoStored(node.createdAt)
})

export const makeNode = (
  core: Core,
  workspace: Workspace,
  o: { readonly id: string; readonly name: string } & Partial<
    Pick<EngineNode, "kind" | "role" | "delivery" | "capabilities" | "tags" | "version" | "maxAgents">
  >
): EngineNode => {
  const node: EngineNode = {
    id: o.id,
    workspace,
    name: o.name,
    kind: o.kind ?? "ws",
    role: o.role ?? "broker",
    delivery: o.delivery ?? null,
    capabilities: o.capabilities ?? [],
    tags: o.tags ?? [],
    version: o.version ?? "",
    status: "offline",
    handlersLive: false,
    load: 0,
    activeAgents: 0,
    reserved: 0,
    maxAgents: o.maxAgents ?? 0,
    lastHeartbeatAt: undefined,
    createdAt: core.now(),
    token: core.ids.nodeToken(),
    socket: undefined,
    queue: []
  }
  workspace.nodes.set(node.name, node)
  core.nodesById.set(node.id, node)
  core.nodeTokens.set(node.token, node)
  return node
}

export const rotateNodeToken = (core: Core, node: EngineNode): string => {
  core.nodeTokens.delete(node.token)
  node.token = core.ids.nodeToken()
  core.nodeTokens.set(node.token, node)
  return node.token
}

export const getNode = (workspace: Workspace, name: string): EngineNode =>
  workspace.nodes.get(name) ?? refuse(404, "node_not_found", `Node "${name}" not found`)

/** By name in the workspace; a given id only matters for a new row. A live socket stays although the token is new. */
export const enroll = (
  core: Core,
  workspace: Workspace,
  o: {
    readonly name: string
    readonly nodeId?: string
    readonly proof?: string
  } & Partial<Pick<EngineNode, "kind" | "role" | "capabilities" | "tags" | "version" | "maxAgents">>
): EngineNode => {
  const known = workspace.nodes.get(o.name)
  if (known === undefined) {
    if (o.nodeId !== undefined && core.nodesById.has(o.nodeId))
      return refuse(409, "node_id_conflict", `Node id "${o.nodeId}" is taken`)
    return makeNode(core, workspace, { ...o, id: o.nodeId ?? `node_${core.ids.next()}` })
  }
  if (core.later.tokenProof && o.proof !== known.token)
    return refuse(409, "node_token_proof_required", "Re-enrolling a node needs its present token")
  rotateNodeToken(core, known)
  known.kind = o.kind ?? known.kind
  known.role = o.role ?? known.role
  known.capabilities = o.capabilities ?? known.capabilities
  known.tags = o.tags ?? known.tags
  known.version = o.version ?? known.version
  known.maxAgents = o.maxAgents ?? known.maxAgents
  return known
}

/** The agent's own implicit node, where its messages queue when nobody else has it. */
export const directNode = (core: Core, agent: Pick<Agent, "id" | "name" | "workspace" | "direct">): EngineNode =>
  agent.direct ??
  makeNode(core, agent.workspace, {
    id: `node_direct_${agent.id}`,
    name: `direct-${agent.id}`,
    role: "direct",
    delivery: { implicit: true, agent_id: agent.id, agent_name: agent.name },
    tags: ["implicit", "direct"],
    version: "implicit",
    maxAgents: 1
  })

const releaseSlot = (node: EngineNode): void => {
  node.activeAgents = Math.max(0, node.activeAgents - 1)
}

export const unbind = (agent: Agent): void => {
  if (agent.binding === undefined) return
  releaseSlot(agent.binding.node)
  agent.binding = undefined
}

/** Moves the agent here from wherever it is; takes a slot unless it has one here. */
export const bind = (
  core: Core,
  node: EngineNode,
  agent: Agent,
  o: { readonly sessionRef?: string | undefined; readonly priority?: number | undefined } = {}
): Binding => {
  agent.location = node
  const present = agent.binding
  if (present?.node === node) {
    present.sessionRef = o.sessionRef ?? present.sessionRef
    present.priority = o.priority ?? present.priority
    present.updatedAt = core.now()
    return present
  }
  unbind(agent)
  node.activeAgents++
  const binding: Binding = {
    id: `anb_${core.ids.next()}`,
    agent,
    node,
    sessionRef: o.sessionRef ?? null,
    priority: o.priority ?? 0,
    createdAt: core.now(),
    updatedAt: core.now()
  }
  agent.binding = binding
  return binding
}

export const requireRoom = (node: EngineNode, agent: Agent | undefined): void => {
  if (agent?.binding?.node === node || node.maxAgents === 0 || node.activeAgents < node.maxAgents) return
  refuse(409, "node_capacity_exceeded", `Node "${node.name}" is at capacity`)
}

export const publicBinding = (binding: Binding) => ({
  id: binding.id,
  agent_id: binding.agent.id,
  agent_name: binding.agent.name,
  node_id: binding.node.id,
  node_name: binding.node.name,
  node_kind: binding.node.kind,
  node_role: binding.node.role,
  status: "active",
  session_ref: binding.sessionRef,
  priority: binding.priority,
  created_at: isoStored(binding.createdAt),
  updated_at: isoStored(binding.updatedAt)
})

export const bindingsOf = (node: EngineNode): ReadonlyArray<Binding> =>
  [...node.workspace.agents.values()].flatMap((agent) => (agent.binding?.node === node ? [agent.binding] : []))

/** Its agents go offline with it; bindings and locations stay. */
export const goOffline = (node: EngineNode): void => {
  node.status = "offline"
  for (const agent of agentsAt(node)) agent.status = "offline"
}

/** What `node.register` and a heartbeat with roster fields write. A name that another node has is refused. */
export const updateRoster = (
  node: EngineNode,
  roster: {
    readonly name?: string | undefined
    readonly capabilities?: ReadonlyArray<Capability> | undefined
    readonly maxAgents?: number | undefined
    readonly tags?: ReadonlyArray<string> | undefined
    readonly version?: string | undefined
  }
): void => {
  const { workspace } = node
  if (roster.name !== undefined && roster.name !== node.name) {
    if (workspace.nodes.has(roster.name))
      refuse(409, "node_name_conflict", `Node name "${roster.name}" is taken in this workspace`)
    workspace.nodes.delete(node.name)
    node.name = roster.name
    workspace.nodes.set(node.name, node)
  }
  node.capabilities = roster.capabilities ?? node.capabilities
  node.maxAgents = roster.maxAgents ?? node.maxAgents
  node.tags = roster.tags ?? node.tags
  node.version = roster.version ?? node.version
}

export const provides = (node: EngineNode, capability: string): boolean =>
  node.capabilities.some((one) => one.name === capability)

/** A JSON body's `capabilities` are plain names. */
export const capabilitiesFrom = (value: unknown): ReadonlyArray<Capability> | undefined =>
  Array.isArray(value)
    ? value.flatMap((one: unknown) =>
        typeof one === "string"
          ? [{ name: one }]
          : isRecord(one) && typeof one["name"] === "string"
            ? [{ name: one["name"] }]
            : []
      )
    : undefined
