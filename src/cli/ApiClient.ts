/** Calls of the local API for the commands: one typed failure per thing a person can do about it. */

import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { WebSocket } from "ws"
import { messageOf } from "../domain/Errors.ts"
import * as NodeHttp from "../engine/NodeHttp.ts"
import { type ConnectionFlags, discover } from "./Connection.ts"
import {
  type ApiFailure,
  BrokerRefused,
  BrokerUnreachable,
  KeyRefused,
  type NoBroker,
  UnexpectedAnswer
} from "./Failures.ts"
import type { Surroundings } from "./Surroundings.ts"

// Opens a WebSocket of the local API; refusals are those of a plain request.

interface SocketOptions {
  readonly url: string
  readonly path: string
  readonly apiKey: string
  readonly refusal: (status: number, text: string) => BrokerRefused
}

type SocketFailure = BrokerUnreachable | KeyRefused | BrokerRefused

const handshakeTimeout = 10_000

const openSocket = (o: SocketOptions): Effect.Effect<WebSocket, SocketFailure, Scope.Scope> =>
  Effect.acquireRelease(openWebSocket(o), (socket) => Effect.sync(() => socket.terminate()))

const openWebSocket = ({ apiKey, path, refusal, url }: SocketOptions) =>
  // Loaded when it is used: most commands need none.
  Effect.flatMap(
    Effect.promise(() => import("ws")),
    ({ WebSocket }) =>
      Effect.async<WebSocket, SocketFailure>((resume) => {
        const socket = new WebSocket(url.replace(/^http/, "ws") + path, {
          headers: { "x-api-key": apiKey },
          handshakeTimeout,
          perMessageDeflate: false
        })
        socket.on("error", (error) => resume(Effect.fail(new BrokerUnreachable({ url, reason: error.message }))))
        socket.on("unexpected-response", (request, response) => {
          let text = ""
          response.setEncoding("utf8")
          response.on("data", (chunk: string) => {
            text += chunk
          })
          response.on("end", () => {
            const status = response.statusCode ?? 0
            request.destroy()
            resume(Effect.fail(status === 401 ? new KeyRefused({ url }) : refusal(status, text)))
          })
        })
        socket.on("open", () => resume(Effect.succeed(socket)))
        return Effect.sync(() => socket.terminate())
      })
  )

export interface ApiClient {
  readonly url: string
  /** The answer's body, decoded, and as it came for `--json`. */
  readonly call: <A, I>(o: {
    readonly method: "GET" | "POST" | "PUT" | "DELETE"
    readonly path: string
    readonly answer: Schema.Schema<A, I>
    readonly body?: { readonly [key: string]: unknown }
    /** How long the broker was asked to wait before it answers. */
    readonly waitSecs?: number
  }) => Effect.Effect<{ readonly value: A; readonly raw: unknown }, ApiFailure>
  /** An open WebSocket; closed with the scope. The caller listens in the turn in which it gets it. */
  readonly socket: (path: string) => Effect.Effect<WebSocket, ApiFailure, Scope.Scope>
}

/** A spawn waits for the engine, a release for the program's end. */
const limitSecs = 60

/** Both error families, and plain text. */
const refusal = (status: number, text: string): BrokerRefused => {
  try {
    const { code, error, last_output, message } = JSON.parse(text) as { readonly [key: string]: unknown }
    const reason = typeof error === "string" ? error : message
    return new BrokerRefused({
      status,
      body: text,
      reason: typeof reason === "string" ? reason : `HTTP ${status}`,
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof last_output === "string" ? { lastOutput: last_output } : {})
    })
  } catch {
    const said = text.trim().slice(0, 200)
    return new BrokerRefused({ status, reason: said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said}` })
  }
}

/** The client hides why behind "Transport error". */
const causeOf = (error: unknown): string => {
  const cause = (error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }).cause
  if (cause?.code === "ECONNREFUSED") return "connection refused"
  return String(cause?.message || cause?.code || messageOf(error))
}

const makeClient = (url: string, apiKey: Redacted.Redacted<string>): ApiClient => ({
  url,
  socket: (path) => openSocket({ url, path, apiKey: Redacted.value(apiKey), refusal }),
  call: ({ answer, body, method, path, waitSecs = 0 }) =>
    Effect.gen(function* () {
      const limit = `${limitSecs + waitSecs} seconds` as const
      const request = HttpClientRequest.make(method)(url + path, {
        headers: { "x-api-key": Redacted.value(apiKey) }
      }).pipe(
        body === undefined ? (same) => same : HttpClientRequest.bodyText(JSON.stringify(body), "application/json")
      )
      const response = yield* HttpClient.execute(request).pipe(
        Effect.flatMap(({ status, text }) => Effect.map(text, (read) => ({ status, text: read }))),
        Effect.mapError((error) => new BrokerUnreachable({ url, reason: causeOf(error) })),
        Effect.timeoutFail({
          duration: limit,
          onTimeout: () => new BrokerUnreachable({ url, reason: `no answer within ${limit}` })
        }),
        Effect.provide(NodeHttp.layer)
      )
      if (response.status === 401) return yield* new KeyRefused({ url })
      if (response.status < 200 || response.status > 299) return yield* refusal(response.status, response.text)
      const notUnderstood = (reason: string) => new UnexpectedAnswer({ path, reason })
      const raw = yield* Effect.try({
        try: (): unknown => JSON.parse(response.text),
        catch: () => notUnderstood("not JSON")
      })
      const value = yield* Schema.decodeUnknown(answer)(raw).pipe(
        Effect.mapError((error) => notUnderstood(error.message.split("\n").at(-1)?.trim() ?? ""))
      )
      return { value, raw }
    })
})

export const connect = (flags: ConnectionFlags): Effect.Effect<ApiClient, NoBroker, Surroundings> =>
  Effect.map(discover(flags), ({ apiKey, url }) => makeClient(url, apiKey))
