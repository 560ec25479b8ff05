/** The part of the local API that tells how agents fare, and what was said. */

import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { CrashInsights } from "../../agents/AgentTally.ts"
import { Thread } from "../../delivery/SendHistory.ts"
import { PreflightBody } from "../Bodies.ts"
import { coded, withQuery } from "../http/described.ts"

const { get, post } = HttpApiEndpoint

// What the routes of `InsightsGroup` answer; fields marked "ours" are additions.

const Text = Schema.String
const Count = Schema.Number

export const Metrics = Schema.Struct({
  agents: Schema.Array(
    Schema.Struct({
      name: Text,
      pid: Schema.NullOr(Count),
      /** Resident memory of the agent's own program; 0 where the system does not tell. */
      memory_bytes: Count,
      uptime_secs: Count
    })
  ),
  broker: Schema.Struct({
    uptime_secs: Count,
    total_agents_spawned: Count,
    total_crashes: Count,
    total_restarts: Count,
    active_agents: Count,
    /** Ours. */
    memory_bytes: Count
  })
}).annotations({ identifier: "Metrics" })

export const ThreadList = Schema.Struct({
  threads: Schema.Array(Thread),
  /** Ours: direct conversations at the engine are missing, and why. */
  warning: Schema.optionalWith(Text, { exact: true })
}).annotations({ identifier: "ThreadList" })

const Preflighted = Schema.Struct({ queued: Count })

const HistoryStats = Schema.Struct({
  messageCount: Count,
  sessionCount: Count,
  activeSessions: Count,
  uniqueAgents: Count,
  oldestMessageDate: Schema.Null
})

export class InsightsGroup extends HttpApiGroup.make("insights")
  .add(
    get("metrics", "/api/metrics")
      .addSuccess(Metrics)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Memory and uptime of agents, by name; counters of the broker")
      .annotate(OpenApi.Transform, withQuery({ name: "agent", schema: { type: "string" } }))
  )
  .add(
    get("crashInsights", "/api/crash-insights")
      .addSuccess(CrashInsights)
      .annotate(
        OpenApi.Summary,
        "Agents that ended by a signal or with an exit code other than 0, earlier runs included"
      )
  )
  .add(
    get("threads", "/api/threads")
      .addSuccess(ThreadList)
      .annotate(
        OpenApi.Summary,
        "Conversations, newest first: what was sent through here, and direct messages at the engine"
      )
  )
  .add(
    post("preflight", "/api/preflight")
      .setPayload(PreflightBody)
      .addSuccess(Preflighted)
      .annotate(OpenApi.Summary, "Registers names at the engine ahead of their spawns, in the background")
  )
  .add(
    get("historyStats", "/api/history/stats")
      .addSuccess(HistoryStats)
      .annotate(OpenApi.Summary, "Zeros: this broker keeps no history of its own (as 9.1.6)")
  ) {}
