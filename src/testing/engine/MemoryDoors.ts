/** The two ways in without a socket: an `HttpClient` and a `NodeLink` that end in this engine, whatever host they name. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { LinkLost, Unauthorized } from "../../domain/Errors.ts"
import { readEnvelope } from "../../engine/Envelope.ts"
import { ConnectFailed, type NodeConnection, type NodeLink } from "../../node/NodeLink.ts"
import { answerHttp } from "./HttpDoor.ts"
import type { Core } from "./Model.ts"
import { admit, isRefusal, open, type ValidateFrame } from "./NodeSocket.ts"

const decoder = new TextDecoder()

const bodyText = (request: HttpClientRequest.HttpClientRequest) => {
  const { body } = request
  const failed = (description: string) => new HttpClientError.RequestError({ request, reason: "Encode", description })
  switch (body._tag) {
    case "Empty":
      return Effect.succeed("")
    case "Uint8Array":
      return Effect.succeed(decoder.decode(body.body))
    case "Raw":
      return typeof body.body === "string"
        ? Effect.succeed(body.body)
        : Effect.fail(failed("only text and JSON bodies"))
    case "Stream":
      return Stream.runFold(Stream.decodeText(body.stream), "", (all, part) => all + part).pipe(
        Effect.mapError(() => failed("the body's stream failed"))
      )
    case "FormData":
      return Effect.fail(failed("only text and JSON bodies"))
  }
}

/** The text is there at once: reading it from the web response takes a promise, and simulated time knows nothing of those. */
const withText = (
  response: HttpClientResponse.HttpClientResponse,
  body: string
): HttpClientResponse.HttpClientResponse => Object.create(response, { text: { value: Effect.succeed(body) } })

export const makeMemoryHttpClient = (core: Core): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const outcome = answerHttp(core, {
        method: request.method,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: yield* bodyText(request)
      })
      if (outcome._tag === "Never") return yield* Effect.never
      if (outcome._tag === "Broken")
        return yield* new HttpClientError.RequestError({ request, reason: "Transport", description: "connection lost" })
      if (outcome.afterMillis > 0) yield* Effect.sleep(outcome.afterMillis)
      const { body, headers, status } = outcome.answer
      const response = HttpClientResponse.fromWeb(request, new Response(body === "" ? null : body, { status, headers }))
      return withText(response, body)
    })
  )

const url = "memory:/v1/node/ws"

export const makeMemoryNodeLink = (
  core: Core,
  validate: ValidateFrame | undefined
): Context.Tag.Service<typeof NodeLink> => ({
  connect: (token) =>
    Effect.gen(function* () {
      const admitted = admit(core, Redacted.value(token))
      if (isRefusal(admitted)) {
        const { body, retryAfter, status } = admitted
        const envelope = readEnvelope(status, body)
        const code = envelope._tag === "Refusal" ? { code: envelope.code } : {}
        if (status === 401 || status === 403)
          return yield* new Unauthorized({ credential: "node token", where: "/v1/node/ws", status, ...code })
        return yield* new ConnectFailed({
          url,
          status,
          reason: status === 0 ? "connection refused" : `HTTP ${status}`,
          ...(retryAfter === undefined ? {} : { retryAfterMillis: retryAfter * 1000 })
        })
      }
      const inbound = yield* Mailbox.make<string, LinkLost>()
      let lastInbound = core.now()
      let ended: LinkLost | undefined
      const end = (code: number, reason: string): void => {
        if (ended !== undefined) return
        ended = new LinkLost({ reason: reason === "" ? "closed" : reason, code })
        inbound.unsafeDone(Exit.fail(ended))
      }
      const session = open(
        core,
        admitted,
        {
          push: (text) => {
            if (ended !== undefined) return
            lastInbound = core.now()
            inbound.unsafeOffer(text)
          },
          close: end,
          terminate: () => end(1006, "")
        },
        validate
      )
      const close: NodeConnection["close"] = (how, reason) =>
        Effect.sync(() => {
          const code = how === "normal" ? 1000 : 1006
          end(code, reason)
          session.gone(code, reason)
        })
      yield* Effect.addFinalizer(() => close("normal", "closed"))
      return {
        inbound,
        // Nothing to slow down: what is unread is bounded by what the test sends.
        taken: () => {},
        send: (text) =>
          Effect.suspend(() => (ended === undefined ? Effect.sync(() => session.receive(text)) : Effect.fail(ended))),
        lastInboundMillis: Effect.sync(() => lastInbound),
        ping: Effect.sync(() => {
          if (ended === undefined && session.answersPings()) lastInbound = core.now()
        }),
        close
      }
    })
})
