/**
 * The engine's HTTP envelope: `{ok:true,data}` or `{ok:false,error:{code,message}}`, unknown keys tolerated.
 * Pure and total: whatever was received is one of the three cases, and none of them shows a token or a body.
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { parseJson } from "../domain/Json.ts"

export type Envelope =
  | { readonly _tag: "Data"; readonly data: unknown }
  | { readonly _tag: "Refusal"; readonly code: string; readonly message: string }
  /** Not the engine speaking: a proxy, a captive portal, another server. */
  | { readonly _tag: "Foreign"; readonly reason: string }

const Wire = Schema.Union(
  Schema.Struct({ ok: Schema.Literal(true), data: Schema.optional(Schema.Unknown) }),
  Schema.Struct({
    ok: Schema.Literal(false),
    error: Schema.Struct({
      code: Schema.NonEmptyString,
      message: Schema.optionalWith(Schema.String, { nullable: true, default: () => "" })
    })
  })
)
const decodeWire = Schema.decodeUnknownEither(Wire)

const parse = (text: string): Either.Either<unknown, string> => {
  if (text.trim() === "") return Either.left("an empty answer")
  return Either.mapLeft(parseJson(text), (problem) =>
    problem === "not JSON" ? "an answer that is not JSON" : "an answer that is nested too deeply"
  )
}

/** Credentials by their prefixes; an engine that quotes one back must not bring it into a log. */
const credential = /\b(?:rk|at|nt|ot|br)_[A-Za-z0-9_-]{4,}/g
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** Text of the engine as it may stand in an error: one line, bounded, no credentials. */
export const quotable = (text: string): string => {
  const line = text.replace(controls, " ").replace(credential, "<redacted>").trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

export const readEnvelope = (status: number, text: string): Envelope => {
  if (status === 204) return { _tag: "Data", data: undefined }
  const json = parse(text)
  if (Either.isLeft(json)) return { _tag: "Foreign", reason: json.left }
  const wire = decodeWire(json.right)
  if (Either.isLeft(wire)) return { _tag: "Foreign", reason: "JSON that is not the engine's" }
  return wire.right.ok
    ? { _tag: "Data", data: wire.right.data }
    : { _tag: "Refusal", code: quotable(wire.right.error.code), message: quotable(wire.right.error.message) }
}

/** Reads `data`; the left side names the fields that are wrong and never their values, which may be secrets. */
export const readData = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  return (data: unknown): Either.Either<A, string> =>
    Either.mapLeft(decode(data), (error) => {
      const fields = ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => issue.path.join(".") || "data")
      return `an answer without a usable ${[...new Set(fields)].join(", ")}`
    })
}
