/** Reads and checks a JSON request body, with the refusals that clients know: 413, 415, 400 and 422, as plain text. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { messageOf } from "../../domain/Errors.ts"
import { type Reply, text } from "./Reply.ts"

/** Bytes of a body at most. */
const bodyLimit = 2 * 1024 * 1024

const tooLarge = text(413, "Failed to buffer the request body: length limit exceeded")
const wrongType = text(415, "Expected request with `Content-Type: application/json`")
const isJson = (contentType: string) => /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType.trim())

/** The whole body as text, or nothing when it is larger than the limit; the rest of a refused body is read and thrown away. */
const readBytes = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string, Reply> =>
  Effect.async((resume) => {
    const source = NodeHttpServerRequest.toIncomingMessage(request)
    if (Number(source.headers["content-length"] ?? 0) > bodyLimit) return resume(Effect.fail(tooLarge))
    const chunks: Array<Buffer> = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= bodyLimit) return void chunks.push(chunk)
      done(Effect.fail(tooLarge))
      source.resume()
    }
    const onEnd = () => done(decodeText(Buffer.concat(chunks)))
    const stop = () => {
      source.off("data", onData)
      source.off("end", onEnd)
    }
    const done = (result: Effect.Effect<string, Reply>) => {
      stop()
      resume(result)
    }
    source.on("data", onData)
    source.on("end", onEnd)
    return Effect.sync(stop)
  })

const notJson = (reason: string) => text(400, `Failed to parse the request body as JSON: ${reason}`)

/** As deep as 9.1.6 reads; deeper ones would exhaust the stack of whoever walks through them. */
const deepest = 128

/** Whether brackets outside of strings are nested deeper than that. Reads the text once. */
export const isTooDeep = (body: string): boolean => {
  let depth = 0
  let inString = false
  for (let at = 0; at < body.length; at++) {
    const character = body.charCodeAt(at)
    if (inString) {
      if (character === 0x5c) at += 1
      else if (character === 0x22) inString = false
    } else if (character === 0x22) inString = true
    else if (character === 0x7b || character === 0x5b) {
      depth += 1
      if (depth > deepest) return true
    } else if (character === 0x7d || character === 0x5d) depth -= 1
  }
  return false
}

const parse = (body: string): Either.Either<unknown, Reply> =>
  isTooDeep(body)
    ? Either.left(notJson("recursion limit exceeded"))
    : Either.try({ try: (): unknown => JSON.parse(body), catch: (error) => notJson(messageOf(error)) })

const utf8 = new TextDecoder("utf-8", { fatal: true })

const decodeText = (bytes: Uint8Array): Either.Either<string, Reply> =>
  Either.try({ try: () => utf8.decode(bytes), catch: () => notJson("invalid UTF-8") })

/** One line, the field first: `rows: Expected …, actual "x"`. */
export const describeIssues = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")

/** Unknown keys are tolerated; all issues are named. */
export const decodeBody = <A, I>(schema: Schema.Schema<A, I>): ((body: unknown) => Either.Either<A, Reply>) => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  return (body) =>
    Either.mapLeft(decode(body), (error) =>
      text(422, `Failed to deserialize the JSON body into the target type: ${describeIssues(error)}`)
    )
}

/** Fails with the refusal to send. */
export const readJson = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = decodeBody(schema)
  return (request: HttpServerRequest.HttpServerRequest): Effect.Effect<A, Reply> =>
    isJson(request.headers["content-type"] ?? "")
      ? Effect.flatMap(readBytes(request), (body) => Either.flatMap(parse(body), decode))
      : Effect.fail(wrongType)
}

/** As `readJson`, for routes that go without a body too: an empty one is `undefined`, whatever its type. */
export const readOptionalJson = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = decodeBody(schema)
  return (request: HttpServerRequest.HttpServerRequest): Effect.Effect<A | undefined, Reply> =>
    Effect.flatMap(readBytes(request), (body) =>
      body.trim() === ""
        ? Effect.succeed(undefined)
        : isJson(request.headers["content-type"] ?? "")
          ? Either.flatMap(parse(body), decode)
          : Effect.fail(wrongType)
    )
}

/** The query of a request as it came. */
export const queryOf = (url: string): URLSearchParams => {
  const at = url.indexOf("?")
  return new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
}
