/**
 * What one HTTP exchange with the engine means: data, or one of four errors with what the retry policy needs to know.
 * Pure; built from status, error code and errno only, so that no token and no body can leak into an error.
 */
import * as Either from "effect/Either"
import { EngineRejected, EngineUnavailable, RateLimited, Unauthorized } from "../domain/Errors.ts"
import { type Envelope, readEnvelope } from "./Envelope.ts"
import { type AttemptFailure, retryAfterMillis } from "./RetryPolicy.ts"

export type CredentialKind = Unauthorized["credential"]

export interface Operation {
  /** Method and route, without the names in it: `POST /v1/nodes/:name/agents`. */
  readonly name: string
  /** Absent for the one call that needs none. */
  readonly credential: CredentialKind | undefined
  /** The engine's address, without user and password. */
  readonly url: string
}

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

const unavailable = (op: Operation, reason: string) =>
  new EngineUnavailable({ operation: op.name, url: op.url, reason })

/** Beyond 401, codes that speak of the credential itself, not of what it may do. */
const aboutCredential = /^(?:unauthorized|workspace_expired|.*(?:token|key)_(?:invalid|expired|revoked|forbidden))$/

/** A plan that is used up stays so, whatever we wait. */
const exhausted = "plan_limit_exceeded"

const rejected = (op: Operation, status: number, code: string, reason: string): AttemptFailure => ({
  error: new EngineRejected({ operation: op.name, status, code, reason }),
  transient: false,
  mayHaveActed: false
})

const unauthorized = (op: Operation, credential: CredentialKind, status: number, code?: string): AttemptFailure => ({
  error: new Unauthorized({
    // the proof that accompanies a mint is refused as a node token, not as the workspace key
    credential: code?.startsWith("node_token") ? "node token" : credential,
    where: op.name,
    status,
    ...(code === undefined ? {} : { code })
  }),
  transient: false,
  mayHaveActed: false
})

const describe = (status: number, envelope: Envelope) =>
  envelope._tag === "Refusal"
    ? `HTTP ${status}, ${envelope.code}${envelope.message ? `: ${envelope.message}` : ""}`
    : `HTTP ${status} with ${envelope._tag === "Foreign" ? envelope.reason : "data"}`

/** Data of a success, else the failure. `nowMillis` is only for a `Retry-After` given as a date. */
export const readAnswer = (
  op: Operation,
  answer: Answer,
  nowMillis: number
): Either.Either<unknown, AttemptFailure> => {
  const { status } = answer
  const envelope = readEnvelope(status, answer.text)
  const code = envelope._tag === "Refusal" ? envelope.code : undefined
  const wish = retryAfterMillis(answer.retryAfter, nowMillis)
  const wait = wish === undefined ? {} : { retryAfterMillis: wish }

  if (status >= 200 && status < 300 && envelope._tag === "Data") return Either.right(envelope.data)
  // a 401 without an envelope still says that the credential was refused; a bare 403 may come from any proxy
  const refused = status === 401 || (status === 403 && code !== undefined && aboutCredential.test(code))
  if (refused && op.credential !== undefined) return Either.left(unauthorized(op, op.credential, status, code))
  if (status === 429) {
    return Either.left({
      error: new RateLimited({ operation: op.name, code: code ?? "http_429", retryAfterMillis: wish ?? 0 }),
      transient: code !== exhausted,
      mayHaveActed: false,
      ...wait
    })
  }
  // our own earlier try, given up here after its time, is still running there
  if (code === "idempotency_in_progress") {
    return Either.left({
      error: unavailable(op, describe(status, envelope)),
      transient: true,
      mayHaveActed: true,
      ...wait
    })
  }
  if (status >= 500) {
    return Either.left({
      error: unavailable(op, describe(status, envelope)),
      transient: status !== 501,
      mayHaveActed: status !== 503,
      ...wait
    })
  }
  if (envelope._tag === "Refusal") return Either.left(rejected(op, status, envelope.code, envelope.message))
  const reason =
    status >= 300 && status < 400
      ? `HTTP ${status}: redirects are not followed, use the engine's own address`
      : describe(status, envelope)
  return Either.left({ error: unavailable(op, reason), transient: false, mayHaveActed: true })
}

/** No connection was made, so nothing was sent. */
const notSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])

/**
 * The errno of a failed exchange, from the chain of causes below a client's error (fetch nests it two deep and may
 * collect one per address). The messages there are not used: they can quote header values.
 */
export const errnoOf = (error: unknown, depth = 0): string | undefined => {
  if (depth > 5 || typeof error !== "object" || error === null) return undefined
  const { cause, code, errors } = error as { cause?: unknown; code?: unknown; errors?: unknown }
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code
  const below = [cause, ...(Array.isArray(errors) ? errors.slice(0, 4) : [])]
  for (const next of below) {
    const found = errnoOf(next, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

/** An answer is read up to this size; the engine's own largest (an inbox, a search) are far below it. */
export const maxAnswerBytes = 16 * 1024 * 1024

/** Said by the platform's reader; the client's error carries it as its cause. */
const isTooLarge = (error: unknown) =>
  typeof error === "object" &&
  error !== null &&
  "cause" in error &&
  error.cause instanceof Error &&
  error.cause.message === "maxBytes exceeded"

/** The exchange ended without a whole answer. */
export const connectionFailure = (op: Operation, cause: unknown): AttemptFailure => {
  if (isTooLarge(cause)) {
    const reason = `an answer of more than ${maxAnswerBytes / 1024 / 1024} MiB`
    return { error: unavailable(op, reason), transient: false, mayHaveActed: true }
  }
  const errno = errnoOf(cause)
  return {
    error: unavailable(op, errno === undefined ? "the connection failed" : `the connection failed (${errno})`),
    transient: true,
    mayHaveActed: errno === undefined || !notSent.has(errno)
  }
}

export const timeoutFailure = (op: Operation, seconds: number): AttemptFailure => ({
  error: unavailable(op, `no answer within ${seconds} s`),
  transient: true,
  mayHaveActed: true
})

/** Never sent: our own input or configuration is at fault. */
export const unsendable = (op: Operation, reason: string): AttemptFailure => ({
  error: unavailable(op, reason),
  transient: false,
  mayHaveActed: false
})

/** A success whose data is not what the call promises: executed, but of no use to us, and no better the next time. */
export const unusable = (op: Operation, reason: string): AttemptFailure => ({
  error: unavailable(op, reason),
  transient: false,
  mayHaveActed: true
})

/** A name that cannot be one part of a path: refused as the engine would, without asking it. */
export const invalidName = (op: Operation, what: string): AttemptFailure =>
  rejected(op, 400, "invalid_name", `${what} cannot be part of an address`)
