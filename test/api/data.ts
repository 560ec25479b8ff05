/** Small records of the rooms below, as the fakes hand them out. */
import type { Alert } from "../../src/alerts/Alerts.ts"
import { type AlertCode, catalogue } from "../../src/alerts/Catalogue.ts"
import type { DeliveryTrace, PendingDelivery } from "../../src/delivery/Deliveries.ts"
import { AgentId, AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import type { RelayMessage } from "../../src/domain/Message.ts"
import type { DeadLetterRecord, DeliveryRecord } from "../../src/store/Store.ts"

export const alertOf = (code: AlertCode, subject = "w1"): Alert => ({
  code,
  subject,
  sinceMillis: 1000,
  lastMillis: 2000,
  count: 3,
  message: "what happened",
  severity: catalogue[code].severity,
  meaning: catalogue[code].meaning,
  remedy: catalogue[code].remedy
})

export const pendingOf = (id: string): PendingDelivery => ({
  deliveryId: DeliveryId.make(id),
  messageId: MessageId.make("msg_1"),
  agent: AgentName.make("w1"),
  agentId: AgentId.make("agent_1"),
  from: "alice",
  target: "#general",
  seq: 7,
  receivedAtMillis: 1_700_000_000_000,
  state: "waiting",
  waiting: "no_worker"
})

export const messageOf = (text: string): RelayMessage => ({
  id: MessageId.make("msg_1"),
  from: "alice",
  target: "#general",
  text,
  mode: "wait"
})

/** Acked, each step 1 s after the one before. */
export const traceOf = (
  id: string,
  overrides: Partial<DeliveryRecord> = {},
  waiting: DeliveryTrace["waiting"] = undefined
): DeliveryTrace => ({
  waiting,
  record: {
    deliveryId: DeliveryId.make(id),
    agentId: AgentId.make("agent_1"),
    agent: AgentName.make("w1"),
    seq: 7,
    numbered: true,
    origin: "engine",
    messageId: MessageId.make("msg_1"),
    from: "alice",
    target: "#general",
    state: "acked",
    message: messageOf(`text of ${id}`),
    receivedAtMillis: 1000,
    typingAtMillis: 2000,
    submittedAtMillis: 3000,
    evidence: "echo",
    channel: "screen",
    unproven: undefined,
    ackedAtMillis: 4000,
    deadReason: undefined,
    ...overrides
  }
})

export const notYet = {
  typingAtMillis: undefined,
  submittedAtMillis: undefined,
  evidence: undefined,
  ackedAtMillis: undefined
} as const

export const letterOf = (id: string, overrides: Partial<DeadLetterRecord> = {}): DeadLetterRecord => ({
  deliveryId: DeliveryId.make(id),
  agent: AgentName.make("w1"),
  agentId: AgentId.make("agent_1"),
  messageId: MessageId.make("msg_1"),
  seq: 4,
  reason: "worker_exited",
  atMillis: 1000,
  message: messageOf(`text of ${id}`),
  raw: undefined,
  redeliveredAs: undefined,
  ...overrides
})
