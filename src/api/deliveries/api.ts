/** The part of the local API about deliveries as data: traces, dead letters, counters. Errors of the coded family. */

import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { DeliveryOrigin } from "../../domain/Message.ts"
import { ChannelName, DeadReason, Evidence, WaitingReason } from "../../domain/Receipt.ts"
import { coded, withQuery } from "../http/described.ts"
import { NodeSession } from "../Shapes.ts"

const { del, get, post } = HttpApiEndpoint

// What the routes about deliveries answer: traces, dead letters, counters. All of it is ours, beyond 9.1.6.

const nullable = <A, I>(schema: Schema.Schema<A, I>) => Schema.NullOr(schema)
const Text = Schema.String
const Count = Schema.Number

/** In the order in which they are passed; `dead` comes in the place of what it prevented. */
export const TraceStep = Schema.Struct({
  step: Schema.Literal("received", "typing", "submitted", "dead", "acked"),
  /** ISO 8601, and milliseconds since the epoch; `null` where only the fact is still known. */
  at: nullable(Text),
  at_ms: nullable(Count)
})
export type TraceStep = typeof TraceStep.Type

const traceFields = {
  delivery_id: Text,
  /** The message's id. */
  event_id: Text,
  name: Text,
  agent_id: Text,
  /** 0: not in the engine's mailbox of the agent. */
  seq: Count,
  origin: DeliveryOrigin,
  from: Text,
  target: Text,
  /** `unproven`: it was put in, and the program did not say that it has it. */
  state: Schema.Literal("waiting", "typing", "unproven", "submitted", "acked", "dead"),
  /** Why it is unproven. */
  unproven: nullable(Text),
  /** Why it is not being typed yet. */
  waiting: nullable(WaitingReason),
  /** How we know that it was submitted. */
  evidence: nullable(Evidence),
  /** Through what. */
  channel: nullable(ChannelName),
  dead_reason: nullable(DeadReason),
  steps: Schema.Array(TraceStep)
}

export const Trace = Schema.Struct(traceFields).annotations({ identifier: "Trace" })
export type Trace = typeof Trace.Type

export const TraceList = Schema.Struct({ deliveries: Schema.Array(Trace) })

/** `body` is `null` once it is no longer kept: the record outlives the text. */
export const TraceWithBody = Schema.Struct({ ...traceFields, body: nullable(Text) }).annotations({
  identifier: "TraceWithBody"
})
export type TraceWithBody = typeof TraceWithBody.Type

/** One for a delivery id; one per recipient here for a message id. */
export const TraceView = Schema.Struct({ deliveries: Schema.Array(TraceWithBody) })

const deadLetterFields = {
  delivery_id: Text,
  name: Text,
  agent_id: Text,
  event_id: nullable(Text),
  seq: Count,
  reason: DeadReason,
  at: Text,
  at_ms: Count,
  /** `null`, both: the frame could not be read. */
  from: nullable(Text),
  target: nullable(Text),
  /** It could be read, so it can be sent again. */
  redeliverable: Schema.Boolean,
  /** The delivery that it was last sent again as. */
  redelivered_as: nullable(Text)
}

export const DeadLetter = Schema.Struct(deadLetterFields).annotations({ identifier: "DeadLetter" })
export type DeadLetter = typeof DeadLetter.Type

export const DeadLetterList = Schema.Struct({ dead_letters: Schema.Array(DeadLetter) })

export const DeadLetterView = Schema.Struct({
  ...deadLetterFields,
  body: nullable(Text),
  /** The frame as it came, of one that could not be read. */
  raw: nullable(Text)
}).annotations({ identifier: "DeadLetterView" })
export type DeadLetterView = typeof DeadLetterView.Type

export const Redelivered = Schema.Struct({
  success: Schema.Literal(true),
  delivery_id: Text,
  redelivered_from: Text
})

export const Settled = Schema.Struct({ success: Schema.Literal(true), delivery_id: Text })

export const Purged = Schema.Struct({ purged: Count })

