/** `/v1/agents…` and `/v1/agent…`. */
import { createdInvocation, invoke, publicAction } from "./Actions.ts"
import {
  channelsOf,
  createdAgent,
  getAgent,
  publicAgent,
  registerAgent,
  removeAgent,
  rotateAgentToken,
  setStatus,
  statuses
} from "./Agents.ts"
import { publicRow } from "./Deliveries.ts"
import { type Agent, type AgentStatus, refuse } from "./Model.ts"

import { directNode, rotateNodeToken } from "./Nodes.ts"
import {
  created,
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

const agent = (c: RouteContext) => getAgent(c.caller.workspace, c.params["name"]!)

const agentPage = (c: RouteContext, who: Agent) => ({
  ...publicAgent(who),
  workspace_id: c.caller.workspace.id,
  channels: channelsOf(who),
  actions_provided: [...c.caller.workspace.actions.values()].filter((one) => one.agent === who).map(publicAction),
  actions_available_to: [],
  pending_deliveries: [...who.mailbox.open.values()].map((one) => publicRow(who, one))
})
export const agentRoutes: ReadonlyArray<Route> = [
  route("POST", "/v1/agents", "workspace", (c) => {
    const type = optionalString(c.body, "type")
    if (type !== undefined && !["agent", "human", "system"].includes(type))
      return refuse(400, "invalid_request", "type must be agent, human or system")
    const registered = registerAgent(c.core, c.caller.workspace, {
      name: string(c.body, "name"),
      type,
      persona: optionalString(c.body, "persona"),
      metadata: object(c.body, "metadata"),
      capabilities: object(c.body, "capabilities")
    })
    return created(createdAgent(registered))
  }),
  route("GET", "/v1/agents", "workspace", (c) =>
    ok(
      [...c.caller.workspace.agents.values()]
        .filter((one) => ["all", one.status].includes(c.query["status"] ?? "all"))
        .map(publicAgent)
    )
  ),
  route("GET", "/v1/agent", "agent", (c) => ok(agentPage(c, self(c)))),
  route("POST", "/v1/agent/node-token", "agent", (c) => {
    const who = self(c)
    if (who.binding !== undefined && who.binding.node !== who.direct)
      return refuse(409, "agent_bound_to_node", `Agent "${who.name}" is bound to "${who.binding.node.name}"`)
    who.direct = directNode(c.core, who)
    return ok({ node_id: who.direct.id, node_name: who.direct.name, token: rotateNodeToken(c.core, who.direct) })
  }),
  route("POST", "/v1/agents/heartbeat", "agent", (c) => {
    const who = self(c)
    who.status = "active"
    who.lastSeen = c.core.now()
    return ok({ agent_id: who.id, status: who.status })
  }),
  route("POST", "/v1/agents/disconnect", "agent", (c) => {
    const who = self(c)
    who.status = "offline"
    return ok({ agent_id: who.id, status: who.status })
  }),
  route("POST", "/v1/agents/spawn", "any", (c) => {
    const { capability: _c, node: _n, target: _t, target_node: _tn, ...body } = c.body
    const input = {
      name: string(body, "name"),
      cli: string(body, "cli"),
      task: optionalString(body, "task") ?? "",
      channel: optionalString(body, "channel") ?? null,
      persona: optionalString(body, "persona") ?? null,
      model: optionalString(body, "model") ?? null,
      metadata: object(body, "metadata") ?? {}
    }
    const { agent: caller, workspace } = c.caller
    return created(createdInvocation(invoke(c.core, workspace, { action: "spawn", caller, input })))
  }),
  route("POST", "/v1/agents/release", "any", (c) => {
    const input = {
      name: string(c.body, "name"),
      reason: optionalString(c.body, "reason") ?? null,
      delete_agent: c.body["delete_agent"] === true
    }
    const { agent: caller, workspace } = c.caller
    return created(createdInvocation(invoke(c.core, workspace, { action: "release", caller, input })))
  }),
  route("GET", "/v1/agents/:name", "workspace", (c) => ok(agentPage(c, agent(c)))),
  route("PATCH", "/v1/agents/:name", "workspace", (c) => {
    const who = agent(c)
    const status = optionalString(c.body, "status")
    if (status !== undefined && !statuses.has(status))
      return refuse(400, "invalid_request", `Unknown status "${status}"`)
    who.persona = optionalString(c.body, "persona") ?? who.persona
    who.metadata = object(c.body, "metadata") ?? who.metadata
    if (status !== undefined) setStatus(c.core, who, status as AgentStatus)
    return ok(publicAgent(who))
  }),
  route("DELETE", "/v1/agents/:name", "workspace", (c) => {
    removeAgent(c.core, agent(c))
    return gone
  }),
  route("POST", "/v1/agents/:name/rotate-token", "workspace", (c) => {
    const who = agent(c)
    return ok({ name: who.name, token: rotateAgentToken(c.core, who) })
  })
]
