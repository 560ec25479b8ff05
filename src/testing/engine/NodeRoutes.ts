/** `/v1/nodes…`. */
import { bindTo, getAgent, unbindFrom } from "./Agents.ts"
import { bindingsOf, capabilitiesFrom, enroll, getNode, provides, publicBinding, publicNode } from "./Nodes.ts"
import {
  count,
  created,
  gone,
  ok,
  optionalString,
  type Route,
  type RouteContext,
  route,
  string,
  strings
} from "./Route.ts"

const node = (c: RouteContext) => getNode(c.caller.workspace, c.params["name"]!)

export const nodeRoutes: ReadonlyArray<Route> = [
  route("POST", "/v1/nodes", "workspace", (c) => {
    const given = <K extends string, A>(key: K, value: A | undefined) =>
      (value === undefined ? {} : { [key]: value }) as { readonly [k in K]?: A }
    const enrolled = enroll(c.core, c.caller.workspace, {
      name: string(c.body, "name"),
      ...given("nodeId", optionalString(c.body, "node_id")),
      ...given("kind", optionalString(c.body, "kind")),
      ...given("role", optionalString(c.body, "role")),
      ...given("version", optionalString(c.body, "version")),
      ...given("tags", strings(c.body, "tags")),
      ...given("maxAgents", count(c.body, "max_agents")),
      ...given("capabilities", capabilitiesFrom(c.body["capabilities"])),
      ...given("proof", c.headers["x-relaycast-node-token"])
    })
    return created({ ...publicNode(c.core, enrolled), token: enrolled.token })
  }),
  route("GET", "/v1/nodes", "any", (c) => {
    const { capability, name } = c.query
    return ok(
      [...c.caller.workspace.nodes.values()]
        .filter((one) => name === undefined || one.name === name)
        .filter((one) => capability === undefined || provides(one, capability))
        .map((one) => publicNode(c.core, one))
    )
  }),
  route("GET", "/v1/nodes/:name", "any", (c) => ok(publicNode(c.core, node(c)))),
  route("GET", "/v1/nodes/:name/agents", "any", (c) => ok(bindingsOf(node(c)).map(publicBinding))),
  route("POST", "/v1/nodes/:name/agents", "workspace", (c) => {
    const where = node(c)
    const who = getAgent(c.caller.workspace, string(c.body, "agent_name"))
    const sessionRef = optionalString(c.body, "session_ref")
    return created(publicBinding(bindTo(c.core, where, who, { sessionRef, priority: count(c.body, "priority") })))
  }),
  route("DELETE", "/v1/nodes/:name/agents/:agent", "workspace", (c) => {
    unbindFrom(c.core, node(c), c.params["agent"]!)
    return gone
  })
]
