/** Workspaces and who may speak for one. */
import { createChannel } from "./Channels.ts"
import { iso, isoStored } from "./Ids.ts"
import { type Agent, type Core, refuse, type Workspace } from "./Model.ts"

export const createWorkspace = (core: Core, name: string): Workspace => {
  const workspace: Workspace = {
    id: `ws_${core.ids.next()}`,
    name,
    key: core.ids.workspaceKey(),
    createdAt: core.now(),
    agents: new Map(),
    agentsById: new Map(),
    nodes: new Map(),
    channels: new Map(),
    conversations: new Map(),
    messages: new Map(),
    actions: new Map(),
    invocations: new Map(),
    idempotency: new Map()
  }
  core.workspaces.set(workspace.id, workspace)
  core.keys.set(workspace.key, workspace)
  createChannel(core, workspace, { name: "general" })
  return workspace
}

export const createdWorkspace = (workspace: Workspace) => ({
  workspace_id: workspace.id,
  name: workspace.name,
  api_key: workspace.key,
  created_at: iso(workspace.createdAt)
})

export const publicWorkspace = (workspace: Workspace) => ({
  id: workspace.id,
  name: workspace.name,
  system_prompt: null,
  plan: "free",
  created_at: isoStored(workspace.createdAt),
  metadata: {}
})

/** What a route wants. */
export type Wanted = "none" | "workspace" | "agent" | "any"

export interface Caller {
  readonly workspace: Workspace
  /** Absent when the workspace key was shown. */
  readonly agent: Agent | undefined
}

export const credentialKind = (token: string | undefined): "workspace" | "agent" | "node" | "none" =>
  token?.startsWith("rk_live_")
    ? "workspace"
    : token?.startsWith("at_live_")
      ? "agent"
      : token?.startsWith("nt_live_")
        ? "node"
        : "none"

export const bearer = (authorization: string | undefined): string | undefined =>
  /^bearer\s+(\S+)$/i.exec(authorization?.trim() ?? "")?.[1]

export const authenticate = (core: Core, token: string | undefined, wanted: Exclude<Wanted, "none">): Caller => {
  if (token === undefined) return refuse(401, "unauthorized", "Missing or invalid Authorization header")
  const kind = credentialKind(token)
  if (kind === "node") {
    if (!core.nodeTokens.has(token)) return refuse(401, "node_token_invalid", "Invalid node token")
    return refuse(401, "node_token_forbidden", "Node tokens are for the node socket only")
  }
  if (kind === "workspace") {
    const workspace = core.keys.get(token) ?? refuse(401, "unauthorized", "Invalid API key")
    if (wanted === "agent") return refuse(403, "agent_token_required", "This call needs an agent token")
    return { workspace, agent: undefined }
  }
  if (kind !== "agent") return refuse(401, "unauthorized", "Invalid API key")
  const agent = core.agentTokens.get(token) ?? refuse(401, "agent_token_invalid", "Invalid agent token")
  if (wanted === "workspace") return refuse(401, "unauthorized", "This call needs a workspace key")
  return { workspace: agent.workspace, agent }
}
