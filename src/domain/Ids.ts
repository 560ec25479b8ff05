/** Branded identifiers. All are opaque strings compared byte for byte; decimal snowflakes are never parsed as numbers. */
import * as Schema from "effect/Schema"

/** `node_…`; what the engine calls this broker. A global primary key there, not one per workspace. */
export const NodeId = Schema.NonEmptyString.pipe(Schema.brand("NodeId"))
export type NodeId = typeof NodeId.Type

export const WorkspaceId = Schema.NonEmptyString.pipe(Schema.brand("WorkspaceId"))
export type WorkspaceId = typeof WorkspaceId.Type

/** The engine's id of one agent identity. A *name* may pass from one id to another; cursors belong to the id. */
export const AgentId = Schema.NonEmptyString.pipe(Schema.brand("AgentId"))
export type AgentId = typeof AgentId.Type

/** What people and acks call an agent. Unique among live workers here; reusable after release. */
export const AgentName = Schema.NonEmptyString.pipe(Schema.brand("AgentName"))
export type AgentName = typeof AgentName.Type

/** Unique per message and recipient; the only key that decides what is a duplicate. */
export const DeliveryId = Schema.NonEmptyString.pipe(Schema.brand("DeliveryId"))
export type DeliveryId = typeof DeliveryId.Type

/** The message's own id; shared by all its recipients and by seq-0 events about it. */
export const MessageId = Schema.NonEmptyString.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

export const InvocationId = Schema.NonEmptyString.pipe(Schema.brand("InvocationId"))
export type InvocationId = typeof InvocationId.Type

/** Position in an agent's mailbox at the engine; 0 marks fire-and-forget events outside it. */
export const Seq = Schema.Int.pipe(Schema.nonNegative(), Schema.brand("Seq"))
export type Seq = typeof Seq.Type

/** New at every process start of an agent, so that a late event of an old process never touches its successor. */
export const Generation = Schema.Int.pipe(Schema.positive(), Schema.brand("Generation"))
export type Generation = typeof Generation.Type
