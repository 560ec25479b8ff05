/**
 * Frames engine → node, read openly: unknown keys are kept, unknown frame types are values and not failures.
 *
 * `decodeInbound` is total. Invariants:
 * 1. It never throws and never fails, whatever the text.
 * 2. An unknown `type` is `UnknownFrame`; a known type with an unreadable shape is `Malformed`, except
 * 3. a `deliver` whose agent and seq can be read: `UndecodableDeliver`, so that it can be put aside and confirmed.
 * 4. What it gives is at most `maxNesting` deep, what was deeper is left out: nothing that decodes, formats or prints a
 *    frame can overflow the stack.
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { AgentId, AgentName, DeliveryId, InvocationId, MessageId, Seq } from "../domain/Ids.ts"
import { isRecord, parseJsonPruned } from "../domain/Json.ts"

/** Absent and null are the same to us. */
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

export const Reply = Schema.Struct({
  type: Schema.Literal("reply"),
  id: Schema.String,
  data: Schema.optionalWith(Schema.Unknown, { exact: true })
})
export type Reply = typeof Reply.Type

export const Refusal = Schema.Struct({
  type: Schema.Literal("error"),
  id: Schema.String,
  code: Schema.String,
  message: Schema.optionalWith(Schema.String, { default: () => "" })
})
export type Refusal = typeof Refusal.Type

export const Deliver = Schema.Struct({
  type: Schema.Literal("deliver"),
  delivery_id: DeliveryId,
  agent_id: AgentId,
  agent: AgentName,
  msg_id: MessageId,
  seq: Seq,
  /** `wait` or `steer`; a mode of a later engine is read as `wait`. */
  mode: optional(Schema.String),
  payload: Schema.Unknown
})
export type Deliver = typeof Deliver.Type

export const ActionInvoke = Schema.Struct({
  type: Schema.Literal("action.invoke"),
  invocation_id: InvocationId,
  action: Schema.NonEmptyString,
  agent_id: optional(Schema.String),
  agent_name: optional(Schema.String),
  input: Schema.optionalWith(Schema.Unknown, { exact: true })
})
export type ActionInvoke = typeof ActionInvoke.Type

export const ContextUpdate = Schema.Struct({
  type: Schema.Literal("context.update"),
  topic: Schema.String,
  event: Schema.String,
  channel_id: optional(Schema.String),
  agent_ids: optional(Schema.Array(Schema.String)),
  data: Schema.optionalWith(Schema.Unknown, { exact: true })
})
export type ContextUpdate = typeof ContextUpdate.Type

export const Ping = Schema.Struct({ type: Schema.Literal("ping") })

const Known = Schema.Union(Reply, Refusal, Deliver, ActionInvoke, ContextUpdate, Ping)

export type Inbound =
  | { readonly _tag: "Reply"; readonly frame: Reply }
  | { readonly _tag: "Refusal"; readonly frame: Refusal }
  | { readonly _tag: "Deliver"; readonly frame: Deliver }
  | { readonly _tag: "ActionInvoke"; readonly frame: ActionInvoke }
  | { readonly _tag: "ContextUpdate"; readonly frame: ContextUpdate }
  | { readonly _tag: "Ping" }
  | { readonly _tag: "UnknownFrame"; readonly frameType: string }
  | {
      readonly _tag: "UndecodableDeliver"
      /** At least one of the two is known. */
      readonly agent: AgentName | undefined
      readonly agentId: AgentId | undefined
      readonly deliveryId: DeliveryId | undefined
      readonly seq: Seq
      readonly reason: string
      readonly raw: unknown
    }
  | { readonly _tag: "Malformed"; readonly reason: string; readonly preview: string }

const decoders = {
  reply: { tag: "Reply", decode: Schema.decodeUnknownEither(Reply, { onExcessProperty: "preserve" }) },
  error: { tag: "Refusal", decode: Schema.decodeUnknownEither(Refusal, { onExcessProperty: "preserve" }) },
  deliver: { tag: "Deliver", decode: Schema.decodeUnknownEither(Deliver, { onExcessProperty: "preserve" }) },
  "action.invoke": {
    tag: "ActionInvoke",
    decode: Schema.decodeUnknownEither(ActionInvoke, { onExcessProperty: "preserve" })
  },
  "context.update": {
    tag: "ContextUpdate",
    decode: Schema.decodeUnknownEither(ContextUpdate, { onExcessProperty: "preserve" })
  },
  ping: { tag: "Ping", decode: Schema.decodeUnknownEither(Ping) }
} as const

/** The frame types this broker reads; fixtures hold one file for each. */
export const knownFrameTypes: ReadonlyArray<string> = Known.members.map((member) => member.fields.type.literals[0])

/** One line instead of the default page of tree. */
export const describeParseError = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map((issue) => `${issue.path.join(".") || "frame"}: ${issue.message}`)
    .join("; ")
    .slice(0, 500)

const malformed = (reason: string, text: string): Inbound => ({
  _tag: "Malformed",
  reason,
  preview: text.slice(0, 120)
})

const nonEmpty = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

const undecodable = (raw: { readonly [key: string]: unknown }, reason: string): Inbound | undefined => {
  const agent = nonEmpty(raw["agent"])
  const agentId = nonEmpty(raw["agent_id"])
  const seq = raw["seq"]
  if ((agent === undefined && agentId === undefined) || !Number.isSafeInteger(seq) || (seq as number) < 0)
    return undefined
  const deliveryId = nonEmpty(raw["delivery_id"])
  return {
    _tag: "UndecodableDeliver",
    agent: agent === undefined ? undefined : AgentName.make(agent),
    agentId: agentId === undefined ? undefined : AgentId.make(agentId),
    deliveryId: deliveryId === undefined ? undefined : DeliveryId.make(deliveryId),
    seq: Seq.make(seq as number),
    reason,
    raw
  }
}

const isKnownType = (type: string): type is keyof typeof decoders => Object.hasOwn(decoders, type)

export const decodeInbound = (text: string): Inbound => {
  const parsed = parseJsonPruned(text)
  if (Either.isLeft(parsed)) return malformed(parsed.left, text)
  const raw = parsed.right
  if (!isRecord(raw)) return malformed("not an object", text)
  const type = raw["type"]
  if (typeof type !== "string") return malformed("no type", text)
  if (!isKnownType(type)) return { _tag: "UnknownFrame", frameType: type.slice(0, 80) }
  const { decode, tag } = decoders[type]
  const result = decode(raw) as Either.Either<unknown, ParseResult.ParseError>
  if (Either.isRight(result)) return { _tag: tag, frame: result.right } as Inbound
  const reason = describeParseError(result.left)
  return (type === "deliver" ? undecodable(raw, reason) : undefined) ?? malformed(`${type}: ${reason}`, text)
}
