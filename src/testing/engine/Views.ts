/** The state of one workspace, as plain copies. */
import type { Agent, AgentStatus, Core, EngineNode, Fields, Invocation, RowState, Workspace } from "./Model.ts"
import { bindingsOf, isLive } from "./Nodes.ts"

export interface RowView {
  readonly seq: number
  readonly state: RowState
  readonly deliveryId: string
  readonly msgId: string
  readonly text: string
}

export interface AgentView {
  readonly id: string
  readonly name: string
  readonly token: string
  readonly status: AgentStatus
  /** Name of the node its messages go to. */
  readonly node: string
  /** Explicitly bound there, or falling back on its implicit node. */
  readonly bound: boolean
  readonly metadata: Fields
}

export interface NodeView {
  readonly id: string
  readonly name: string
  readonly token: string
  readonly live: boolean
  readonly connected: boolean
  readonly handlersLive: boolean
  readonly load: number
  readonly activeAgents: number
  readonly maxAgents: number
  readonly capabilities: ReadonlyArray<string>
  readonly version: string
  /** Names of the agents bound to it. */
  readonly agents: ReadonlyArray<string>
}

export interface InvocationView {
  readonly id: string
  readonly action: string
  readonly status: "pending" | "dispatched" | "completed" | "failed"
  readonly node: string | undefined
  readonly attempts: number
  readonly input: Fields
  readonly output: unknown
  readonly error: string | null
}

const agentView = (agent: Agent): AgentView => ({
  id: agent.id,
  name: agent.name,
  token: agent.token,
  status: agent.status,
  node: agent.location.name,
  bound: agent.binding?.node === agent.location && agent.location !== agent.direct,
  metadata: agent.metadata
})

const invocationView = (invocation: Invocation): InvocationView => ({
  id: invocation.id,
  action: invocation.actionName,
  status: invocation.status,
  node: invocation.dispatchedNode?.name,
  attempts: invocation.attempts,
  input: invocation.input,
  output: invocation.output,
  error: invocation.error
})

const nodeView = (core: Core, node: EngineNode): NodeView => ({
  id: node.id,
  name: node.name,
  token: node.token,
  live: isLive(core, node),
  connected: node.socket !== undefined,
  handlersLive: node.handlersLive,
  load: node.load,
  activeAgents: node.activeAgents,
  maxAgents: node.maxAgents,
  capabilities: node.capabilities.map((one) => one.name),
  version: node.version,
  agents: bindingsOf(node).map((binding) => binding.agent.name)
})

export interface Views {
  readonly mailbox: (agent: string) => ReadonlyArray<RowView>
  /** `delivery_ack_seq`; 0 for an unknown agent. */
  readonly cursor: (agent: string) => number
  readonly agent: (name: string) => AgentView | undefined
  readonly agents: () => ReadonlyArray<AgentView>
  readonly node: (name: string) => NodeView | undefined
  /** Implicit nodes left out. */
  readonly nodes: () => ReadonlyArray<NodeView>
  readonly invocation: (id: string) => InvocationView | undefined
  readonly invocations: () => ReadonlyArray<InvocationView>
  readonly actions: () => ReadonlyArray<{
    readonly name: string
    readonly node: string | undefined
    readonly agent: string | undefined
  }>
}

const maybe = <A, B>(value: A | undefined, f: (value: A) => B): B | undefined =>
  value === undefined ? undefined : f(value)

export const makeViews = (core: Core, workspace: Workspace): Views => ({
  mailbox: (name) =>
    (workspace.agents.get(name)?.mailbox.rows ?? []).map((row) => ({
      seq: row.seq,
      state: row.state,
      deliveryId: row.deliveryId,
      msgId: row.message.id,
      text: row.message.text
    })),
  cursor: (name) => workspace.agents.get(name)?.mailbox.cursor ?? 0,
  agent: (name) => maybe(workspace.agents.get(name), agentView),
  agents: () => [...workspace.agents.values()].map(agentView),
  node: (name) => maybe(workspace.nodes.get(name), (node) => nodeView(core, node)),
  nodes: () =>
    [...workspace.nodes.values()]
      .filter((node) => !node.id.startsWith("node_direct_"))
      .map((node) => nodeView(core, node)),
  invocation: (id) => maybe(workspace.invocations.get(id), invocationView),
  invocations: () => [...workspace.invocations.values()].map(invocationView),
  actions: () =>
    [...workspace.actions.values()].map((action) => ({
      name: action.name,
      node: action.node?.name,
      agent: action.agent?.name
    }))
})
