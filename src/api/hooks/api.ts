/** `POST /hooks/:id`: what a hosted program tells of itself, under the token of its own path. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"

const Unauthorized = Schema.Struct({ error: Schema.Unknown }).annotations(HttpApiSchema.annotations({ status: 401 }))

export class HookGroup extends HttpApiGroup.make("hooks").add(
  HttpApiEndpoint.post("hook", "/hooks/:id")
    .setPath(Schema.Struct({ id: Schema.String }))
    .setPayload(Schema.Unknown)
    .addSuccess(Schema.Unknown)
    .addError(Unauthorized)
    .annotate(OpenApi.Summary, "A hook of an agent's program, with the token of this path (bearer); answered at once")
    .annotate(OpenApi.Override, { security: [{ hook: [] }] })
) {}
