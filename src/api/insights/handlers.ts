/** The routes that tell how agents fare. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Preflight } from "../../agents/Preflight.ts"
import { Broker } from "../../broker/Broker.ts"
import type { Worker } from "../../injection/Worker.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { unknownWorker } from "../agents/findWorker.ts"
import { PreflightBody } from "../Bodies.ts"
import type { Reply } from "../http/Reply.ts"
import { readJson } from "../http/requestBody.ts"
import type { Metrics } from "../InsightShapes.ts"
import { LocalApi } from "../LocalApi.ts"
import { queryOf } from "../queryOf.ts"
import { residentBytes } from "../residentBytes.ts"
import { makeThreads } from "../ThreadRoute.ts"
import { AgentTally } from "./AgentTally.ts"

const secondsSince = (millis: number, nowMillis: number) => Math.max(0, Math.floor((nowMillis - millis) / 1000))

export const layerInsights = HttpApiBuilder.group(LocalApi, "insights", (handlers) =>
  Effect.gen(function* () {
    const { info } = yield* Broker
    const preflight = yield* Preflight
    const registry = yield* WorkerRegistry
    const tally = yield* AgentTally
    const threads = yield* makeThreads
    const readAgents = readJson(PreflightBody)

    const row = ({ name, pid, startedAtMillis }: Worker, now: number) =>
      Effect.map(pid === undefined ? Effect.succeed(0) : residentBytes(pid), (memory_bytes) => ({
        name,
        pid: pid ?? null,
        memory_bytes,
        uptime_secs: secondsSince(startedAtMillis, now)
      }))

    const metrics = (agent: string | null): Effect.Effect<typeof Metrics.Type, Reply> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const live = yield* registry.list
        const asked = agent === null ? live : live.filter(({ name }) => name === agent)
        if (agent !== null && asked.length === 0) return yield* Effect.fail(unknownWorker(agent))
        const { crashed, restarted, spawned } = yield* tally.counts
        const rows = yield* Effect.forEach(asked, (worker) => row(worker, now), { concurrency: 8 })
        return {
          agents: rows.sort((one, other) => (one.name < other.name ? -1 : 1)),
          broker: {
            uptime_secs: secondsSince(info.startedAtMillis, now),
            total_agents_spawned: spawned,
            total_crashes: crashed,
            total_restarts: restarted,
            active_agents: live.length,
            memory_bytes: process.memoryUsage.rss()
          }
        }
      })

    return handlers
      .handleRaw("metrics", ({ request }) => Effect.merge(metrics(queryOf(request.url).get("agent"))))
      .handle("threads", () => threads)
      .handle("crashInsights", () => tally.insights)
      .handleRaw("preflight", ({ request }) =>
        readAgents(request).pipe(
          Effect.flatMap(({ agents }) => preflight.register(agents)),
          Effect.map((queued) => ({ queued })),
          Effect.merge
        )
      )
      .handle("historyStats", () =>
        Effect.succeed({
          messageCount: 0,
          sessionCount: 0,
          activeSessions: 0,
          uniqueAgents: 0,
          oldestMessageDate: null
        })
      )
  })
)
