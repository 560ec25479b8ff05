/** Small records of the rooms below, as the fakes hand them out. */
import type { Alert } from "../../src/alerts/Alerts.ts"
import { type AlertCode, catalogue } from "../../src/alerts/Catalogue.ts"
import type { PendingDelivery } from "../../src/delivery/Deliveries.ts"
import { AgentId, AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"

export const alertOf = (code: AlertCode, subject = "w1"): Alert => ({
  code,
  subject,
  sinceMillis: 1000,
  lastMillis: 2000,
  count: 3,
  message: "what happened",
  ...catalogue[code]
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
  state: "waiting"
})
