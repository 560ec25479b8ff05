/** The part of the local API for operators and their monitoring: alerts and metrics. All of it is ours, beyond 9.1.6. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { AlertEntry, AlertList } from "../Shapes.ts"

const { get } = HttpApiEndpoint

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
