/** `POST /api/send`: through the `Outbox`, to agents here or to the engine. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Broker } from "../../broker/Broker.ts"
import { Outbox, type SendRequest, type Sent } from "../../delivery/Outbox.ts"
import type { EngineError } from "../../engine/EngineApi.ts"
import { SendBody } from "../Bodies.ts"
import { legacy, type Reply } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import { SendHistory } from "../insights/SendHistory.ts"
import { readSend } from "../SendBody.ts"
import type { SendResult } from "../Shapes.ts"

const limit = "30 seconds"

type SendError = Effect.Effect.Error<ReturnType<Outbox["Type"]["send"]>>

const refuseEngine = (error: EngineError, to: string): Reply =>
  "code" in error && error.code === "agent_not_found"
    ? legacy(404, `Agent "${to}" not found`, { to })
    : legacy(502, error.message, { to })

const refuse = (error: SendError, to: string): Reply => {
  switch (error._tag) {
    case "ConfigInvalid":
      return legacy(400, error.reason, { to })
    case "UnknownWorker":
      return legacy(404, `Agent "${to}" not found`, { to })
    case "QueueFull":
      return legacy(429, `queue_full: ${error.message}`, { code: "queue_full", to, retryable: true })
    default:
      return refuseEngine(error, to)
  }
}

/** The API's send, whichever way the request came: its result, or the refusal with its sentence. */
export const makeSender = Effect.gen(function* () {
  const history = yield* SendHistory
  const outbox = yield* Outbox
  const { info } = yield* Broker

  const result = (sent: Sent): typeof SendResult.Type => ({
    success: true,
    event_id: sent.messageId,
    ...(sent._tag === "Local"
      ? { delivered: sent.targets.length, local: true }
      : {
          relaycast_published: true as const,
          local: sent.here.length > 0,
          ...(sent.here.length === 0 ? {} : { delivered: sent.here.length })
        }),
    workspace_id: sent.workspace.workspaceId,
    workspace_alias: sent.workspace.alias ?? null,
    targets: sent.targets
  })

  const remember = ({ from = info.selfName, text, threadId, to }: SendRequest) =>
    Effect.flatMap(Clock.currentTimeMillis, (atMillis) =>
      history.add({ thread: threadId, from, target: to, text, atMillis })
    )

  return (body: SendBody): Effect.Effect<typeof SendResult.Type, Reply> =>
    Effect.flatMap(readSend(body, info.selfName), (request) =>
      outbox.send(request).pipe(
        Effect.tap(() => remember(request)),
        Effect.map(result),
        Effect.mapError((error) => refuse(error, request.to)),
        Effect.disconnect,
        Effect.timeoutFail({
          duration: limit,
          onTimeout: () => legacy(504, "broker request timed out", { to: request.to })
        })
      )
    )
})

export const makeSendRoute = Effect.gen(function* () {
  const send = yield* makeSender
  const readBody = readJson(SendBody)
  return ({ request }: { readonly request: HttpServerRequest.HttpServerRequest }) =>
    readBody(request).pipe(Effect.flatMap(send), Effect.merge)
})
