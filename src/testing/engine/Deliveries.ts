/** Mailbox rows as an agent sees them over HTTP: `/v1/deliveries`. */
import { isoStored } from "./Ids.ts"
import { type Agent, type Row, refuse } from "./Model.ts"

export const findRow = (agent: Agent, id: string): Row =>
  agent.mailbox.rows.find((row) => row.deliveryId === id) ??
  refuse(404, "delivery_not_found", `Delivery "${id}" not found`)

const stored = (millis: number | undefined) => (millis === undefined ? null : isoStored(millis))

export const publicRow = (agent: Agent, row: Row) => ({
  id: row.deliveryId,
  message_id: row.message.id,
  channel_id: row.message.channel.id,
  agent_id: agent.id,
  status: row.state,
  seq: row.seq,
  location_type: "node",
  location_node_id: agent.location.id,
  route_node_id: agent.location.id,
  route_node_kind: agent.location.kind,
  route_node_role: agent.location.role,
  delivery_adapter: "ws.node.v1",
  dispatch_attempts: row.deliveredAt === undefined ? 0 : 1,
  next_attempt_at: null,
  last_dispatch_error: null,
  mode: row.message.mode === "steer" ? "next-tool-call" : "wait",
  reason: null,
  priority: "normal",
  retryable: null,
  error: row.error ?? null,
  available_at: null,
  deadline: null,
  expires_at: isoStored(row.expiresAt),
  delivered_at: stored(row.deliveredAt),
  acked_at: stored(row.ackedAt),
  dead_lettered_at: row.state === "dead_lettered" ? isoStored(row.expiresAt) : null,
  created_at: isoStored(row.createdAt),
  updated_at: null,
  message: {
    id: row.message.id,
    channel_id: row.message.channel.id,
    agent_id: row.message.from.id,
    agent_name: row.message.from.name,
    text: row.message.text,
    thread_id: row.message.threadId,
    created_at: isoStored(row.message.createdAt)
  }
})

/** Without a status: what is queued or delivered. */
export const listRows = (agent: Agent, status: string | undefined, limit: string | undefined) => {
  const rows = status === undefined ? [...agent.mailbox.open.values()] : agent.mailbox.rows
  return rows
    .filter((row) => status === undefined || row.state === status)
    .slice(0, Math.min(Number(limit ?? 50) || 50, 200))
    .map((row) => publicRow(agent, row))
}
