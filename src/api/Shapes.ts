/**
 * What the routes answer. Fields that 9.1.6 sends keep their names, and are `null` where they have no value;
 * fields marked "ours" are additions that published clients ignore.
 */
import * as Schema from "effect/Schema"
import { Asking, ChannelName, WaitingReason } from "../domain/Receipt.ts"

const nullable = <A, I>(schema: Schema.Schema<A, I>) => Schema.NullOr(schema)
const Text = Schema.String
const Count = Schema.Number

export const Membership = Schema.Struct({
  workspace_id: Text,
  workspace_alias: Schema.optionalWith(Text, { exact: true }),
  is_default: Schema.Boolean
})

export const Health = Schema.Struct({
  status: Schema.Literal("ok", "degraded"),
  service: Schema.Literal("agent-relay-listen"),
  version: Text,
  uptimeMs: Count,
  workspaceId: Text,
  defaultWorkspaceId: nullable(Text),
  memberships: Schema.Array(Membership),
  agentCount: Count,
  pendingDeliveryCount: Count,
  wsConnections: Count,
  memoryMb: Count,
  relaycastConnected: Schema.Boolean,
  /** Ours, from here on: the node session, and codes of critical and error alerts. */
  nodeSession: Text,
  nodeConnected: Schema.Boolean,
  alerts: Schema.Array(Text)
}).annotations({ identifier: "Health" })
export type Health = typeof Health.Type

export const Session = Schema.Struct({
  broker_version: Text,
  protocol_version: Schema.Literal(2),
  workspace_key: Text,
  relay_base_url: nullable(Text),
  default_workspace_id: nullable(Text),
  mode: Schema.Literal("persist", "ephemeral"),
  uptime_secs: Count,
  /** Ours: the run that numbers of events belong to. */
  event_epoch: Text
}).annotations({ identifier: "Session" })

export const Renewed = Schema.Struct({
  renewed: Schema.Literal(true),
  expires_in_secs: Count,
  persist: Schema.Boolean
})

export const BrokerConfig = Schema.Struct({
  workspaceKey: Text,
  defaultWorkspaceId: nullable(Text),
  memberships: Schema.Array(Membership)
})

export const Agent = Schema.Struct({
  name: Text,
  runtime: Schema.Literal("pty", "headless"),
  provider: nullable(Text),
  cli: Text,
  model: nullable(Text),
  sessionId: nullable(Text),
  team: nullable(Text),
  channels: Schema.Array(Text),
  parent: nullable(Text),
  /** The program's pid. There is no process between it and the broker, so that `workerPid` is the same. */
  pid: nullable(Count),
  workerPid: nullable(Count),
  last_activity_ms: Count,
  last_activity_at: Text,
  context_budget_pct: nullable(Count),
  current_state: Schema.Literal("working", "idle", "blocked_on_send"),
  /** Ours, from here on. */
  readiness: Schema.Literal("starting", "blocked", "ready"),
  queued: Count,
  waiting: nullable(WaitingReason),
  /** What its program waits for a person to do, and the last of what its terminal shows. */
  needs_person: nullable(Schema.Struct({ what: Asking, detail: nullable(Text), lines: Schema.Array(Text) })),
  /** What proves its messages now, how its program's own channel stands, and why it is absent. */
  channel: Schema.Struct({
    name: ChannelName,
    standing: Schema.Literal("none", "silent", "live", "absent"),
    reason: nullable(Text)
  }),
  generation: Count,
  agent_id: nullable(Text),
  cwd: Text,
  started_at: Text,
  log_path: nullable(Text)
}).annotations({ identifier: "Agent" })
export type Agent = typeof Agent.Type

/** One that ended by itself, until its name is spawned or released again. */
export const Exited = Schema.Struct({
  name: Text,
  cli: nullable(Text),
  exit_code: nullable(Count),
  signal: nullable(Text),
  exited_at: Text,
  lines: Schema.Array(Text)
}).annotations({ identifier: "Exited" })
export type Exited = typeof Exited.Type

/** `exited` is ours. */
export const AgentList = Schema.Struct({ agents: Schema.Array(Agent), exited: Schema.Array(Exited) })

export const AlertEntry = Schema.Struct({
  code: Text,
  severity: Schema.Literal("critical", "error", "warning", "low"),
  subject: Text,
  since: Text,
  last: Text,
  count: Count,
  message: Text,
  meaning: Text,
  remedy: Text
}).annotations({ identifier: "Alert" })
export type AlertEntry = typeof AlertEntry.Type

export const AlertList = Schema.Struct({ alerts: Schema.Array(AlertEntry) })

