/** What each frame of a node does, and what is answered. Synchronous; an unwanted frame throws `Refused`. */
import type { Outbound } from "../../wire/Outbound.ts"
import { pinCapabilities } from "./Actions.ts"
import { deregister, registerOnNode } from "./Agents.ts"
import { syncInventory } from "./Inventory.ts"
import { acknowledge } from "./Mailboxes.ts"
import { type Core, type EngineNode, refuse } from "./Model.ts"

import { goOffline, publicNode, updateRoster } from "./Nodes.ts"
import { acceptResult, drainQueue, rescheduleAll } from "./Placement.ts"

/** The reply's data, and what leaves after it. Only these three kinds of reply are followed by a replay. */
export interface Handled {
  readonly data: unknown
  readonly follow: "replay" | "drain, replay"
}

type Frame<T extends Outbound["type"]> = Extract<Outbound, { readonly type: T }>

const mustBeOurs = (node: EngineNode, nodeId: string | undefined): void => {
  if (nodeId !== undefined && nodeId !== node.id)
    refuse(409, "node_id_mismatch", "node_id does not match the authenticated node token")
}

const heard = (core: Core, node: EngineNode, frame: Frame<"node.register" | "node.heartbeat">): void => {
  mustBeOurs(node, frame.node_id)
  updateRoster(node, {
    name: frame.name,
    capabilities: frame.capabilities,
    maxAgents: frame.max_agents,
    tags: frame.type === "node.register" ? frame.tags : undefined,
    version: frame.version
  })
  node.status = "online"
  node.lastHeartbeatAt = core.now()
  pinCapabilities(core, node)
}

const nodeRegister = (core: Core, node: EngineNode, frame: Frame<"node.register">): Handled => {
  heard(core, node, frame)
  node.kind = "ws"
  node.role = "broker"
  node.handlersLive = frame.capabilities.length > 0
  return { data: publicNode(core, node), follow: "drain, replay" }
}

const nodeHeartbeat = (core: Core, node: EngineNode, frame: Frame<"node.heartbeat">): void => {
  heard(core, node, frame)
  node.load = frame.load
  node.activeAgents = frame.active_agents
  node.handlersLive = frame.handlers_live
  drainQueue(core, node, "all")
}

const agentRegister = (core: Core, node: EngineNode, frame: Frame<"agent.register">): Handled => {
  const agent = registerOnNode(core, node, {
    name: frame.name,
    invocationId: frame.invocation_id,
    sessionRef: frame.session_ref
  })
  const cursor = core.later.tellCursors ? { delivery_ack_seq: agent.mailbox.cursor } : {}
  return { data: { agent_id: agent.id, token: agent.token, name: agent.name, ...cursor }, follow: "replay" }
}

const agentDeregister = (core: Core, node: EngineNode, frame: Frame<"agent.deregister">): void => {
  const agent = node.workspace.agentsById.get(frame.agent_id)
  if (agent?.location === node) deregister(core, agent)
}

/** By name, and only for an agent that is located on this node; otherwise ignored without an error. */
const deliveryAck = (core: Core, node: EngineNode, frame: Frame<"delivery.ack">): void => {
  const agent = node.workspace.agents.get(frame.agent)
  const applied = agent?.location === node && acknowledge(core, agent, frame.up_to_seq)
  core.recorder.emit({
    _tag: "Ack",
    at: core.now(),
    node: node.name,
    agent: frame.agent,
    upToSeq: frame.up_to_seq,
    applied
  })
}

/** `undefined`: not answered, even when the frame has an id. */
export const handleFrame = (core: Core, node: EngineNode, frame: Outbound): Handled | undefined => {
  switch (frame.type) {
    case "node.register":
      return nodeRegister(core, node, frame)
    case "agent.register":
      return agentRegister(core, node, frame)
    case "inventory.sync":
      return { data: syncInventory(core, node, frame.agents), follow: "replay" }
    case "node.heartbeat":
      nodeHeartbeat(core, node, frame)
      return undefined
    case "node.deregister":
      goOffline(node)
      rescheduleAll(core, node)
      return undefined
    case "agent.deregister":
      agentDeregister(core, node, frame)
      return undefined
    case "delivery.ack":
      deliveryAck(core, node, frame)
      return undefined
    case "action.result": {
      const result = "error" in frame ? { error: frame.error } : { output: frame.output }
      acceptResult(core, node, frame.invocation_id, result)
      return undefined
    }
  }
}
