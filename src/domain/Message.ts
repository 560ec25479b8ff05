/** One message as an agent will read it, whatever its origin: the engine, a local send, an initial task. */
import * as Schema from "effect/Schema"
import { AgentId, AgentName, DeliveryId, MessageId, Seq } from "./Ids.ts"

/** `steer` interrupts the agent's turn and overtakes waiting `wait` messages; `wait` does neither. */
export const InjectionMode = Schema.Literal("wait", "steer")
export type InjectionMode = typeof InjectionMode.Type

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const RelayMessage = Schema.Struct({
  /** The event id of the relay line; what the sender was given as the message's id. */
  id: MessageId,
  /** Sender's name as the engine gave it; `human:` and `broker-…` are shown differently. */
  from: Schema.String,
  /** `#channel` for channel messages, else the recipient's name. */
  target: Schema.String,
  text: Schema.String,
  mode: InjectionMode,
  threadId: optional(Schema.String),
  /** 0 (urgent first) is not implied: 1 low, 2 normal, 3 high, 4 urgent. Carried, never used for ordering. */
  priority: optional(Schema.Number),
  /** Workspace alias or id shown in the relay line; absent for initial tasks. */
  workspace: optional(Schema.String)
})
export type RelayMessage = typeof RelayMessage.Type

export const DeliveryOrigin = Schema.Literal("engine", "local", "initial_task")
export type DeliveryOrigin = typeof DeliveryOrigin.Type

/** One message for one agent. `seq` is 0 for everything that is not in the engine's mailbox of the agent. */
export const Delivery = Schema.Struct({
  deliveryId: DeliveryId,
  agentId: AgentId,
  agent: AgentName,
  seq: Seq,
  origin: DeliveryOrigin,
  message: RelayMessage
})
export type Delivery = typeof Delivery.Type

/** Priorities in the engine's words. */
export const priorities: { readonly [label: string]: number } = { low: 1, normal: 2, high: 3, urgent: 4 }

export const priorityLabel = (priority: number): string | undefined =>
  Object.keys(priorities).find((label) => priorities[label] === priority)

export const isChannel = (target: string): boolean => target.startsWith("#")
