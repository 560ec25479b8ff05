/**
 * Text of a sidecar ↔ frames. Pure and total: neither reading nor writing throws, whatever the text or the value.
 *
 * Invariants: 1. text that is no envelope is `invalid_frame`, an envelope that is not understood is `frame_failed` with its
 * own request id · 2. nothing deeper than `maxDepth` gets in or out: it could not be written to the engine.
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { SidecarRefused } from "../domain/Errors.ts"
import type { InvocationId } from "../domain/Ids.ts"
import { isRecord, type Json, printJson } from "../domain/Json.ts"
import { type FrameType, payloadSchemas, protocolVersion, type Request } from "./Frames.ts"

/** Levels of arrays and objects. */
export const maxDepth = 100

/** Null when the frame had none: such a frame is answered all the same. */
export type RequestId = string | null

export interface Envelope {
  readonly requestId: RequestId
  readonly request: Request
}

export interface Unreadable {
  readonly requestId: RequestId
  readonly code: "invalid_frame" | "frame_failed"
  readonly reason: string
}

/** Walks without recursion: the value may be as deep as a parser allows. */
export const isTooDeep = (value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []))
  }
  return false
}

type Decoder = (payload: unknown) => Either.Either<unknown, ParseResult.ParseError>
const decoders = new Map<string, Decoder>(
  Object.entries(payloadSchemas).map(([type, schema]): [string, Decoder] => [
    type,
    Schema.decodeUnknownEither(schema as Schema.Schema<unknown>, { errors: "all" })
  ])
)

const describe = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")
    .slice(0, 500)

export const decode = (text: string): Either.Either<Envelope, Unreadable> => {
  const refuse = (code: Unreadable["code"], reason: string, requestId: RequestId = null) =>
    Either.left({ requestId, code, reason })
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return refuse("invalid_frame", "not JSON")
  }
  if (!isRecord(raw)) return refuse("invalid_frame", "not an object")
  const requestId = typeof raw["request_id"] === "string" ? raw["request_id"] : null
  const type = raw["type"]
  if (typeof type !== "string") return refuse("invalid_frame", "no type", requestId)
  const decodePayload = decoders.get(type)
  if (decodePayload === undefined) {
    const known = [...decoders.keys()].join(", ")
    return refuse(
      "frame_failed",
      `unknown frame type ${printJson(type.slice(0, 80))}, expected one of ${known}`,
      requestId
    )
  }
  const payload = raw["payload"] ?? {}
  if (isTooDeep(payload)) return refuse("frame_failed", `${type}: nested deeper than ${maxDepth} levels`, requestId)
  return Either.mapBoth(decodePayload(payload), {
    onLeft: (error) => ({ requestId, code: "frame_failed" as const, reason: `${type}: ${describe(error)}` }),
    onRight: (decoded) => ({ requestId, request: { type: type as FrameType, payload: decoded } as Request })
  })
}

const Envelope = <P, I>(type: string, payload: Schema.Schema<P, I>) =>
  Schema.Struct({
    v: Schema.Literal(protocolVersion),
    type: Schema.Literal(type),
    request_id: Schema.NullOr(Schema.String),
    payload
  })
const Outbound = Schema.Union(
  Envelope("ok", Schema.Struct({ result: Schema.Unknown })),
  Envelope("error", Schema.Struct({ code: Schema.String, message: Schema.String, retryable: Schema.Boolean })),
  Envelope(
    "invoke_handler",
    Schema.Struct({ invocation_id: Schema.String, name: Schema.String, input: Schema.Unknown })
  )
)
const encodeOutbound = Schema.encodeSync(Schema.parseJson(Outbound), { onExcessProperty: "error" })

export const ok = (requestId: RequestId, result: Json): string =>
  encodeOutbound({ v: protocolVersion, type: "ok", request_id: requestId, payload: { result } })

export const error = (requestId: RequestId, o: Pick<SidecarRefused, "code" | "reason" | "retryable">): string =>
  encodeOutbound({
    v: protocolVersion,
    type: "error",
    request_id: requestId,
    payload: { code: o.code, message: o.reason, retryable: o.retryable }
  })

export const unreadable = ({ code, reason, requestId }: Unreadable): string =>
  error(requestId, { code, reason, retryable: false })

/** Left: the input cannot be written as a frame. An absent input is null, as 9.1.6 sends it. */
export const invokeHandler = (o: {
  readonly invocationId: InvocationId
  readonly name: string
  readonly input: unknown
}): Either.Either<string, "too deep"> =>
  isTooDeep(o.input)
    ? Either.left("too deep")
    : Either.right(
        encodeOutbound({
          v: protocolVersion,
          type: "invoke_handler",
          request_id: null,
          payload: { invocation_id: o.invocationId, name: o.name, input: o.input ?? null }
        })
      )
