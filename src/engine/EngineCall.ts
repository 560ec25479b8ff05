/**
 * Runs one call to the engine: address, headers, one attempt of at most 12 s at a time, retries by `RetryPolicy`.
 * Guarantees: nothing of a credential or body reaches an error, a span or another host (no redirect is followed).
 */
import { randomUUID } from "node:crypto"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import { version } from "../domain/Version.ts"
import { engineCalls } from "../telemetry/Metrics.ts"
import {
  type Answer,
  type CredentialKind,
  connectionFailure,
  invalidName,
  maxAnswerBytes,
  type Operation,
  readAnswer,
  timeoutFailure,
  unsendable,
  unusable
} from "./Attempt.ts"
import type { EngineError } from "./EngineApi.ts"
import { type AttemptFailure, nextDelay, type Repeat } from "./RetryPolicy.ts"

export interface EngineCall<A> {
  readonly operation: string
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  /** Parts of the path below the base address, not yet encoded. */
  readonly path: ReadonlyArray<string>
  readonly query?: { readonly [name: string]: string }
  readonly credential?: { readonly kind: CredentialKind; readonly token: Redacted.Redacted<string> }
  readonly body?: { readonly [key: string]: unknown }
  /** Presented as `X-Relaycast-Node-Token`. */
  readonly proof?: Redacted.Redacted<string>
  /** One key for all attempts of this call, made here. */
  readonly idempotent?: boolean
  readonly repeat: Repeat
  readonly read: (data: unknown) => Either.Either<A, string>
}

export type RunCall = <A>(call: EngineCall<A>) => Effect.Effect<A, EngineError>

const attemptSeconds = 12

/** Analytics only, but it tells our traffic from that of other brokers. */
const ourHeaders = {
  accept: "application/json",
  "x-sdk-version": version,
  "x-relaycast-origin-client": "relay-broker",
  "x-relaycast-origin-version": version,
  "x-relaycast-origin-actor": "agent-relay-cli/cli"
}

/** Visible ASCII: anything else is refused by HTTP clients with messages that quote it. */
const sendable = (token: Redacted.Redacted<string>) => /^[\x21-\x7e]+$/.test(Redacted.value(token))

const encodePath = (parts: ReadonlyArray<string>): Either.Either<string, string> => {
  try {
    // "." and ".." are path syntax even when percent-encoded, and an empty part would name the collection
    const odd = parts.find((part) => /^\.{0,2}$/.test(part))
    return odd === undefined
      ? Either.right(parts.map((part) => `/${encodeURIComponent(part)}`).join(""))
      : Either.left(`the name "${odd}"`)
  } catch {
    return Either.left("a name that is not well-formed Unicode")
  }
}

const badAddress = "the engine's address is not an http or https URL without user and password"

/** The address as it may be shown and used; fetch refuses credentials in a URL, and so do we. */
const readAddress = (baseUrl: string): Option.Option<string> => {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return Option.none()
  }
  return Option.some(`${url.origin}${url.pathname.replace(/\/+$/, "")}`)
}

export const make = (o: { readonly baseUrl: string }): Effect.Effect<RunCall, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const given = yield* Effect.serviceOption(FetchHttpClient.RequestInit)
    const client = (yield* HttpClient.HttpClient).pipe(
      // its own span would carry all headers, the proof in clear among them; ours are around the calls
      HttpClient.withTracerDisabledWhen(() => true),
      // fetch drops the Authorization header on a redirect to another host, but would hand over the proof
      HttpClient.transformResponse(
        Effect.provideService(FetchHttpClient.RequestInit, {
          ...Option.getOrElse(given, () => ({})),
          redirect: "manual"
        })
      )
    )
    const address = readAddress(o.baseUrl)
    const url = Option.getOrElse(address, () => "(unusable address)")

    const prepare = (call: EngineCall<unknown>, op: Operation) => {
      if (Option.isNone(address)) return Either.left(unsendable(op, badAddress))
      if (call.credential !== undefined && !sendable(call.credential.token)) {
        return Either.left(unsendable(op, `the ${call.credential.kind} has characters that cannot be sent`))
      }
      const path = encodePath(call.path)
      if (Either.isLeft(path)) return Either.left(invalidName(op, path.left))
      const request = HttpClientRequest.make(call.method)(`${address.value}${path.right}`, {
        headers: ourHeaders
      }).pipe(
        call.credential === undefined
          ? (r) => r
          : HttpClientRequest.setHeader("authorization", `Bearer ${Redacted.value(call.credential.token)}`),
        call.proof !== undefined && sendable(call.proof)
          ? HttpClientRequest.setHeader("x-relaycast-node-token", Redacted.value(call.proof))
          : (r) => r,
        call.query === undefined ? (r) => r : HttpClientRequest.setUrlParams(call.query),
        call.idempotent ? HttpClientRequest.setHeader("idempotency-key", randomUUID()) : (r) => r,
        call.body === undefined ? (r) => r : HttpClientRequest.bodyUnsafeJson(call.body)
      )
      return Either.right(request)
    }

    const exchange = (request: HttpClientRequest.HttpClientRequest, op: Operation) =>
      client.execute(request).pipe(
        Effect.flatMap((response) =>
          Effect.map(
            HttpIncomingMessage.withMaxBodySize(response.text, Option.some(maxAnswerBytes)),
            (text): Answer => ({ status: response.status, retryAfter: response.headers["retry-after"], text })
          )
        ),
        Effect.mapError((error) =>
          error._tag === "RequestError" && error.reason === "InvalidUrl"
            ? unsendable(op, badAddress)
            : connectionFailure(op, error)
        ),
        Effect.interruptible, // a call in a finalizer, an undo say, keeps its time limit
        Effect.timeoutFail({
          duration: `${attemptSeconds} seconds`,
          onTimeout: () => timeoutFailure(op, attemptSeconds)
        })
      )

    return <A>(call: EngineCall<A>) => {
      const op: Operation = { name: call.operation, credential: call.credential?.kind, url }

      const attempt = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<A, AttemptFailure> =>
        Effect.gen(function* () {
          const answer = yield* exchange(request, op)
          const data = yield* readAnswer(op, answer, yield* Clock.currentTimeMillis)
          return yield* Either.mapLeft(call.read(data), (reason) => unusable(op, reason))
        })

      const retrying = (
        request: HttpClientRequest.HttpClientRequest,
        retriesMade: number
      ): Effect.Effect<A, EngineError> =>
        Effect.catchAll(attempt(request), (failure) =>
          Effect.gen(function* () {
            const delay = nextDelay({ failure, retriesMade, repeat: call.repeat, random: yield* Random.next })
            if (delay === undefined) return yield* failure.error
            yield* Effect.logDebug(`${failure.error.message}; trying again in ${Math.round(delay)} ms`)
            yield* Effect.sleep(delay)
            return yield* retrying(request, retriesMade + 1)
          })
        )

      return Effect.suspend(() => {
        const request = prepare(call, op)
        return Either.isLeft(request) ? Effect.fail(request.left.error) : retrying(request.right, 0)
      }).pipe(
        Effect.tapBoth({
          onFailure: ({ _tag }) => Effect.sync(() => engineCalls.add(call.operation, _tag)),
          onSuccess: () => Effect.sync(() => engineCalls.add(call.operation, "ok"))
        }),
        Effect.withSpan(`EngineApi ${call.operation}`, { captureStackTrace: false })
      )
    }
  })
