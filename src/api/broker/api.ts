/** The part of the local API for operators and their monitoring: alerts and metrics. All of it is ours, beyond 9.1.6. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { plain } from "../http/described.ts"
import { AlertEntry, AlertList, NodeSession } from "../Shapes.ts"

const { get, post } = HttpApiEndpoint

export const PastAlertEntry = Schema.Struct({
  ...AlertEntry.fields,
  resolved: Schema.String,
  /** `resolved` by a success · `expired`: it did not happen again · `stale`: of a former run · `crowded_out`. */
  resolution: Schema.Literal("resolved", "expired", "stale", "crowded_out")
}).annotations({ identifier: "PastAlert" })
export type PastAlertEntry = typeof PastAlertEntry.Type

export const AlertHistory = Schema.Struct({ history: Schema.Array(PastAlertEntry) })

export class ObservabilityGroup extends HttpApiGroup.make("observability")
  .add(get("alerts", "/api/alerts").addSuccess(AlertList).annotate(OpenApi.Summary, "Alerts raised now, worst first"))
  .add(
    get("alertHistory", "/api/alerts/history")
      .addSuccess(AlertHistory)
      .annotate(OpenApi.Summary, "The latest 500 alerts that went, newest first, over restarts")
  )
  .add(
    get("prometheus", "/metrics")
      .addSuccess(HttpApiSchema.Text())
      .annotate(OpenApi.Summary, "Prometheus text (docs/observability.md)")
  ) {}

// The part of the local API that acts on the node session: reconnect, drain. Ours, beyond 9.1.6.

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
