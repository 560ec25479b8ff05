/** The part of the local API that tells how agents fare, and what was said. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import { PreflightBody } from "../Bodies.ts"
import { coded, withQuery } from "../http/described.ts"
import * as Shapes from "../InsightShapes.ts"

const { get, post } = HttpApiEndpoint

export class InsightsGroup extends HttpApiGroup.make("insights")
  .add(
    get("metrics", "/api/metrics")
      .addSuccess(Shapes.Metrics)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Memory and uptime of agents, by name; counters of the broker")
      .annotate(OpenApi.Transform, withQuery({ name: "agent", schema: { type: "string" } }))
  )
  .add(
    get("crashInsights", "/api/crash-insights")
      .addSuccess(Shapes.CrashInsights)
      .annotate(
        OpenApi.Summary,
        "Agents that ended by a signal or with an exit code other than 0, earlier runs included"
      )
  )
  .add(
    get("threads", "/api/threads")
      .addSuccess(Shapes.ThreadList)
      .annotate(
        OpenApi.Summary,
        "Conversations, newest first: what was sent through here, and direct messages at the engine"
      )
  )
  .add(
    post("preflight", "/api/preflight")
      .setPayload(PreflightBody)
      .addSuccess(Shapes.Preflighted)
      .annotate(OpenApi.Summary, "Registers names at the engine ahead of their spawns, in the background")
  )
  .add(
    get("historyStats", "/api/history/stats")
      .addSuccess(Shapes.HistoryStats)
      .annotate(OpenApi.Summary, "Zeros: this broker keeps no history of its own (as 9.1.6)")
  ) {}
