/**
 * Starts programs again that ended by themselves, as their policy says. The agent stays registered at the
 * engine meanwhile, under its identity and token, and its messages wait for the new generation.
 *
 * Invariants: 1. the name is reserved from the end to the new start · 2. every end leads to one of: a restart, `agent_permanently_dead`
 * with the usual clean-up, a release · 3. nothing is started after `close`.
 */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { SpawnFailed } from "../domain/Errors.ts"
import type { Turns } from "../domain/KeyedMutex.ts"
import type { RestartPolicy } from "../domain/RestartPolicy.ts"
import { Events } from "../events/Events.ts"
import type { Worker, WorkerExit } from "../injection/Worker.ts"
import { AgentTokens } from "../node/AgentTokens.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { Store } from "../store/Store.ts"
import { type Reservation, WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { CleanUp } from "./CleanUp.ts"
import { ResultTokens } from "./ResultTokens.ts"
import { type WorkerEnvironment, workerEnvironment } from "./workerEnvironment.ts"

// Whether a program that ended by itself is started again, and when. Pure.
//
// Invariants: 1. at most `maxRestarts` restarts over the life of an agent · 2. at most `maxConsecutiveFailures` failures in a
// row are followed by one; the end of a program that ran for a minute begins a new row · 3. the wait is the cool-down, doubled
// with each failure in a row up to a minute, and never shorter than the cool-down.

export interface RestartHistory {
  readonly restarts: number
  readonly consecutiveFailures: number
}

export const noRestarts: RestartHistory = { restarts: 0, consecutiveFailures: 0 }

type RestartDecision =
  | { readonly _tag: "Restart"; readonly delayMillis: number; readonly history: RestartHistory }
  | { readonly _tag: "GiveUp"; readonly reason: string }

/** A program that ran this long is well: its next end begins a new row. */
export const healthyMillis = 60_000
const longestDelayMillis = 60_000
/** A timer of more never fires (Node). */
const longestTimerMillis = 2 ** 31 - 1

/** `ranMillis`: how long the program ran; 0 for one that could not be started. */
export const onEnd = (policy: RestartPolicy, history: RestartHistory, ranMillis: number): RestartDecision => {
  const consecutiveFailures = ranMillis >= healthyMillis ? 1 : history.consecutiveFailures + 1
  const times = (count: number) => `${count} time${count === 1 ? "" : "s"}`
  if (consecutiveFailures > policy.maxConsecutiveFailures) {
    return { _tag: "GiveUp", reason: `it ended ${times(consecutiveFailures)} in a row` }
  }
  if (history.restarts >= policy.maxRestarts) {
    return { _tag: "GiveUp", reason: `it was restarted ${times(history.restarts)}` }
  }
  const doubled = policy.cooldownMillis * 2 ** (consecutiveFailures - 1)
  return {
    _tag: "Restart",
    delayMillis: Math.min(Math.max(policy.cooldownMillis, Math.min(doubled, longestDelayMillis)), longestTimerMillis),
    history: { restarts: history.restarts + 1, consecutiveFailures }
  }
}

interface RestartsOptions {
  readonly environment: WorkerEnvironment
  readonly cleanUp: CleanUp
  readonly turns: Turns<string>
}

interface Restarting {
  /** The generation that ended. */
  readonly worker: Worker
  readonly fiber: Fiber.Fiber<void>
}

export interface Restarts {
  /** A worker ended by itself: it is started again, or cleaned up after. */
  readonly ended: (worker: Worker, exit: WorkerExit) => Effect.Effect<void>
  /** An agent that waits for its restart does so no more; its last generation, to be cleaned up after. */
  readonly cancel: (name: string) => Effect.Effect<Option.Option<Worker>>
  readonly close: Effect.Effect<void>
}

type End = Pick<WorkerExit, "exitCode" | "signal">

export const makeRestarts = ({ cleanUp, environment, turns }: RestartsOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const agentTokens = yield* AgentTokens
    const resultTokens = yield* ResultTokens
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registry = yield* WorkerRegistry
    const store = yield* Store
    const scope = yield* Effect.scope
    const histories = new WeakMap<Worker, RestartHistory>()
    const restarting = new Map<string, Restarting>()
    let closed = false

    /** How long to wait, or undefined when it is given up. */
    const decide = (worker: Worker, history: RestartHistory, ranMillis: number, { exitCode, signal }: End) =>
      Effect.gen(function* () {
        const { name, spec } = worker
        const policy = spec.restartPolicy
        if (policy === undefined || !policy.enabled) return undefined
        const decision = onEnd(policy, history, ranMillis)
        if (decision._tag === "GiveUp") {
          yield* events.publish({ kind: "agent_permanently_dead", name, reason: decision.reason })
          yield* alerts.raise(
            new SpawnFailed({ agent: name, stage: "restart", reason: `not started again: ${decision.reason}` }),
            name
          )
          return undefined
        }
        yield* events.publish({
          kind: "agent_restarting",
          name,
          code: exitCode,
          signal: signal === null ? null : String(signal),
          restart_count: decision.history.restarts,
          delay_ms: decision.delayMillis
        })
        return decision
      })

    const startAgain = (worker: Worker, reservation: Reservation) =>
      Effect.gen(function* () {
        const { agentId, name, spec } = worker
        const token = Option.getOrUndefined(yield* agentTokens.get(name))
        const resumed = spec.sessionRef !== undefined
        const resultToken = spec.resultSchema === undefined ? undefined : yield* resultTokens.issue(name)
        const env = workerEnvironment(environment, spec, token, resultToken)
        return yield* registry.start({ reservation, spec, agentId, resumed, env })
      })

    const settleIn = (worker: Worker, history: RestartHistory) =>
      Effect.gen(function* () {
        const { name } = worker
        histories.set(worker, history)
        restarting.delete(name)
        yield* events.publish({ kind: "agent_restarted", name, restart_count: history.restarts })
        yield* cleanUp.record(worker, "live")
        yield* deliveries.workerStarted(worker)
        yield* alerts.resolve("SpawnFailed", name)
        yield* node.beat
      })

    const again = (
      worker: Worker,
      reservation: Reservation,
      first: { readonly delayMillis: number; readonly history: RestartHistory }
    ): Effect.Effect<void> =>
      Effect.gen(function* () {
        let next = first
        for (;;) {
          const { delayMillis, history } = next
          yield* Effect.sleep(delayMillis)
          const started = yield* turns(
            worker.name,
            Effect.uninterruptibleMask((restore) =>
              Effect.either(restore(startAgain(worker, reservation))).pipe(
                Effect.tap((result) => (Either.isRight(result) ? settleIn(result.right, history) : Effect.void))
              )
            )
          )
          if (Either.isRight(started)) return
          const { exitCode = null, message, signal = null } = started.left
          yield* Effect.logWarning(message)
          const decision = yield* decide(worker, history, 0, { exitCode, signal })
          if (decision === undefined) break
          next = decision
        }
        restarting.delete(worker.name)
        yield* cleanUp.after(worker, "worker_exited")
      }).pipe(Effect.ensuring(reservation.cancel))

    /** Whoever released it between its end and its turn found no worker, and took the agent off this node. */
    const isReleased = ({ generation, name }: Worker) =>
      Effect.map(
        store.findAgent(name),
        Option.exists((row) => row.generation === generation && row.state === "released")
      )

    /** True: it is started again, and its clean-up is not due. */
    const endedNow = (worker: Worker, exit: WorkerExit) =>
      Effect.gen(function* () {
        if (closed || (yield* isReleased(worker))) return false
        const { name, startedAtMillis } = worker
        const ranMillis = (yield* Clock.currentTimeMillis) - startedAtMillis
        const reserved = yield* Effect.option(registry.reserve(name))
        // Somebody else was quicker to start an agent of this name.
        if (Option.isNone(reserved)) return false
        const decision = yield* decide(worker, histories.get(worker) ?? noRestarts, ranMillis, exit)
        if (decision === undefined) {
          yield* reserved.value.cancel
          return false
        }
        yield* deliveries.workerRestarting(worker)
        yield* node.beat
        const fiber = yield* Effect.forkIn(again(worker, reserved.value, decision), scope)
        restarting.set(name, { worker, fiber })
        return true
      })

    // In one turn, with the clean-up: a release comes before it, or finds it waiting, and a spawn of the name comes after.
    const ended: Restarts["ended"] = (worker, exit) =>
      turns(
        worker.name,
        Effect.flatMap(endedNow(worker, exit), (goesOn) =>
          goesOn ? Effect.void : Effect.asVoid(cleanUp.now(worker, "worker_exited"))
        )
      )

    const cancel: Restarts["cancel"] = (name) =>
      Effect.gen(function* () {
        const found = restarting.get(name)
        if (found === undefined) return Option.none()
        yield* Fiber.interrupt(found.fiber)
        // It may have been started in this very moment: then it is a live worker like any other.
        return restarting.delete(name) ? Option.some(found.worker) : Option.none()
      })

    const restarts: Restarts = {
      ended,
      cancel,
      close: Effect.suspend(() => {
        closed = true
        return Effect.forEach([...restarting.keys()], cancel, { discard: true })
      })
    }
    return restarts
  })
