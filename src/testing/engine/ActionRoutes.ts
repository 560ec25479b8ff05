/** `/v1/actions…`. */
import {
  completeOverHttp,
  createdInvocation,
  getInvocation,
  invoke,
  publicAction,
  publicInvocation,
  registerAction
} from "./Actions.ts"
import { getAgent } from "./Agents.ts"
import { refuse } from "./Model.ts"
import { getNode } from "./Nodes.ts"
import { created, gone, object, ok, optionalString, type Route, route, self, string, strings } from "./Route.ts"

export const actionRoutes: ReadonlyArray<Route> = [
  route("POST", "/v1/actions", "any", (c) => {
    const { agent: caller, workspace } = c.caller
    const handlerAgent = optionalString(c.body, "handler_agent")
    const handlerNode = optionalString(c.body, "handler_node")
    if ((handlerAgent === undefined) === (handlerNode === undefined))
      return refuse(400, "invalid_request", "Exactly one of handler_agent and handler_node")
    if (caller !== undefined && handlerAgent !== caller.name)
      return refuse(403, "action_denied", "An agent registers actions for itself only")
    const action = registerAction(c.core, workspace, {
      name: string(c.body, "name"),
      description: optionalString(c.body, "description") ?? "",
      agent: handlerAgent === undefined ? undefined : getAgent(workspace, handlerAgent),
      node: handlerNode === undefined ? undefined : getNode(workspace, handlerNode),
      inputSchema: object(c.body, "input_schema") ?? {},
      outputSchema: object(c.body, "output_schema") ?? {},
      availableTo: strings(c.body, "available_to") ?? null
    })
    return created(publicAction(action))
  }),
  route("GET", "/v1/actions", "any", (c) =>
    ok([...c.caller.workspace.actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(publicAction))
  ),
  route("GET", "/v1/actions/:name", "any", (c) => {
    const action = c.caller.workspace.actions.get(c.params["name"]!)
    return action === undefined
      ? refuse(404, "action_not_found", `Action "${c.params["name"]}" not found`)
      : ok(publicAction(action))
  }),
  route("DELETE", "/v1/actions/:name", "any", (c) =>
    c.caller.workspace.actions.delete(c.params["name"]!)
      ? gone
      : refuse(404, "action_not_found", `Action "${c.params["name"]}" not found`)
  ),
  route("POST", "/v1/actions/:name/invoke", "agent", (c) => {
    const input = object(c.body, "input") ?? {}
    const { agent: caller, workspace } = c.caller
    return created(createdInvocation(invoke(c.core, workspace, { action: c.params["name"]!, caller, input })))
  }),
  route("GET", "/v1/actions/:name/invocations/:id", "any", (c) =>
    ok(publicInvocation(getInvocation(c.caller.workspace, c.params["id"]!)))
  ),
  route("POST", "/v1/actions/:name/invocations/:id/complete", "agent", (c) => {
    const invocation = getInvocation(c.caller.workspace, c.params["id"]!)
    completeOverHttp(c.core, invocation, self(c), c.body)
    return ok(publicInvocation(invocation))
  })
]
