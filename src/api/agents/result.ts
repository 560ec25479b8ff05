/** Takes structured results from agents' programs and publishes them as `agent_result`. */
import { randomBytes } from "node:crypto"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { ResultTokens } from "../../agents/ResultTokens.ts"
import { Events } from "../../events/Events.ts"
import { ResultBody } from "../Bodies.ts"
import { legacy } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import { type KeyHeaders, presentedToken } from "../http/security.ts"
import { LocalApi } from "../LocalApi.ts"

const refuse = (code: string, reason: string) => legacy(401, `${code}: ${reason}`, { code })
const missing = refuse("missing_result_token", "send the agent's AGENT_RELAY_RESULT_TOKEN")
const invalid = refuse("invalid_result_token", "no agent here has this token")

export const layerResult = HttpApiBuilder.group(LocalApi, "result", (handlers) =>
  Effect.gen(function* () {
    const events = yield* Events
    const tokens = yield* ResultTokens
    const readBody = readJson(ResultBody)

    const agentOf = (headers: KeyHeaders) =>
      Effect.gen(function* () {
        const token = presentedToken("x-agent-result-token", headers)
        if (token === undefined) return yield* Effect.fail(missing)
        const agent = yield* tokens.agentOf(Redacted.make(token))
        return Option.isNone(agent) ? yield* Effect.fail(invalid) : agent.value
      })

    return handlers.handleRaw("agentResult", ({ request }) =>
      Effect.gen(function* () {
        const name = yield* agentOf(request.headers)
        const body = yield* readBody(request)
        const claimed = body.name ?? body.agent
        if (claimed !== undefined && claimed !== name) return yield* Effect.fail(invalid)
        const data = body.data ?? body.result
        if (data === undefined) return yield* Effect.fail(legacy(400, "Missing required field: data"))
        const result_id = `ar_${randomBytes(16).toString("hex")}`
        yield* events.publish({
          kind: "agent_result",
          name,
          result_id,
          data,
          final: body.final ?? body.final_result ?? true,
          metadata: body.metadata ?? null
        })
        return { success: true as const, name, result_id }
      }).pipe(Effect.merge)
    )
  })
)
