/** The local event catalogue: exactly the fields that published clients read. Absent values are `null` there, not missing. */
import type { AgentName, DeliveryId, MessageId } from "../domain/Ids.ts"
import type { Asking, ChannelName, DeliveryMode, WaitingReason } from "../domain/Receipt.ts"

/** With a terminal, or without. */
export type Runtime = "pty" | "headless"

interface AgentDescription {
  readonly name: AgentName
  readonly runtime: Runtime
  readonly provider: string | null
  readonly cli: string
  readonly model: string | null
  readonly sessionId: string | null
  readonly pid: number | null
}

interface DeliveryStep {
  readonly name: AgentName
  readonly delivery_id: DeliveryId
  readonly event_id: MessageId
}

export type BrokerEvent =
  | (AgentDescription & {
      readonly kind: "agent_spawned"
      /** `http_api`, `node_action` or `sidecar`. */
      readonly source: string
      readonly pre_registered: boolean
      readonly registration_warning: string | null
    })
  | (AgentDescription & { readonly kind: "worker_ready"; readonly readiness: "ready" })
  | { readonly kind: "agent_released"; readonly name: AgentName }
  | { readonly kind: "agent_exit"; readonly name: AgentName; readonly reason: string }
  | {
      readonly kind: "agent_exited"
      readonly name: AgentName
      readonly code: number | null
      readonly signal: string | null
      readonly reason: string
      /** Ours: the last of what its terminal showed. */
      readonly lines: ReadonlyArray<string>
    }
  /** It ended by itself and is started again in `delay_ms`; `restart_count` counts this one. */
  | {
      readonly kind: "agent_restarting"
      readonly name: AgentName
      readonly code: number | null
      readonly signal: string | null
      readonly restart_count: number
      readonly delay_ms: number
    }
  | { readonly kind: "agent_restarted"; readonly name: AgentName; readonly restart_count: number }
  | { readonly kind: "agent_permanently_dead"; readonly name: AgentName; readonly reason: string }
  | { readonly kind: "agent_idle"; readonly name: AgentName; readonly idle_secs: number; readonly since: string }
  | {
      readonly kind: "agent_blocked_on_send"
      readonly name: AgentName
      readonly blocked_secs: number
      readonly pending_delivery_count: number
    }
  | { readonly kind: "agent_context_low"; readonly name: AgentName; readonly pct: number }
  | {
      readonly kind: "worker_stream"
      readonly name: AgentName
      /** `stderr` only of programs without a terminal, whose lines come one by one, without their end. */
      readonly stream: "stdout" | "stderr"
      readonly chunk: string
      /**
       * Ours: the end of the chunk in all output, in UTF-16 code units. With the `position` of a snapshot it tells what a
       * viewer has drawn already, and what it missed.
       */
      readonly position: number
    }
  /** Ours: the terminal has another size from here on. */
  | {
      readonly kind: "agent_resized"
      readonly name: AgentName
      readonly rows: number
      readonly cols: number
    }
  | {
      readonly kind: "worker_error"
      readonly name: AgentName
      readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean }
    }
  | {
      readonly kind: "relay_inbound"
      readonly event_id: MessageId
      readonly from: string
      readonly target: string
      readonly body: string
      readonly thread_id: string | null
      readonly workspace_id: string | null
      readonly workspace_alias: string | null
    }
  | (DeliveryStep & { readonly kind: "delivery_queued" | "delivery_injected"; readonly timestamp: number })
  /** Held in the mode `manual_flush`; the other form follows when it is let go. */
  | {
      readonly kind: "delivery_queued"
      readonly name: AgentName
      readonly event_id: MessageId
      readonly from: string
      readonly target: string
      readonly reason: "inbound_delivery_manual_flush"
    }
  /** Ours: messages wait, and the reason is another one than before. */
  | {
      readonly kind: "agent_waiting"
      readonly name: AgentName
      readonly reason: WaitingReason
      readonly queued: number
    }
  /** Ours: the program waits for a person; `lines`: the last of what its terminal shows. */
  | {
      readonly kind: "agent_needs_person"
      readonly name: AgentName
      readonly what: Asking
      readonly detail: string | null
      readonly lines: ReadonlyArray<string>
    }
  /** Ours: it does not any more. */
  | { readonly kind: "agent_person_answered"; readonly name: AgentName; readonly what: Asking }
  /** Ours: how the program's own channel stands, and which one counts now. `reason`: why its own is absent. */
  | {
      readonly kind: "agent_channel"
      readonly name: AgentName
      readonly channel: ChannelName
      readonly standing: "none" | "silent" | "live" | "absent"
      readonly reason: string | null
    }
  /** Ours: it was put in, and the program did not say that it has it. Ended by `delivery_verified`, or by a person. */
  | (DeliveryStep & {
      readonly kind: "delivery_unproven"
      readonly reason: string
      readonly lines: ReadonlyArray<string>
      readonly timestamp: number
    })
  /** Ours: a person said what becomes of an unproven one. */
  | (DeliveryStep & { readonly kind: "delivery_settled"; readonly how: "confirmed" | "retried" })
  /** Ours: a dialog in the agent's terminal: nothing is typed before it is answered. `answered`: by the broker. */
  | {
      readonly kind: "agent_dialog"
      readonly name: AgentName
      readonly dialog: string
      readonly state: "opened" | "answered" | "closed"
    }
  | {
      readonly kind: "agent_inbound_delivery_mode_changed"
      readonly name: AgentName
      readonly previous_mode: DeliveryMode
      readonly mode: DeliveryMode
    }
  | {
      readonly kind: "agent_pending_drained"
      readonly name: AgentName
      readonly count: number
      readonly reason: "explicit_flush" | "delivery_mode_transition"
    }
  /** Ours: the first byte is about to be written to the terminal. */
  | (DeliveryStep & { readonly kind: "delivery_typing"; readonly timestamp: number })
  | (DeliveryStep & { readonly kind: "delivery_ack"; readonly timestamp: number })
  | (DeliveryStep & {
      readonly kind: "delivery_verified"
      readonly verification: "echo" | "timeout_fallback"
      readonly reason: string | null
      /** Ours, beyond 9.1.6: the evidence in full (`domain/Receipt`), and whose it is. */
      readonly evidence: string
      readonly channel: string
    })
  /** A turn runs because of it; `headless:<provider>` of a program that was started for it. */
  | (DeliveryStep & { readonly kind: "delivery_active"; readonly pattern: string })
  | (DeliveryStep & { readonly kind: "delivery_failed"; readonly reason: string })
  | {
      readonly kind: "agent_result"
      readonly name: AgentName
      readonly result_id: string
      readonly data: unknown
      readonly final: boolean
      readonly metadata: unknown
    }
  | { readonly kind: "delivery_dropped"; readonly name: AgentName; readonly count: number; readonly reason: string }
  | (DeliveryStep & { readonly kind: "message_delivery_confirmed"; readonly from: string; readonly to: string })
  | (DeliveryStep & {
      readonly kind: "message_delivery_failed"
      readonly from: string
      readonly to: string
      readonly attempts: number
      readonly lastError: string
    })
  /** Ours: a dead letter was sent again, as a new delivery. */
  | {
      readonly kind: "dead_letter_redelivered"
      readonly delivery_id: DeliveryId
      readonly redelivered_as: DeliveryId
      readonly timestamp: number
    }
  /** Ours: somebody had dead letters forgotten; without an id, all of them. */
  | {
      readonly kind: "dead_letters_purged"
      readonly delivery_id: DeliveryId | null
      readonly count: number
      readonly timestamp: number
    }
  /** Ours: the cumulative ack left for the engine. */
  | { readonly kind: "engine_acked"; readonly name: AgentName; readonly up_to_seq: number; readonly timestamp: number }
  /** Ours: a transition of the node session (docs/node-session.md). */
  | {
      readonly kind: "node_session"
      readonly state: string
      readonly reason: string | null
      readonly timestamp: number
      readonly from: string
      readonly event: string
      /** End of a wait or of a drain, milliseconds since 1970. */
      readonly until: number | null
    }
  /** Ours: an agent got its identity at the engine, over the node socket or bound over HTTP. */
  | {
      readonly kind: "agent_bound"
      readonly name: AgentName
      readonly agent_id: string
      readonly via: "node" | "http" | "token"
    }
  | {
      readonly kind: "alert_raised" | "alert_resolved"
      readonly code: string
      readonly severity: string
      readonly subject: string
      /** When it began, ISO 8601. */
      readonly since: string
      readonly count: number
      readonly message: string
      readonly meaning: string
      readonly remedy: string
    }

/** Kinds that are sent to live clients only: neither numbered nor kept for replay. */
export const ephemeralKinds: ReadonlySet<BrokerEvent["kind"]> = new Set([
  "worker_stream",
  "delivery_active",
  "agent_resized"
])
