/** The routes about messages and events: send, replay, and the plain requests that `/ws` and the sidecar's socket also are. */

import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Broker } from "../../broker/Broker.ts"
import { Outbox, type SendRequest, type Sent } from "../../delivery/Outbox.ts"
import { SendHistory } from "../../delivery/SendHistory.ts"
import { priorities, priorityLabel } from "../../domain/Message.ts"
import type { EngineError } from "../../engine/EngineApi.ts"
import { SendBody } from "../Bodies.ts"
import { EventStream, readSinceSeq } from "../events/EventStream.ts"
import { legacy, notAnUpgrade, type Reply, text } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import type { SendResult } from "../Shapes.ts"

// `POST /api/send`: through the `Outbox`, to agents here or to the engine.

// From the body of `POST /api/send`, with its many spellings, to a request of the `Outbox`. Plain functions.

const filled = (...values: ReadonlyArray<string | undefined>) =>
  values.find((value) => value !== undefined && value.trim() !== "")?.trim()

/**
 * The sender as others will read it; `undefined` is the broker itself, which also speaks for the dashboard and for
 * people without a name. A person's `human:` prefix is dropped.
 */
export const senderOf = (from: string | undefined, selfName: string): string | undefined => {
  const given = filled(from)
  const plain = filled(given?.replace(/^human:/i, ""))
  if (given === undefined || plain === undefined) return undefined
  const own = new Set(["dashboard", "human:orchestrator", selfName.toLowerCase()])
  return own.has(given.toLowerCase()) || own.has(plain.toLowerCase()) ? undefined : plain
}

/** A number from 1 to 4 or its word; anything else is none, as 9.1.6 has it of all. */
const readPriority = (given: unknown): number | undefined => {
  if (typeof given === "string") return priorities[given.trim().toLowerCase()]
  return typeof given === "number" && priorityLabel(given) !== undefined ? given : undefined
}

const readSend = (body: SendBody, selfName: string): Either.Either<SendRequest, Reply> => {
  const to = filled(body.to)
  const text = filled(body.message, body.text, body.body, body.content)
  const mode = filled(body.mode, body.injectionMode, body.injection_mode)?.toLowerCase() ?? "wait"
  if (to === undefined || text === undefined) {
    return Either.left(legacy(400, "Missing required fields: to, message"))
  }
  if (mode !== "wait" && mode !== "steer") {
    return Either.left(legacy(400, `invalid mode '${mode}'. expected 'wait' or 'steer'`))
  }
  return Either.right({
    to,
    text,
    mode,
    from: senderOf(body.from, selfName),
    threadId: filled(body.thread, body.thread_id, body.threadId),
    priority: readPriority(body.priority),
    workspaceId: filled(body.workspaceId, body.workspace_id),
    workspaceAlias: filled(body.workspaceAlias, body.workspace_alias)
  })
}

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

const makeSendRoute = Effect.gen(function* () {
  const send = yield* makeSender
  const readBody = readJson(SendBody)
  return ({ request }: { readonly request: HttpServerRequest.HttpServerRequest }) =>
    readBody(request).pipe(Effect.flatMap(send), Effect.merge)
})

export const layerMessages = HttpApiBuilder.group(LocalApi, "messages", (handlers) =>
  Effect.gen(function* () {
    const stream = yield* EventStream
    const send = yield* makeSendRoute
    return handlers
      .handleRaw("send", send)
      .handleRaw("replay", ({ request }) =>
        readSinceSeq(request.url).pipe(
          Either.mapLeft((sentence) => text(400, sentence)),
          Effect.flatMap(stream.replay),
          Effect.merge
        )
      )
      .handleRaw("fleet", () => Effect.succeed(notAnUpgrade))
      .handleRaw("stream", ({ request }) =>
        Effect.succeed(
          Either.match(readSinceSeq(request.url), {
            onLeft: (sentence) => text(400, sentence),
            onRight: () => notAnUpgrade
          })
        )
      )
  })
)
