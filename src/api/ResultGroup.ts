/** `POST /api/agent-result`: what an agent's own program hands in, under its own token. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ResultBody } from "./Bodies.ts"
import { legacy } from "./http/described.ts"

export const ResultAccepted = Schema.Struct({
  success: Schema.Literal(true),
  name: Schema.String,
  result_id: Schema.String
})

export class ResultGroup extends HttpApiGroup.make("result").add(
  HttpApiEndpoint.post("agentResult", "/api/agent-result")
    .setPayload(ResultBody)
    .addSuccess(ResultAccepted)
    .addError(legacy(400))
    .addError(legacy(401))
    .annotate(
      OpenApi.Summary,
      "A structured result of an agent, with the token its program was given (`X-Agent-Result-Token` or bearer)"
    )
    .annotate(OpenApi.Override, { security: [{ result: [] }] })
) {}
