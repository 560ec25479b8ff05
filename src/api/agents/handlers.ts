/** The routes about agents: spawn, list, release, and their terminals. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Actions } from "../../agents/Actions.ts"
import { AgentWatch } from "../../agents/AgentWatch.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { ReleaseBody } from "../Bodies.ts"
import { readOptionalJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import type { Agent, ReleaseResult } from "../Shapes.ts"
import { agentEntry, exitedEntry } from "../Views.ts"
import { makeSpawnRoute } from "./spawn.ts"
import { makeTerminalRoutes } from "./terminal.ts"

export const listAgents = (registry: WorkerRegistry["Type"]): Effect.Effect<ReadonlyArray<Agent>> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.forEach(yield* registry.list, (worker) =>
      Effect.map(Effect.all({ status: worker.status, channels: worker.channels, model: worker.model }), (current) =>
        agentEntry(worker, current, now)
      )
    )
  })

export const layerAgents = HttpApiBuilder.group(LocalApi, "agents", (handlers) =>
  Effect.gen(function* () {
    const actions = yield* Actions
    const registry = yield* WorkerRegistry
    const watch = yield* AgentWatch
    const spawn = yield* makeSpawnRoute
    const { input, resize } = yield* makeTerminalRoutes
    const readReason = readOptionalJson(ReleaseBody)

    const release = (name: string, reason: string | undefined): Effect.Effect<typeof ReleaseResult.Type> =>
      actions.release({ name, reason }).pipe(
        Effect.map(({ droppedDeliveries, exit }) => ({
          ...{ success: true as const, name, known: true },
          ...{ exit_code: exit?.exitCode ?? null, signal: exit?.signal ?? null },
          dropped_deliveries: droppedDeliveries
        })),
        Effect.catchTag("UnknownWorker", () =>
          Effect.succeed({
            ...{ success: true as const, name, known: false },
            ...{ exit_code: null, signal: null, dropped_deliveries: 0 }
          })
        )
      )

    return handlers
      .handleRaw("spawn", spawn)
      .handle("agents", () =>
        Effect.zipWith(listAgents(registry), watch.exited, (agents, exited) => ({
          agents,
          exited: exited.map(exitedEntry)
        }))
      )
      .handleRaw("release", ({ path, request }) =>
        readReason(request).pipe(
          Effect.flatMap((body) => release(path.name, body?.reason)),
          Effect.merge
        )
      )
      .handleRaw("input", input)
      .handleRaw("resize", resize)
  })
)
