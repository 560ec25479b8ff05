/** What fails of messages on their way to an agent. */
import * as Schema from "effect/Schema"

/** A message was given up with a record that says why. */
export class DeliveryDead extends Schema.TaggedError<DeliveryDead>()("DeliveryDead", {
  agent: Schema.String,
  deliveryId: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `delivery ${this.deliveryId} for "${this.agent}" was given up: ${this.reason}`
  }
}

/** There is no dead letter of this id, or it cannot be typed because it could not be read. */
export class UnknownDeadLetter extends Schema.TaggedError<UnknownDeadLetter>()("UnknownDeadLetter", {
  deliveryId: Schema.String
}) {
  override get message() {
    return `no dead letter '${this.deliveryId}' that can be sent again`
  }
}

/** A `deliver` frame names an agent and a seq but cannot be read otherwise. */
export class Undecodable extends Schema.TaggedError<Undecodable>()("Undecodable", {
  agent: Schema.String,
  seq: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `undecodable delivery ${this.seq} for "${this.agent}": ${this.reason}`
  }
}

export class UnknownPayloadType extends Schema.TaggedError<UnknownPayloadType>()("UnknownPayloadType", {
  payloadType: Schema.String
}) {
  override get message() {
    return `unknown payload type "${this.payloadType}": confirmed, not typed`
  }
}

export class UnknownFrame extends Schema.TaggedError<UnknownFrame>()("UnknownFrame", { frameType: Schema.String }) {
  override get message() {
    return `unknown frame type "${this.frameType}": counted, ignored`
  }
}

/** The inbox of one agent is full; the sender is told so. */
export class QueueFull extends Schema.TaggedError<QueueFull>()("QueueFull", {
  agent: Schema.String,
  limit: Schema.Int
}) {
  override get message() {
    return `inbox of '${this.agent}' is full (${this.limit} messages)`
  }
}
