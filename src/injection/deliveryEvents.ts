/** The local events about one message on its way into a terminal, in the shape clients read (S 2.8). */

import type { AgentName } from "../domain/Ids.ts"
import type { ChannelName, DeliveryMode, Evidence, WaitingReason } from "../domain/Receipt.ts"
import type { Events } from "../events/Events.ts"
import type { InjectionItem } from "./Worker.ts"

/** Synchronous, as publishing is. */
export const deliveryEvents = (events: Events["Type"], name: AgentName) => {
  const step = ({ delivery }: InjectionItem) => ({
    name,
    delivery_id: delivery.deliveryId,
    event_id: delivery.message.id
  })
  return {
    queued: (item: InjectionItem, timestamp: number) =>
      events.unsafePublish({ kind: "delivery_queued", ...step(item), timestamp }),
    held: ({ delivery }: InjectionItem) =>
      events.unsafePublish({
        kind: "delivery_queued",
        name,
        event_id: delivery.message.id,
        from: delivery.message.from,
        target: delivery.message.target,
        reason: "inbound_delivery_manual_flush"
      }),
    waiting: (reason: WaitingReason, queued: number) =>
      events.unsafePublish({ kind: "agent_waiting", name, reason, queued }),
    modeChanged: (previous_mode: DeliveryMode, mode: DeliveryMode) =>
      events.unsafePublish({ kind: "agent_inbound_delivery_mode_changed", name, previous_mode, mode }),
    drained: (count: number, reason: "explicit_flush" | "delivery_mode_transition") =>
      count === 0 ? undefined : events.unsafePublish({ kind: "agent_pending_drained", name, count, reason }),
    injected: (item: InjectionItem, timestamp: number) =>
      events.unsafePublish({ kind: "delivery_injected", ...step(item), timestamp }),
    active: (item: InjectionItem, pattern: string) =>
      events.unsafePublish({ kind: "delivery_active", ...step(item), pattern }),
    ack: (item: InjectionItem, timestamp: number) =>
      events.unsafePublish({ kind: "delivery_ack", ...step(item), timestamp }),
    verified: (item: InjectionItem, evidence: Evidence, channel: ChannelName, windowMillis: number) => {
      const seen = evidence !== "unconfirmed"
      events.unsafePublish({
        kind: "delivery_verified",
        ...step(item),
        verification: seen ? "echo" : "timeout_fallback",
        reason: seen ? null : `nothing seen within ${windowMillis} ms of Enter`,
        evidence,
        channel
      })
    },
    unproven: (item: InjectionItem, reason: string, lines: ReadonlyArray<string>, timestamp: number) =>
      events.unsafePublish({ kind: "delivery_unproven", ...step(item), reason, lines, timestamp }),
    settledBy: (item: InjectionItem, how: "confirmed" | "retried") =>
      events.unsafePublish({ kind: "delivery_settled", ...step(item), how }),
    failed: (item: InjectionItem, reason: string) =>
      events.unsafePublish({ kind: "delivery_failed", ...step(item), reason })
  } as const
}
