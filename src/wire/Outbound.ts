/**
 * Frames node → engine. The engine refuses a whole frame for one key it does not know, so encoding is strict:
 * an unknown key or a `null` where a key must be absent is a bug here and never reaches the socket.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Json } from "../domain/Json.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const v = Schema.Literal(1)
const id = optional(Schema.String)
const count = Schema.Int.pipe(Schema.nonNegative())

export const Capability = Schema.Struct({
  name: Schema.String,
  kind: optional(Schema.String),
  metadata: optional(Schema.Record({ key: Schema.String, value: Json }))
})
export type Capability = typeof Capability.Type

export const NodeRegister = Schema.Struct({
  v,
  type: Schema.Literal("node.register"),
  id,
  name: Schema.String,
  node_id: Schema.String,
  capabilities: Schema.Array(Capability),
  max_agents: count,
  tags: Schema.Array(Schema.String),
  version: Schema.String,
  resume_cursor: optional(Schema.NullOr(Schema.String))
})

export const NodeHeartbeat = Schema.Struct({
  v,
  type: Schema.Literal("node.heartbeat"),
  id,
  load: Schema.JsonNumber.pipe(Schema.nonNegative()),
  active_agents: count,
  handlers_live: Schema.Boolean,
  name: optional(Schema.String),
  node_id: optional(Schema.String),
  capabilities: optional(Schema.Array(Capability)),
  max_agents: optional(count),
  version: optional(Schema.String)
})

export const NodeDeregister = Schema.Struct({ v, type: Schema.Literal("node.deregister"), id })

export const AgentRegister = Schema.Struct({
  v,
  type: Schema.Literal("agent.register"),
  id,
  name: Schema.String,
  invocation_id: optional(Schema.String),
  session_ref: optional(Schema.String),
  resumable: optional(Schema.Boolean)
})

export const AgentDeregister = Schema.Struct({
  v,
  type: Schema.Literal("agent.deregister"),
  id,
  agent_id: Schema.String,
  name: optional(Schema.String)
})

export const DeliveryAck = Schema.Struct({
  v,
  type: Schema.Literal("delivery.ack"),
  id,
  agent: Schema.String,
  up_to_seq: count
})

/** Exactly one of `output` and `error`: two schemas, because the engine refuses a frame with both. */
export const ActionOutput = Schema.Struct({
  v,
  type: Schema.Literal("action.result"),
  id,
  invocation_id: Schema.String,
  output: Json
})
export const ActionError = Schema.Struct({
  v,
  type: Schema.Literal("action.result"),
  id,
  invocation_id: Schema.String,
  error: Schema.String
})

export const InventoryAgent = Schema.Struct({
  agent_id: Schema.String,
  name: Schema.String,
  invocation_id: optional(Schema.String),
  session_ref: optional(Schema.String)
})

export const InventorySync = Schema.Struct({
  v,
  type: Schema.Literal("inventory.sync"),
  id,
  agents: Schema.Array(InventoryAgent)
})

export const Outbound = Schema.Union(
  NodeRegister,
  NodeHeartbeat,
  NodeDeregister,
  AgentRegister,
  AgentDeregister,
  DeliveryAck,
  ActionOutput,
  ActionError,
  InventorySync
)
export type Outbound = typeof Outbound.Type

const strict = { onExcessProperty: "error", errors: "all" } as const

const encode = Schema.encode(Schema.parseJson(Outbound), strict)

/** Frame → text. Fails with a `ParseError` for anything the engine's schema would refuse, a value nested too deeply included. */
export const encodeOutbound = (frame: Outbound): Effect.Effect<string, ParseResult.ParseError> =>
  Effect.suspend(() => encode(frame)).pipe(
    Effect.catchSomeDefect((defect) =>
      defect instanceof RangeError
        ? Option.some(
            ParseResult.fail(new ParseResult.Type(Outbound.ast, frame.type, "nested too deeply")).pipe(
              Effect.mapError(ParseResult.parseError)
            )
          )
        : Option.none()
    )
  )

/** Text → frame, as strictly as the engine reads it; used by the fake engine. */
export const decodeOutbound = Schema.decodeUnknown(Schema.parseJson(Outbound), strict)

/** The same without an effect, for code that may not suspend. */
export const decodeOutboundEither = Schema.decodeUnknownEither(Schema.parseJson(Outbound), strict)
