/**
 * One mailbox per agent: rows numbered from 1 without holes, queued → delivered → acked or dead-lettered; a
 * cumulative cursor; replay of everything open above the cursor, asked for by the three triggers and by nothing else.
 */
import { fanOutId } from "./Ids.ts"
import type { Agent, Core, EngineNode, MailboxState, Message, Row } from "./Model.ts"
import { payloadOf } from "./Payloads.ts"

export const makeMailbox = (): MailboxState => ({ rows: [], open: new Map(), nextSeq: 1, cursor: 0 })

const note = (core: Core, agent: Agent, row: Row): void =>
  core.recorder.emit({
    _tag: "Row",
    at: core.now(),
    agent: agent.name,
    seq: row.seq,
    deliveryId: row.deliveryId,
    msgId: row.message.id,
    state: row.state
  })

const settle = (core: Core, agent: Agent, row: Row, state: "acked" | "failed" | "dead_lettered"): void => {
  row.state = state
  agent.mailbox.open.delete(row.deliveryId)
  if (state === "acked") row.ackedAt = core.now()
  note(core, agent, row)
}

/** Writes the row's frame to the agent's location when that has a socket; `delivered` means no more than written. */
const push = (core: Core, agent: Agent, row: Row): void => {
  const socket = agent.location.socket
  if (socket === undefined) return
  socket.send({
    v: 1,
    type: "deliver",
    delivery_id: row.deliveryId,
    agent_id: agent.id,
    agent: agent.name,
    msg_id: row.message.id,
    seq: row.seq,
    mode: row.message.mode,
    payload: payloadOf(row, agent)
  })
  row.deliveredAt = core.now()
  if (row.state === "delivered") return
  row.state = "delivered"
  note(core, agent, row)
}

/** Adds a row and pushes it. At the depth cap the recipient gets nothing and the sender is not told here. */
export const enqueue = (
  core: Core,
  agent: Agent,
  message: Message,
  payloadType: Row["payloadType"],
  deliveryId: string
): Row | undefined => {
  const { mailbox } = agent
  if (mailbox.open.size >= core.limits.depth) return undefined
  const row: Row = {
    deliveryId,
    seq: mailbox.nextSeq++,
    message,
    payloadType,
    state: "queued",
    createdAt: core.now(),
    expiresAt: core.now() + core.limits.ttlMillis,
    deliveredAt: undefined,
    ackedAt: undefined,
    error: undefined
  }
  mailbox.rows.push(row)
  mailbox.open.set(row.deliveryId, row)
  note(core, agent, row)
  push(core, agent, row)
  return row
}

const byName = (a: Agent, b: Agent): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

export const agentsAt = (node: EngineNode): ReadonlyArray<Agent> =>
  [...node.workspace.agents.values()].filter((agent) => agent.location === node).sort(byName)

/** For every agent on the node, by name then seq: what is open, unexpired and above the cursor. */
export const replay = (core: Core, node: EngineNode): void => {
  for (const agent of agentsAt(node))
    for (const row of [...agent.mailbox.open.values()].sort((a, b) => a.seq - b.seq))
      if (row.seq > agent.mailbox.cursor && row.expiresAt > core.now()) push(core, agent, row)
}

/** Cumulative; a lower or equal number is a no-op. A number that is too high is believed, as in 5.x. */
export const acknowledge = (core: Core, agent: Agent, upTo: number): boolean => {
  agent.lastSeen = core.now()
  if (upTo <= agent.mailbox.cursor) return false
  agent.mailbox.cursor = upTo
  for (const row of [...agent.mailbox.open.values()])
    if (row.seq <= upTo) {
      row.message.readBy.set(agent.id, { agent, readAt: core.now() })
      settle(core, agent, row, "acked")
    }
  return true
}

/** One row by itself, over HTTP: the cursor does not move. */
export const settleRow = (core: Core, agent: Agent, row: Row, state: "acked" | "failed", error?: string): void => {
  if (!agent.mailbox.open.has(row.deliveryId)) return
  row.error = error
  settle(core, agent, row, state)
}

export const expire = (core: Core, agent: Agent): void => {
  for (const row of [...agent.mailbox.open.values()])
    if (row.expiresAt <= core.now()) settle(core, agent, row, "dead_lettered")
}

/** A seq-0 event: not stored, not replayed, sent only to a connected socket. */
export const fanOut = (
  agent: Agent,
  o: { readonly event: string; readonly key: string; readonly msgId: string; readonly data: unknown }
): void =>
  agent.location.socket?.send({
    v: 1,
    type: "deliver",
    delivery_id: fanOutId(o.event, o.key, agent.id),
    agent_id: agent.id,
    agent: agent.name,
    msg_id: o.msgId,
    seq: 0,
    mode: "wait",
    payload: { type: o.event, data: o.data }
  })
