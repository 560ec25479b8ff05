/** The part of the local API that acts on the node session: reconnect, drain. Ours, beyond 9.1.6. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { plain } from "./http/described.ts"
import { NodeSession } from "./Shapes.ts"

/** Ten minutes when none is given. */
export const defaultDrainSecs = 600
const maxDrainSecs = 7 * 24 * 3_600

export const DrainBody = Schema.Struct({
  deadline_secs: Schema.optionalWith(Schema.Int.pipe(Schema.between(0, maxDrainSecs)), { exact: true })
})

export const DrainResult = Schema.Struct({
  status: Schema.Literal("draining"),
  /** When the broker stops whoever is not done by then. */
  until: Schema.String,
  /** Agents that are waited for. */
  unfinished: Schema.Array(Schema.String)
}).annotations({ identifier: "Drain" })

/** `drain` is null while nobody asked for one. */
export const DrainState = Schema.Struct({ drain: Schema.NullOr(DrainResult) })

export const ReconnectResult = Schema.Struct({ status: Schema.Literal("reconnecting"), node: NodeSession })

const { get, post } = HttpApiEndpoint

export class NodeGroup extends HttpApiGroup.make("node")
  .add(
    post("reconnect", "/api/node/reconnect")
      .addSuccess(ReconnectResult)
      .annotate(
        OpenApi.Summary,
        "Ends the node session, or its wait, and begins anew at once; answers with how it stood"
      )
  )
  .add(
    post("drain", "/api/drain")
      .setPayload(DrainBody)
      .addSuccess(DrainResult)
      .addError(plain(422))
      .annotate(OpenApi.Summary, "No new spawns; stops when every agent is done, or at the deadline (default 600 s)")
  )
  .add(
    get("draining", "/api/drain").addSuccess(DrainState).annotate(OpenApi.Summary, "Whether it drains, and for whom")
  ) {}
