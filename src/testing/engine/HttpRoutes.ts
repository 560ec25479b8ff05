/** The routes that a broker or `@relaycast/sdk` calls, thin: read the request, call the subject's file, shape the answer. */
import { actionRoutes } from "./ActionRoutes.ts"
import { agentRoutes } from "./AgentRoutes.ts"
import { channelRoutes, deliveryRoutes, messageRoutes } from "./MessageRoutes.ts"
import { refuse } from "./Model.ts"
import { nodeRoutes } from "./NodeRoutes.ts"
import { created, ok, type Route, route, string } from "./Route.ts"
import { createdWorkspace, createWorkspace, publicWorkspace } from "./Workspaces.ts"

const workspaceRoutes: ReadonlyArray<Route> = [
  route("POST", "/v1/workspaces", "none", (c) =>
    created(createdWorkspace(createWorkspace(c.core, string(c.body, "name"))))
  ),
  route("GET", "/v1/workspace", "any", (c) => ok(publicWorkspace(c.caller.workspace))),
  // Observers only, and there are none here.
  route("GET", "/v1/ws", "none", () => refuse(401, "unauthorized", "Agents have moved to the node transport"))
]
/** Literal segments come before `:name` where both fit. */
export const routes: ReadonlyArray<Route> = [
  ...workspaceRoutes,
  ...agentRoutes,
  ...nodeRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...deliveryRoutes,
  ...actionRoutes
]
