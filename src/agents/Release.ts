/**
 * The end of an agent that somebody asked for: it leaves the table, so that its name is free; nothing
 * more is typed; what was kept for it is settled with the engine; and its processes are ended. The last two go
 * on side by side: the engine need not wait for a process that takes its time to die.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import { UnknownWorker } from "../domain/Errors.ts"
import { AgentName } from "../domain/Ids.ts"
import type { Turns } from "../domain/KeyedMutex.ts"
import { Events } from "../events/Events.ts"
import type { Worker, WorkerExit } from "../injection/Worker.ts"
import { Store } from "../store/Store.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { Actions, Released } from "./Actions.ts"
import type { CleanUp } from "./CleanUp.ts"
import type { Restarts } from "./Restarts.ts"
import type { SpawnPath } from "./SpawnPath.ts"

export interface ReleaseOptions {
  readonly cleanUp: CleanUp
  readonly turns: Turns<string>
  readonly stopSpawn: SpawnPath["stop"]
  readonly cancelRestart: Restarts["cancel"]
}

/** Settled with the engine; `exit` completes when no process is left. */
interface Settled {
  readonly exit: Effect.Effect<WorkerExit | undefined>
  readonly droppedDeliveries: number
}

const noProcess = Effect.succeed(undefined)

export const makeRelease = ({ cancelRestart, cleanUp, stopSpawn, turns }: ReleaseOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const registry = yield* WorkerRegistry
    const store = yield* Store
    const scope = yield* Effect.scope

    const settleLive = (worker: Worker): Effect.Effect<Settled> =>
      Effect.gen(function* () {
        yield* registry.retire(worker)
        // Retired: `WorkerRegistry.exits` says nothing of it.
        const counted = Effect.tap(worker.end("released"), ({ reason }) => Effect.sync(() => Metrics.exits.add(reason)))
        const ending = yield* Effect.forkIn(counted, scope)
        yield* worker.silence
        const droppedDeliveries = yield* cleanUp.now(worker, "agent_released")
        return { exit: Fiber.join(ending), droppedDeliveries }
      })

    /** Without a process: it ended before, or was left by a former run of the broker. */
    const settleAbsent = (name: string, wasStarting: boolean): Effect.Effect<Settled, UnknownWorker> =>
      Effect.gen(function* () {
        const row = Option.getOrUndefined(yield* store.findAgent(name))
        if (row === undefined && !wasStarting) return yield* new UnknownWorker({ agent: name })
        const droppedDeliveries = row?.state === "live" ? yield* cleanUp.orphan(row) : 0
        return { exit: noProcess, droppedDeliveries }
      })

    const settle = (name: string, wasStarting: boolean): Effect.Effect<Settled, UnknownWorker> =>
      Effect.gen(function* () {
        const waiting = yield* cancelRestart(name)
        if (Option.isSome(waiting)) {
          const droppedDeliveries = yield* cleanUp.now(waiting.value, "agent_released")
          return { exit: noProcess, droppedDeliveries }
        }
        const found = yield* registry.find(name)
        return yield* Option.match(found, {
          onSome: settleLive,
          onNone: () => settleAbsent(name, wasStarting)
        })
      })

    /** Why the agent could not start is no trouble any more once nobody wants it here. */
    const settleAlerts = (name: string) =>
      Effect.forEach(
        ["AgentLocationConflict", "BindFailed", "SpawnFailed"] as const,
        (code) => alerts.resolve(code, name),
        { discard: true }
      )

    const run = Effect.fn("Actions.release")(function* (name: string, reason: string | undefined) {
      const wasStarting = yield* stopSpawn(name)
      yield* Effect.logInfo(`releasing ${name}${reason === undefined ? "" : `: ${reason}`}`)
      const { droppedDeliveries, exit } = yield* turns(name, settle(name, wasStarting)).pipe(
        Effect.ensuring(settleAlerts(name))
      )
      const released: Released = { exit: yield* exit, droppedDeliveries }
      return released
    })

    const release: Actions["Type"]["release"] = ({ name, reason }) =>
      run(name, reason).pipe(
        Effect.tap(({ exit }) =>
          exit === undefined ? Effect.void : events.publish({ kind: "agent_released", name: AgentName.make(name) })
        ),
        Effect.forkIn(scope),
        Effect.flatMap(Fiber.join)
      )
    return release
  })
