/** The part of the local API that invokes actions through the engine. Ours, beyond 9.1.6. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ByName, legacy } from "../http/described.ts"

export const defaultWaitSecs = 30
const longestWaitSecs = 120

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

export const InvokeBody = Schema.Struct({
  input: optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  /** How long the answer is waited for; 0: not at all. */
  wait_secs: optional(Schema.Int.pipe(Schema.between(0, longestWaitSecs)))
})

export const InvokeResult = Schema.Struct({
  success: Schema.Literal(true),
  invocation_id: Schema.String,
  action: Schema.String,
  /** The engine's word: `completed` has an output, `failed` an error; anything else is still open. */
  status: Schema.String,
  output: Schema.Unknown,
  error: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Invocation" })

export class InvokeGroup extends HttpApiGroup.make("actions").add(
  HttpApiEndpoint.post("invoke", "/api/actions/:name/invoke")
    .setPath(ByName)
    .setPayload(InvokeBody)
    .addSuccess(InvokeResult)
    .addError(legacy(400))
    .addError(legacy(404))
    .addError(legacy(429))
    .addError(legacy(502))
    .addError(legacy(503))
    .annotate(OpenApi.Summary, "Invokes an action as the broker's own agent; the engine places it")
) {}
