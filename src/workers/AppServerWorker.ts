/**
 * An agent that is a session in a program we did not start (S 3.6): each message is one HTTP call. It lives until it is
 * released.
 *
 * Invariants: 1. a message counts as delivered when the server answered that it has it · 2. in order: what may succeed later
 * is tried again, and the others wait behind it; what never will is given up · 3. a released session ends as its policy
 * says; a broker that stops leaves it alone, because its messages are still to come.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AppServer } from "../domain/AppServer.ts"
import type { AgentId, Generation } from "../domain/Ids.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { Events } from "../events/Events.ts"
import { deliveryEvents } from "../injection/deliveryEvents.ts"
import type { InjectionItem, Worker, WorkerExit } from "../injection/Worker.ts"
import * as Activity from "./Activity.ts"
import { type AppServerFailed, prompt, promptText, release } from "./appServerCalls.ts"
import * as MessageLine from "./MessageLine.ts"
import type { StartedWorker } from "./PtyWorker.ts"
import { fromLine, withoutTerminal } from "./withoutTerminal.ts"

export interface AppServerWorkerOptions {
  readonly spec: AgentSpec
  readonly server: AppServer
  readonly agentId: AgentId | undefined
  readonly resumed: boolean
  readonly generation: Generation
  readonly idleMillis: number
  readonly onGone: Effect.Effect<void>
}

const firstRetryMillis = 1_000
const longestRetryMillis = 30_000
/** How long a release waits for the server; it goes on without its answer. */
const releaseMillis = 10_000

export const start = (options: AppServerWorkerOptions): Effect.Effect<StartedWorker, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agentId, generation, server, spec } = options
    const { name } = spec
    const events = yield* Events
    const steps = deliveryEvents(events, name)
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const wall = () => clock.unsafeCurrentTimeMillis()
    const startedAtMillis = now()
    const workerScope = yield* Effect.scope
    const exited = yield* Deferred.make<WorkerExit>()
    let phase: "starting" | "live" | "ended" = "starting"
    let ending: "released" | "shutdown" | undefined
    let failing = false
    const activity: Activity.Activity = yield* Activity.make({
      name,
      startedAtMillis,
      idleMillis: options.idleMillis,
      queued: () => line.queued()
    })
    const line = yield* MessageLine.make({
      agent: name,
      onProgress: activity.unsafeTouch,
      obstacle: () => (failing ? "not_ready" : undefined)
    })

    const complain = (code: string, error: AppServerFailed) =>
      Effect.zipRight(
        Effect.logWarning(`${name}: ${error.message}`),
        events.publish({
          kind: "worker_error",
          name,
          error: { code, message: error.message, retryable: error.retryable }
        })
      )

    /** Until the server has it or will never take it. */
    const deliver = (item: InjectionItem, mayBeRepeat: boolean, waitMillis: number): Effect.Effect<void> =>
      Effect.gen(function* () {
        const asked = yield* Effect.either(prompt(server, promptText(item.delivery.message, mayBeRepeat)))
        if (Either.isRight(asked)) {
          failing = false
          steps.injected(item, wall())
          return yield* line.submitted(item, "taken_with_id", "server")
        }
        const error = asked.left
        if (!failing || !error.retryable) yield* complain("app_server_delivery_failed", error)
        if (!error.retryable) return yield* line.givenUp(item, "refused", error.message)
        failing = true
        yield* Effect.sleep(waitMillis)
        return yield* deliver(item, mayBeRepeat || error.uncertain, Math.min(2 * waitMillis, longestRetryMillis))
      })

    const turns = yield* line.take.pipe(
      Effect.flatMap((item) =>
        Effect.zipRight(item.onTyping, deliver(item, item.possibleRepeat ?? false, firstRetryMillis))
      ),
      Effect.forever,
      Effect.forkIn(workerScope)
    )

    const farewell = release(server).pipe(
      Effect.timeoutOption(releaseMillis),
      Effect.asVoid,
      Effect.catchAll((error) => complain("app_server_release_failed", error))
    )

    const finish = (reason: "released" | "shutdown") =>
      Effect.gen(function* () {
        yield* Fiber.interrupt(turns)
        yield* line.close(reason === "released" ? "agent_released" : "shutdown")
        if (reason === "released") yield* farewell
        phase = "ended"
        yield* options.onGone
        yield* Deferred.succeed(exited, { exitCode: null, signal: null, reason, lastOutput: "", lastLines: [] })
      })
    const end = (reason: "released" | "shutdown") =>
      Effect.suspend(() => {
        if (ending !== undefined) return Effect.void
        ending = reason
        return Effect.forkIn(finish(reason), workerScope)
      }).pipe(Effect.zipRight(Deferred.await(exited)))

    const worker: Worker = {
      ...withoutTerminal(spec, () => ""),
      name,
      generation,
      agentId,
      spec,
      runtime: "headless",
      provider: server.protocol,
      pid: server.hostPid,
      startedAtMillis,
      resumed: options.resumed,
      logPath: undefined,
      ...fromLine(line, activity, now, "server"),
      exit: Deferred.await(exited),
      silence: Effect.zipRight(Fiber.interrupt(turns), line.close("agent_released")),
      end
    }
    const ready = Effect.sync(() => {
      events.unsafePublish({
        ...{ kind: "worker_ready", name, runtime: "headless", provider: server.protocol, cli: spec.cli },
        ...{ model: spec.model ?? null, sessionId: server.sessionId, pid: server.hostPid ?? null, readiness: "ready" }
      })
    })
    const announce = Effect.suspend(() => {
      if (phase !== "starting") return Effect.succeed(false)
      phase = "live"
      // In a fiber of its own: whoever started the worker says so first.
      return Effect.as(Effect.forkIn(Effect.zipRight(Effect.yieldNow(), ready), workerScope), true)
    })
    return { worker, announce, settled: Effect.void }
  })
