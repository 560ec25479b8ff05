/** `inventory.sync`: the full snapshot of a node's agents, with all the effects that make it dangerous. */
import type { InventorySync } from "../../wire/Outbound.ts"
import { agentsAt } from "./Mailboxes.ts"
import { type Agent, type Core, type EngineNode, refuse } from "./Model.ts"

import { bind, isLive } from "./Nodes.ts"
import { complete, isOpen, reschedule } from "./Placement.ts"

/** Its own node, its implicit one, or a node that is not live. */
const mayMove = (core: Core, agent: Agent, node: EngineNode): boolean =>
  agent.status !== "active" ||
  agent.location === node ||
  agent.location === agent.direct ||
  !isLive(core, agent.location)

/** The counts of the reply. Redelivery is the caller's, after the reply. */
export const syncInventory = (core: Core, node: EngineNode, listed: (typeof InventorySync.Type)["agents"]) => {
  const { agents, invocations } = node.workspace
  // 1. One conflict refuses the whole sync.
  for (const { name } of listed) {
    const agent = agents.get(name)
    if (agent !== undefined && !mayMove(core, agent, node))
      return refuse(409, "agent_location_conflict", `Agent "${name}" already has an active location`)
  }
  // 2. By name; ids are not compared; unknown names are skipped, yet counted.
  for (const { name, session_ref } of listed) {
    const agent = agents.get(name)
    if (agent === undefined) continue
    bind(core, node, agent, { sessionRef: session_ref })
    agent.status = "active"
    agent.lastSeen = core.now()
  }
  const open = [...invocations.values()].filter(
    (invocation) => isOpen(invocation) && invocation.dispatchedNode === node
  )
  // 3. A listed open invocation is completed.
  let completed = 0
  for (const { agent_id, invocation_id, name, session_ref } of listed) {
    const invocation = open.find((candidate) => candidate.id === invocation_id)
    if (invocation === undefined || !isOpen(invocation)) continue
    complete(core, invocation, {
      output: { agent_id, name, invocation_id, ...(session_ref === undefined ? {} : { session_ref }) }
    })
    completed++
  }
  // 4. What is located here, active and not listed goes offline; binding and location stay.
  const names = new Set(listed.map((item) => item.name))
  for (const agent of agentsAt(node)) if (agent.status === "active" && !names.has(agent.name)) agent.status = "offline"
  // 5. Open invocations that were not listed are taken away; a later result for one is dropped.
  const taken = open.filter(isOpen)
  for (const invocation of taken) reschedule(core, invocation, true)
  return {
    rebound_agents: listed.length,
    open_invocations: open.length,
    completed_invocations: completed,
    rescheduled_invocations: taken.length
  }
}
