/** `POST /api/actions/{name}/invoke`: through the engine, wherever the handler is. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Actions } from "../../agents/Actions.ts"
import type { EngineError, Invocation } from "../../engine/EngineApi.ts"
import { json, legacy, type Reply } from "../http/Reply.ts"
import { readOptionalJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import { defaultWaitSecs, InvokeBody, type InvokeResult } from "./api.ts"

/** What the caller can mend keeps the engine's status; the rest is the engine's trouble. */
const statusOf = (error: EngineError): number => {
  switch (error._tag) {
    case "EngineRejected":
      return [400, 404, 503].includes(error.status) ? error.status : 502
    case "RateLimited":
      return 429
    default:
      return 502
  }
}

const refuse = (error: EngineError): Reply =>
  legacy(statusOf(error), error.message, error._tag === "EngineRejected" ? { code: error.code } : {})

const view = (action: string, { error, id, output, status }: Invocation): typeof InvokeResult.Type => ({
  success: true,
  invocation_id: id,
  action,
  status,
  output,
  error: error ?? null
})

export const layerActions = HttpApiBuilder.group(LocalApi, "actions", (handlers) =>
  Effect.gen(function* () {
    const actions = yield* Actions
    const readBody = readOptionalJson(InvokeBody)
    return handlers.handleRaw("invoke", ({ path: { name }, request }) =>
      readBody(request).pipe(
        Effect.flatMap((body) =>
          actions
            .ask({
              action: name,
              input: body?.input ?? {},
              waitMillis: (body?.wait_secs ?? defaultWaitSecs) * 1_000
            })
            .pipe(
              Effect.map((invocation) => json(200, view(name, invocation))),
              Effect.mapError(refuse)
            )
        ),
        Effect.merge
      )
    )
  })
)