export const Mailbox = Schema.Struct({
  name: Text,
  agent_id: Text,
  /** Highest number up to which everything came. */
  received: Count,
  /** End of the contiguous confirmed run: what may be acked. */
  confirmed: Count,
  acked: Count,
  waiting: Count,
  /** Behind a hole, or until the first number is known. */
  held: Count,
  hosted: Schema.Boolean
}).annotations({ identifier: "Mailbox" })

const NodeDelivery = Schema.Struct({
  session: NodeSession,
  /** Since the start, by hop and reason. */
  counters: Schema.Record({ key: Text, value: Count }),
  mailboxes: Schema.Array(Mailbox),
  /** How many wait now for each reason; what is being typed waits for none. */
  waiting_reasons: Schema.Record({ key: Text, value: Count })
}).annotations({ identifier: "NodeDelivery" })

// The query of `GET /api/deliveries`: `agent`, any when absent or blank, and `limit`, 100 when absent.

export const defaultLimit = 100
export const maxLimit = 1000

interface RecentQuery {
  readonly agent: string | undefined
  readonly limit: number
}

/** Left: the sentence to refuse with. A limit that cannot be kept to is refused, not bent. */
export const readRecentQuery = (url: string): Either.Either<RecentQuery, string> => {
  const at = url.indexOf("?")
  const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
  const agent = query.get("agent")?.trim() || undefined
  const given = query.get("limit")
  if (given === null) return Either.right({ agent, limit: defaultLimit })
  const limit = /^\d{1,6}$/.test(given) ? Number(given) : 0
  return limit >= 1 && limit <= maxLimit
    ? Either.right({ agent, limit })
    : Either.left(`limit: expected a whole number from 1 to ${maxLimit}`)
}

const ById = Schema.Struct({ id: Schema.String })

const describeQuery = withQuery(
  { name: "agent", schema: { type: "string" } },
  { name: "limit", schema: { type: "integer", minimum: 1, maximum: maxLimit, default: defaultLimit } }
)

export class DeliveriesGroup extends HttpApiGroup.make("deliveries")
  .add(
    get("deliveries", "/api/deliveries")
      .addSuccess(TraceList)
      .addError(coded(400))
      .annotate(OpenApi.Summary, "What became of the latest messages, newest first, without their text")
      .annotate(OpenApi.Transform, describeQuery)
  )
  .add(
    get("delivery", "/api/deliveries/:id")
      .setPath(ById)
      .addSuccess(TraceView)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Every step of one delivery, or of all deliveries of a message, with their text")
  )
  .add(
    post("confirmDelivery", "/api/deliveries/:id/confirm")
      .setPath(ById)
      .addSuccess(Settled)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "A person's word that the agent has an unproven message: it counts as delivered")
  )
  .add(
    post("retryDelivery", "/api/deliveries/:id/retry")
      .setPath(ById)
      .addSuccess(Settled)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "A person's word that the agent does not have an unproven message: it is put in again")
  )
  .add(
    get("nodeDelivery", "/api/node-delivery")
      .addSuccess(NodeDelivery)
      .annotate(OpenApi.Summary, "Where messages are and stop: node session, counters, mailboxes, waiting reasons")
  )
  .add(
    get("deadLetters", "/api/dead-letters")
      .addSuccess(DeadLetterList)
      .annotate(OpenApi.Summary, "Messages that were given up, and why; newest first, without their text")
  )
  .add(del("purgeDeadLetters", "/api/dead-letters").addSuccess(Purged).annotate(OpenApi.Summary, "Forgets all of them"))
  .add(
    get("deadLetter", "/api/dead-letters/:id")
      .setPath(ById)
      .addSuccess(DeadLetterView)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "One of them, with its text")
  )
  .add(
    del("purgeDeadLetter", "/api/dead-letters/:id")
      .setPath(ById)
      .addSuccess(Purged)
      .annotate(OpenApi.Summary, "Forgets one; also a success, of 0, for one that is not there")
  )
  .add(
    post("redeliver", "/api/dead-letters/:id/redeliver")
      .setPath(ById)
      .addSuccess(Redelivered)
      .addError(coded(404))
      .addError(coded(429))
      .annotate(OpenApi.Summary, "Sends one again, as a new delivery, to the agent of its name that runs here now")
  ) {}