export const NodeSession = Schema.Struct({
  /** `idle`, `minting`, `connecting`, `registering`, `ready`, `draining`, `waiting` or `stopped` (docs/node-session.md). */
  state: Text,
  reason: nullable(Text),
  connected: Schema.Boolean,
  since: Text,
  /** End of a wait or of a drain. */
  until: nullable(Text),
  /** Attempts since the last accepted register. */
  attempt: Count,
  /** How often a session or an attempt ended, by reason. */
  lost: Schema.Record({ key: Text, value: Count }),
  capabilities: Schema.Array(Text),
  /** The last transitions, oldest first. */
  history: Schema.Array(Schema.Struct({ at: Text, from: Text, to: Text, event: Text, reason: nullable(Text) })),
  node_id: Text,
  node_name: Text,
  sessions: Count,
  frames_in: Schema.Record({ key: Text, value: Count }),
  frames_out: Schema.Record({ key: Text, value: Count }),
  malformed_frames: Count
})
export type NodeSession = typeof NodeSession.Type

export const Pending = Schema.Struct({
  delivery_id: Text,
  worker_name: Text,
  event_id: Text,
  from: Text,
  to: Text,
  attempts: Count,
  queued_at_ms: Count,
  age_ms: Count,
  last_error: nullable(Text),
  /** Ours, from here on. */
  seq: Count,
  /** `handed`: the worker has it, queued or being typed. */
  state: Schema.Literal("waiting", "handed"),
  /** Why it is not being typed yet. */
  waiting: nullable(WaitingReason)
})
export type Pending = typeof Pending.Type

export const Sidecar = Schema.Struct({
  /** Of its manifest. */
  name: Text,
  handlers: Schema.Array(Text),
  since: Text,
  /** Invocations it was given and has not answered. */
  in_flight: Count
})

export const Status = Schema.Struct({
  agent_count: Count,
  agents: Schema.Array(Agent),
  pending_delivery_count: Count,
  pending_deliveries: Schema.Array(Pending),
  auth: Schema.Struct({
    authenticated: Schema.Boolean,
    workspace_count: Count,
    default_workspace_id: nullable(Text),
    workspaces: Schema.Array(
      Schema.Struct({
        workspace_id: Text,
        workspace_alias: nullable(Text),
        self_name: Text,
        self_agent_id: Text,
        authenticated: Schema.Literal(true),
        default: Schema.Boolean
      })
    )
  }),
  /** Ours, from here on. */
  starting: Schema.Array(Text),
  node: NodeSession,
  /** Null: none is registered. */
  sidecar: nullable(Sidecar),
  alerts: Schema.Array(AlertEntry)
}).annotations({ identifier: "Status" })

export const SpawnResult = Schema.Struct({
  success: Schema.Literal(true),
  name: Text,
  runtime: Schema.Literal("pty", "headless"),
  model: nullable(Text),
  sessionId: nullable(Text),
  pid: nullable(Count),
  pre_registered: Schema.Boolean,
  warning: nullable(Text)
})

export const ReleaseResult = Schema.Struct({
  success: Schema.Literal(true),
  name: Text,
  /** Ours, from here on. False: no agent of this name was ever here; the status is 200 all the same, as clients expect. */
  known: Schema.Boolean,
  /** How its program ended: its own exit code, or the signal's number. Both null when it had no process any more. */
  exit_code: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.Int),
  dropped_deliveries: Count
})

export const SendResult = Schema.Struct({
  success: Schema.Literal(true),
  event_id: Text,
  /** Agents here that get the message; absent when there are none. */
  delivered: Schema.optionalWith(Count, { exact: true }),
  /** It went to the engine, which delivers to everyone, agents here included. */
  relaycast_published: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  local: Schema.Boolean,
  workspace_id: Text,
  workspace_alias: nullable(Text),
  /** Ours. */
  targets: Schema.Array(Text)
})

export const InputResult = Schema.Struct({ name: Text, bytes_written: Count })
export const ResizeResult = Schema.Struct({ name: Text, rows: Count, cols: Count })

export const ModelResult = Schema.Struct({ name: Text, model: Text, success: Schema.Literal(true) })

export const ChannelsResult = Schema.Struct({
  name: Text,
  channels: Schema.Array(Text),
  /** Ours: the engine was not told, and why; absent when it was. */
  warning: Schema.optionalWith(Text, { exact: true })
})

export const ShutdownResult = Schema.Struct({ status: Schema.Literal("shutting_down") })

export const Replay = Schema.Struct({
  /** Objects as in `/ws`, oldest first. */
  events: Schema.Array(Schema.Unknown),
  gap: Schema.Boolean,
  oldestAvailable: Count,
  /** Ours: names this run of the broker; to be sent along with `sinceSeq` as `epoch`. */
  epoch: Text
})

export const LegacyError = Schema.Struct({
  success: Schema.Literal(false),
  error: Text,
  name: Schema.optionalWith(Text, { exact: true }),
  to: Schema.optionalWith(Text, { exact: true })
}).annotations({ identifier: "LegacyError" })

export const CodedError = Schema.Struct({ code: Text, message: Text }).annotations({ identifier: "CodedError" })
