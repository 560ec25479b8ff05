/** From the rooms' own data to the JSON that clients read (`Shapes`). Plain functions. */
import type { ExitedAgent } from "../agents/AgentWatch.ts"
import type { Alert, PastAlert } from "../alerts/Alerts.ts"
import type { BrokerInfo } from "../broker/Broker.ts"
import type { PendingDelivery } from "../delivery/Deliveries.ts"
import type { Worker, WorkerStatus } from "../injection/Worker.ts"
import type { NodeSessionView } from "../node/NodeControl.ts"
import { describeState, isConnected, reasonOf, untilOf } from "../node/SessionState.ts"
import type { SidecarView } from "../sidecar/SidecarHub.ts"
import type { PastAlertEntry } from "./broker/api.ts"
import type { Agent, AlertEntry, Exited, NodeSession, Pending, Status } from "./Shapes.ts"

export const iso = (millis: number) => new Date(millis).toISOString()
const isoOrNull = (millis: number | undefined) => (millis === undefined ? null : iso(millis))

/** What may change while an agent runs. */
export interface AgentNow {
  readonly status: WorkerStatus
  readonly channels: ReadonlyArray<string>
  readonly model: string | undefined
}

export const agentEntry = (worker: Worker, { channels, model, status }: AgentNow, nowMillis: number): Agent => {
  const { spec } = worker
  return {
    name: worker.name,
    runtime: worker.runtime,
    provider: worker.provider ?? null,
    cli: spec.cli,
    model: model ?? null,
    sessionId: spec.sessionRef ?? null,
    team: spec.team ?? null,
    channels,
    parent: spec.parent ?? null,
    pid: worker.pid ?? null,
    workerPid: worker.pid ?? null,
    last_activity_ms: Math.max(0, nowMillis - status.lastActivityMillis),
    last_activity_at: iso(status.lastActivityMillis),
    context_budget_pct: null,
    current_state: status.currentState,
    readiness: status.readiness,
    queued: status.queued,
    waiting: status.waiting ?? null,
    needs_person:
      status.asking === undefined
        ? null
        : { what: status.asking.what, detail: status.asking.detail ?? null, lines: status.asking.lines },
    channel: { ...status.channel, reason: status.channel.reason ?? null },
    generation: worker.generation,
    agent_id: worker.agentId ?? null,
    cwd: spec.cwd,
    started_at: iso(worker.startedAtMillis),
    log_path: worker.logPath ?? null
  }
}

export const exitedEntry = ({ atMillis, cli, exitCode, lines, name, signal }: ExitedAgent): Exited => ({
  ...{ name, cli: cli ?? null, exit_code: exitCode, signal, lines },
  exited_at: iso(atMillis)
})

export const memberships = (info: BrokerInfo) =>
  info.attached.map(({ alias, workspaceId }) => ({
    workspace_id: workspaceId,
    ...(alias === undefined ? {} : { workspace_alias: alias }),
    is_default: workspaceId === info.workspaceId
  }))

export const workspaces = (info: BrokerInfo) =>
  info.attached.map(({ agent, alias, workspaceId }) => ({
    workspace_id: workspaceId,
    workspace_alias: alias ?? null,
    self_name: agent.name,
    self_agent_id: agent.id,
    authenticated: true as const,
    default: workspaceId === info.workspaceId
  }))

export const nodeSession = (view: NodeSessionView): NodeSession => ({
  state: describeState(view.state),
  reason: reasonOf(view.state) ?? null,
  connected: isConnected(view.state),
  since: iso(view.sinceMillis),
  until: isoOrNull(untilOf(view.state)),
  attempt: view.attempt,
  lost: view.lost,
  capabilities: view.capabilities,
  history: view.history.map(({ atMillis, event, from, reason, to }) => ({
    at: iso(atMillis),
    from: from.toLowerCase(),
    to: to.toLowerCase(),
    event,
    reason
  })),
  node_id: view.nodeId,
  node_name: view.nodeName,
  sessions: view.sessions,
  frames_in: view.framesIn,
  frames_out: view.framesOut,
  malformed_frames: view.malformedFrames
})

export const sidecarEntry = (view: SidecarView | undefined): (typeof Status.Type)["sidecar"] =>
  view === undefined
    ? null
    : { name: view.name, handlers: view.handlers, since: iso(view.sinceMillis), in_flight: view.inFlight }

export const alertEntry = ({ lastMillis, sinceMillis, ...alert }: Alert): AlertEntry => ({
  ...alert,
  since: iso(sinceMillis),
  last: iso(lastMillis)
})

export const pastAlertEntry = ({ resolution, resolvedMillis, ...alert }: PastAlert): PastAlertEntry => ({
  ...alertEntry(alert),
  resolved: iso(resolvedMillis),
  resolution
})

/** Worth a `degraded`: somebody has to act, or messages do not arrive. */
export const isGrave = ({ severity }: Alert): boolean => severity === "critical" || severity === "error"

export const pendingEntry = (delivery: PendingDelivery, nowMillis: number): Pending => ({
  delivery_id: delivery.deliveryId,
  worker_name: delivery.agent,
  event_id: delivery.messageId,
  from: delivery.from,
  to: delivery.target,
  attempts: 0,
  queued_at_ms: delivery.receivedAtMillis,
  age_ms: Math.max(0, nowMillis - delivery.receivedAtMillis),
  last_error: null,
  seq: delivery.seq,
  state: delivery.state,
  waiting: delivery.waiting ?? null
})
