/** `POST /api/send` (S 2.5): through the `Outbox`, to agents here or to the engine. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Broker } from "../broker/Broker.ts"
import { Outbox, type SendRequest, type Sent } from "../delivery/Outbox.ts"
import type { EngineError } from "../engine/EngineApi.ts"
import { SendBody } from "./Bodies.ts"
import { legacy, type Reply } from "./Replies.ts"
import { readJson } from "./RequestBody.ts"
import { readSend } from "./SendBody.ts"
import { SendHistory } from "./SendHistory.ts"
import type { SendResult } from "./Shapes.ts"

const limit = "30 seconds"

const refuseEngine = (error: EngineError, to: string): Reply =>
  "code" in error && error.code === "agent_not_found"
    ? legacy(404, `Agent "${to}" not found`, { to })
    : legacy(502, error.message, { to })

export const makeSendRoute = Effect.gen(function* () {
  const history = yield* SendHistory
  const outbox = yield* Outbox
  const { info } = yield* Broker
  const readBody = readJson(SendBody)

  const result = (sent: Sent): typeof SendResult.Type => ({
    success: true,
    event_id: sent.messageId,
    ...(sent._tag === "Local"
      ? { delivered: sent.targets.length, local: true }
      : { relaycast_published: true as const, local: false }),
    workspace_id: info.workspaceId,
    workspace_alias: info.workspaceAlias ?? null,
    targets: sent.targets
  })

  const remember = ({ from = info.selfName, text, threadId, to }: SendRequest) =>
    Effect.flatMap(Clock.currentTimeMillis, (atMillis) =>
      history.add({ thread: threadId, from, target: to, text, atMillis })
    )

  const send = (request: SendRequest) => {
    const { to } = request
    return outbox.send(request).pipe(
      Effect.tap(() => remember(request)),
      Effect.map(result),
      Effect.catchTags({
        ConfigInvalid: (error) => Effect.succeed(legacy(400, error.reason, { to })),
        UnknownWorker: () => Effect.succeed(legacy(404, `Agent "${to}" not found`, { to })),
        QueueFull: (error) =>
          Effect.succeed(legacy(429, `queue_full: ${error.message}`, { code: "queue_full", to, retryable: true })),
        Unauthorized: (error) => Effect.succeed(refuseEngine(error, to)),
        EngineRejected: (error) => Effect.succeed(refuseEngine(error, to)),
        EngineUnavailable: (error) => Effect.succeed(refuseEngine(error, to)),
        RateLimited: (error) => Effect.succeed(refuseEngine(error, to))
      }),
      Effect.disconnect,
      Effect.timeoutTo({
        duration: limit,
        onSuccess: (reply): typeof SendResult.Type | Reply => reply,
        onTimeout: () => legacy(504, "broker request timed out", { to })
      })
    )
  }

  return ({ request }: { readonly request: HttpServerRequest.HttpServerRequest }) =>
    readBody(request).pipe(
      Effect.flatMap((body) => readSend(body, info.selfName)),
      Effect.flatMap(send),
      Effect.merge
    )
})
