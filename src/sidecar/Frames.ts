/**
 * Frames of the sidecar socket: envelopes `{v, type, request_id, payload}`. What a sidecar sends is read openly
 * (unknown keys are tolerated, null is absence), what it is sent is encoded strictly.
 */
import * as Schema from "effect/Schema"
import { InvocationId } from "../domain/Ids.ts"
import { Json } from "../domain/Json.ts"

export const protocolVersion = 2

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })
const strings = Schema.Array(Schema.String)
const names = Schema.Array(Schema.Trim.pipe(Schema.nonEmptyString()))

export const Capability = Schema.Struct({
  name: Schema.NonEmptyString,
  kind: optional(Schema.String),
  metadata: optional(Schema.Record({ key: Schema.String, value: Json }))
})

/** What a node definition says of itself; the broker speaks for the node id. */
export const Manifest = Schema.Struct({
  name: Schema.NonEmptyString,
  capabilities: Schema.Array(Capability),
  max_agents: optional(Schema.Int.pipe(Schema.nonNegative())),
  tags: optional(strings),
  version: optional(Schema.String)
})
export type Manifest = typeof Manifest.Type

/** The restart policy of a spawned agent, for a sidecar. */
export const RestartPolicy = Schema.Struct({
  enabled: optional(Schema.Boolean),
  max_restarts: optional(Schema.Int.pipe(Schema.nonNegative())),
  cooldown_ms: optional(Schema.Int.pipe(Schema.between(0, 3_600_000))),
  max_consecutive_failures: optional(Schema.Int.pipe(Schema.positive()))
})
export type RestartPolicy = typeof RestartPolicy.Type

/** How to start the sidecar again when it dies. */
export const Supervision = Schema.Struct({
  argv: Schema.NonEmptyArray(Schema.String),
  cwd: Schema.String,
  env: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  restart_policy: optional(RestartPolicy)
})
export type Supervision = typeof Supervision.Type

const exactlyOne = "exactly one of output and error"

const payloads = {
  hello: Schema.Struct({ client_name: optional(Schema.String), client_version: optional(Schema.String) }),
  register_node: Schema.Struct({ manifest: Manifest, supervision: optional(Supervision) }),
  register_handlers: Schema.Struct({ names }),
  deregister_node: Schema.Struct({}),
  handler_result: Schema.Struct({
    invocation_id: InvocationId,
    output: Schema.optionalWith(Json, { exact: true }),
    error: optional(Schema.String)
  }).pipe(
    Schema.filter(({ error, output }) => ((error === undefined) === (output === undefined) ? exactlyOne : undefined))
  ),
  spawn_agent: Schema.Struct({
    /** Read by the one reader of spawn requests, which knows both spellings. */
    agent: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
    initial_task: optional(Schema.String),
    skip_relay_prompt: optional(Schema.Boolean),
    invocation_id: optional(InvocationId)
  }),
  release_agent: Schema.Struct({ name: Schema.NonEmptyString, reason: optional(Schema.String) }),
  list_agents: Schema.Struct({}),
  send_input: Schema.Struct({ name: Schema.NonEmptyString, data: Schema.String }),
  send_message: Schema.Struct({
    to: Schema.String,
    text: Schema.String,
    from: optional(Schema.String),
    thread_id: optional(Schema.String),
    workspace_id: optional(Schema.String),
    workspace_alias: optional(Schema.String),
    priority: optional(Schema.Number),
    mode: optional(Schema.String)
  }),
  subscribe_channels: Schema.Struct({ name: Schema.NonEmptyString, channels: names }),
  unsubscribe_channels: Schema.Struct({ name: Schema.NonEmptyString, channels: names }),
  shutdown: Schema.Struct({})
} as const

export { payloads as payloadSchemas }
export type FrameType = keyof typeof payloads
export type Payload<T extends FrameType> = (typeof payloads)[T]["Type"]

/** A frame whose payload was understood. */
export type Request = {
  readonly [T in FrameType]: { readonly type: T; readonly payload: Payload<T> }
}[FrameType]

/** What the hub itself answers; everything else is asked of other rooms. */
export type ControlRequest = Extract<
  Request,
  { readonly type: "hello" | "register_node" | "register_handlers" | "deregister_node" | "handler_result" }
>
export type ServiceRequest = Exclude<Request, ControlRequest>

const controlTypes: ReadonlySet<FrameType> = new Set([
  "hello",
  "register_node",
  "register_handlers",
  "deregister_node",
  "handler_result"
])
export const isControl = (request: Request): request is ControlRequest => controlTypes.has(request.type)
