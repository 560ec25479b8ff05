/** The routes that tell how agents fare. */
import { readFile } from "node:fs/promises"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AgentTally } from "../../agents/AgentTally.ts"
import { Preflight } from "../../agents/Preflight.ts"
import { Broker } from "../../broker/Broker.ts"
import { SendHistory, type ThreadMessage, threadsOf } from "../../delivery/SendHistory.ts"
import { type DirectConversation, EngineApi } from "../../engine/EngineApi.ts"
import type { Worker } from "../../injection/Worker.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { unknownWorker } from "../agents/findWorker.ts"
import { PreflightBody } from "../Bodies.ts"
import type { Reply } from "../http/Reply.ts"
import { queryOf, readJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import type { Metrics, ThreadList } from "./api.ts"

// Resident memory of a process, from `/proc`; 0 where there is none, or when it has ended.

/** `VmRSS` is in KiB whatever the page size is. */
export const rssOf = (status: string): number => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)

const residentBytes = (pid: number): Effect.Effect<number> =>
  Effect.tryPromise(() => readFile(`/proc/${pid}/status`, "utf8")).pipe(
    Effect.map(rssOf),
    // No such process any more, or no such file system: there is nothing to tell.
    Effect.orElseSucceed(() => 0)
  )

// `GET /api/threads`: own sends and the workspace's direct conversations, as far as the engine tells them in time.

const engineLimit = "10 seconds"
/** Each costs a call. */
const mostConversations = 100

const makeThreads = Effect.gen(function* () {
  const { info } = yield* Broker
  const engine = yield* EngineApi
  const history = yield* SendHistory
  const key = info.workspaceKey

  const messagesOf = ({ id, participants }: DirectConversation) =>
    Effect.map(engine.directMessages({ key, conversationId: id }), (messages) =>
      messages.map(
        ({ atMillis, from, text }): ThreadMessage => ({ thread: id, from, target: id, text, atMillis, participants })
      )
    )

  const direct = engine.directConversations(key).pipe(
    Effect.flatMap((all) => Effect.forEach(all.slice(0, mostConversations), messagesOf, { concurrency: 4 })),
    Effect.map((lists) => lists.flat()),
    Effect.disconnect,
    Effect.timeout(engineLimit)
  )

  return Effect.gen(function* () {
    const sent = yield* history.all
    const found = yield* Effect.either(direct)
    const threads = threadsOf([...sent, ...(found._tag === "Right" ? found.right : [])], info.selfName)
    const list: typeof ThreadList.Type =
      found._tag === "Right"
        ? { threads }
        : { threads, warning: `direct conversations are missing: ${found.left.message}` }
    return list
  })
})

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
