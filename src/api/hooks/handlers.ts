/**
 * Receives the hooks of agents' programs and hands them to whoever registered the path (`harness/Hooks`). A program waits for
 * the answer, so that no handler may hold it up: one that takes too long, or dies, is answered for.
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Json } from "../../domain/Json.ts"
import { Hooks } from "../../harness/Hooks.ts"
import { json, unauthorized } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import { bearerToken, type KeyHeaders } from "../http/security.ts"
import { LocalApi } from "../LocalApi.ts"

/** A handler only notes what came. Low: a busy broker loses an answer; high: a stuck one holds up a turn of the agent. */
const answerMillis = 1_000

export const layerHooks = HttpApiBuilder.group(LocalApi, "hooks", (handlers) =>
  Effect.gen(function* () {
    const hooks = yield* Hooks
    const readBody = readJson(Json)

    const handlerOf = (id: string, headers: KeyHeaders) => {
      const token = bearerToken(headers)
      const handler = token === undefined ? undefined : hooks.handlerOf(id, token)
      return handler === undefined ? Effect.fail(unauthorized) : Effect.succeed(handler)
    }

    return handlers.handleRaw("hook", ({ path: { id }, request }) =>
      Effect.gen(function* () {
        const handler = yield* handlerOf(id, request.headers)
        const body = yield* readBody(request)
        const answer = yield* handler(body).pipe(
          Effect.timeoutOption(answerMillis),
          Effect.map(Option.getOrUndefined),
          Effect.catchAllDefect((defect) => Effect.as(Effect.logError("a hook's handler died", defect), undefined))
        )
        return json(200, answer ?? {})
      }).pipe(Effect.merge)
    )
  })
)
