/** Named actions with one handler each, and invoking them; `spawn` and `release` are built in as long as nobody has registered the name. */
import { getAgent } from "./Agents.ts"
import { isoStored } from "./Ids.ts"
import {
  type Action,
  type Agent,
  type Core,
  type EngineNode,
  type Fields,
  type Invocation,
  refuse,
  type Workspace
} from "./Model.ts"

import { getNode } from "./Nodes.ts"
import { complete, dispatch, isOpen, placeSpawn } from "./Placement.ts"

export const registerAction = (
  core: Core,
  workspace: Workspace,
  o: Pick<Action, "name" | "description" | "agent" | "node" | "inputSchema" | "outputSchema" | "availableTo">
): Action => {
  if (workspace.actions.has(o.name)) return refuse(409, "action_already_exists", `Action "${o.name}" already exists`)
  const action: Action = { ...o, id: `act_${core.ids.next()}`, createdAt: core.now() }
  workspace.actions.set(o.name, action)
  return action
}

/**
 * Every capability that is not `spawn:<x>` becomes an action of the whole workspace, pinned to this node, if its name is
 * free. So a bare `spawn` captures placement, and a bare `release` all releases.
 */
export const pinCapabilities = (core: Core, node: EngineNode): void => {
  for (const { name } of node.capabilities)
    if (!name.startsWith("spawn:") && !node.workspace.actions.has(name))
      registerAction(core, node.workspace, {
        name,
        description: `Node handler ${name}`,
        agent: undefined,
        node,
        inputSchema: {},
        outputSchema: {},
        availableTo: null
      })
}

const makeInvocation = (
  core: Core,
  workspace: Workspace,
  o: Pick<
    Invocation,
    "actionName" | "kind" | "frameAction" | "wanted" | "pinnedTo" | "handlerAgent" | "caller" | "input"
  >
): Invocation => ({
  ...o,
  id: `inv_${core.ids.next()}`,
  workspace,
  status: "pending",
  handlerNode: undefined,
  dispatchedNode: undefined,
  dispatchedAt: undefined,
  nextAttemptAt: undefined,
  attempts: 0,
  tried: new Set(),
  reservedOn: undefined,
  output: null,
  error: null,
  createdAt: core.now(),
  completedAt: undefined
})

const targetOf = (workspace: Workspace, input: Fields, caller: Agent | undefined): EngineNode | undefined => {
  const named = ["target_node", "node", "target"].map((key) => input[key]).find((value) => typeof value === "string")
  if (named === undefined) return undefined
  if (named !== "self") return getNode(workspace, String(named))
  return caller?.location ?? refuse(400, "invalid_request", "Only an agent has a node of its own")
}

const spawn = (core: Core, workspace: Workspace, caller: Agent | undefined, input: Fields): Invocation => {
  const named = [input["capability"], input["cli"]].find((value) => typeof value === "string" && value !== "")
  if (named === undefined) return refuse(400, "invalid_request", "spawn needs a cli or a capability")
  const wanted = String(named).startsWith("spawn:") ? String(named) : `spawn:${String(named)}`
  const target = targetOf(workspace, input, caller)
  const invocation = makeInvocation(core, workspace, {
    actionName: "spawn",
    kind: "spawn",
    frameAction: wanted,
    wanted,
    pinnedTo: target,
    handlerAgent: undefined,
    caller,
    input
  })
  placeSpawn(core, invocation, target)
  return invocation
}

const release = (core: Core, workspace: Workspace, caller: Agent | undefined, input: Fields): Invocation => {
  const agent = getAgent(workspace, String(input["name"] ?? ""))
  const invocation = makeInvocation(core, workspace, {
    actionName: "release",
    kind: "release",
    frameAction: "release",
    wanted: undefined,
    pinnedTo: agent.location,
    handlerAgent: undefined,
    caller,
    input
  })
  dispatch(core, invocation, agent.location)
  return invocation
}

const registered = (core: Core, action: Action, caller: Agent | undefined, input: Fields): Invocation => {
  const node = action.node ?? action.agent?.location
  if (node === undefined) return refuse(503, "handler_unavailable", `Action "${action.name}" has no handler`)
  if (action.availableTo !== null && (caller === undefined || !action.availableTo.includes(caller.name)))
    return refuse(403, "action_denied", `Action "${action.name}" is not available to this caller`)
  const invocation = makeInvocation(core, node.workspace, {
    actionName: action.name,
    kind: "action",
    frameAction: action.name,
    wanted: undefined,
    pinnedTo: node,
    handlerAgent: action.agent,
    caller,
    input
  })
  dispatch(core, invocation, node)
  return invocation
}

export const invoke = (
  core: Core,
  workspace: Workspace,
  o: { readonly action: string; readonly caller: Agent | undefined; readonly input: Fields }
): Invocation => {
  const action = workspace.actions.get(o.action)
  const invocation =
    action !== undefined
      ? registered(core, action, o.caller, o.input)
      : o.action === "spawn"
        ? spawn(core, workspace, o.caller, o.input)
        : o.action === "release"
          ? release(core, workspace, o.caller, o.input)
          : refuse(404, "action_not_found", `Action "${o.action}" not found`)
  workspace.invocations.set(invocation.id, invocation)
  return invocation
}

export const getInvocation = (workspace: Workspace, id: string): Invocation =>
  workspace.invocations.get(id) ?? refuse(404, "invocation_not_found", `Invocation "${id}" not found`)

/** By its handler agent over HTTP; what a node owns is completed by that node's `action.result` only. */
export const completeOverHttp = (core: Core, invocation: Invocation, agent: Agent, body: Fields): void => {
  if (invocation.handlerAgent === undefined) refuse(403, "node_owned_invocation", "The invocation belongs to a node")
  if (invocation.handlerAgent !== agent) refuse(403, "action_denied", "The invocation belongs to another agent")
  if (!isOpen(invocation)) refuse(409, "invocation_closed", "The invocation is already completed")
  const error = body["error"]
  complete(core, invocation, typeof error === "string" ? { error } : { output: body["output"] ?? null })
}

export const publicAction = (action: Action) => ({
  id: action.id,
  name: action.name,
  description: action.description,
  handler_agent: action.agent?.name ?? null,
  handler_node: action.node?.name ?? null,
  handler_node_id: action.node?.id ?? null,
  input_schema: action.inputSchema,
  output_schema: action.outputSchema,
  available_to: action.availableTo,
  is_active: true,
  created_at: isoStored(action.createdAt)
})

export const createdInvocation = (invocation: Invocation) => ({
  invocation_id: invocation.id,
  action_name: invocation.actionName,
  handler_agent_id: invocation.handlerAgent?.id ?? null,
  handler_node_id: invocation.handlerNode?.id ?? null,
  dispatched_node_id: invocation.dispatchedNode?.id ?? null,
  input: invocation.input,
  status: invocation.status,
  created_at: isoStored(invocation.createdAt)
})

const stored = (millis: number | undefined) => (millis === undefined ? null : isoStored(millis))

export const publicInvocation = (invocation: Invocation) => ({
  invocation_id: invocation.id,
  action_name: invocation.actionName,
  caller_id: invocation.caller?.id ?? null,
  caller_name: invocation.caller?.name ?? null,
  input: invocation.input,
  output: invocation.output,
  status: invocation.status,
  error: invocation.error,
  duration_ms: null,
  dispatched_node_id: invocation.dispatchedNode?.id ?? null,
  dispatched_at: stored(invocation.dispatchedAt),
  created_at: isoStored(invocation.createdAt),
  completed_at: stored(invocation.completedAt)
})
