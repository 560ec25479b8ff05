/** The one path by which an agent comes to life, for API, invocations and sidecars. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import { Alerts } from "../alerts/Alerts.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { makeMessageId } from "../delivery/Outbox.ts"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { AgentExists, SpawnFailed } from "../domain/Errors.ts"
import { makeFairGate } from "../domain/FairGate.ts"
import type { Turns } from "../domain/KeyedMutex.ts"
import { EngineApi } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { assembleTask } from "../harness/task.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import type { Worker } from "../injection/Worker.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { Store } from "../store/Store.ts"
import { type Reservation, WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { Actions, SpawnRequest } from "./Actions.ts"
import { AgentRegistrar, type Registration } from "./AgentRegistrar.ts"
import type { CleanUp } from "./CleanUp.ts"
import { ResultTokens } from "./ResultTokens.ts"
import { type WorkerEnvironment, workerEnvironment } from "./workerEnvironment.ts"

/** What is wrong with a name for an agent; undefined when nothing is. Clients may send any text, so only what cannot work is refused. */
const longestName = 200

/** `self`: the broker's own name at the engine, whose token a spawn would take away. */
const nameProblem = (name: string, self: string): string | undefined => {
  if (name.trim() === "") return "the name is empty"
  if (name !== name.trim()) return "the name begins or ends with a blank"
  if (name.length > longestName) return `the name is longer than ${longestName} characters`
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name)) return "the name has control characters"
  if (/^\.{1,2}$/.test(name)) return `'${name}' is no name`
  if (name === self) return `'${name}' is the broker's own name`
  return undefined
}

/** Registrations wait for the engine; a source that waits for a slow one leaves some to the others. */
const registrationsAtOnce = { limit: 16, reserved: 4 }
/** Each forks, and settles for a quarter of a second. */
const startsAtOnce = { limit: 8, reserved: 2 }

/** A spawn that has its name and is not over. */
interface SpawnInProgress {
  /** Fails when the agent is released meanwhile. */
  readonly released: Deferred.Deferred<never, SpawnFailed>
  readonly over: Deferred.Deferred<void>
}

export interface SpawnPath {
  readonly spawn: Actions["Type"]["spawn"]
  /** An agent that is being started is not started; if that comes too late, it lives. False: it was not being started. */
  readonly stop: (name: string) => Effect.Effect<boolean>
}

interface SpawnPathOptions {
  readonly environment: WorkerEnvironment
  readonly cleanUp: CleanUp
  /** Held from the reservation to the end of a spawn: the clean-up after a former generation is over, or waits. */
  readonly turns: Turns<string>
}

export const makeSpawnPath = ({ cleanUp, environment, turns }: SpawnPathOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const engine = yield* EngineApi
    const { agent: self, workspaceKey: key } = yield* BrokerIdentity
    const node = yield* NodeControl
    const registrar = yield* AgentRegistrar
    const registry = yield* WorkerRegistry
    const deliveries = yield* Deliveries
    const resultTokens = yield* ResultTokens
    const store = yield* Store
    const scope = yield* Effect.scope
    const registrations = makeFairGate<SpawnRequest["source"]>(registrationsAtOnce)
    const starts = makeFairGate<SpawnRequest["source"]>(startsAtOnce)
    const joins = yield* FiberSet.make<void>()
    const spawning = new Map<string, SpawnInProgress>()
    /** Names of spawns whose caller left while the engine had not answered. */
    const lingering = new Map<string, Deferred.Deferred<void>>()

    /** As the agent, so that the engine sends it what is said there. Never holds up the spawn. */
    const joinChannels = (spec: AgentSpec, { name, token }: Registration) =>
      Effect.forEach(
        spec.channels.filter((channel) => channel !== "general"),
        (channel) =>
          engine.ensureChannel({ credential: key, name: channel }).pipe(
            Effect.zipRight(engine.joinChannel({ token, name: channel })),
            Effect.catchAll((error) => Effect.logWarning(`${name} could not join #${channel}: ${error.message}`))
          ),
        { discard: true }
      )

    const announce = ({ source }: SpawnRequest, { name, pid, provider, runtime, spec }: Worker) =>
      events.publish({
        kind: "agent_spawned",
        name,
        runtime,
        provider: provider ?? null,
        cli: spec.cli,
        model: spec.model ?? null,
        sessionId: spec.sessionRef ?? null,
        pid: pid ?? null,
        source,
        pre_registered: true,
        registration_warning: null
      })

    const giveTask = (worker: Worker, task: string) =>
      Effect.flatMap(makeMessageId("init"), (messageId) =>
        deliveries.sendLocal({
          to: worker,
          origin: "initial_task",
          messageId,
          from: "broker",
          target: worker.name,
          text: task,
          mode: "wait",
          threadId: undefined,
          priority: undefined
        })
      ).pipe(Effect.catchAll((error) => Effect.logWarning(`initial task of ${worker.name}: ${error.message}`)))

    /** The program runs: from here on the spawn is completed, whoever waits for it or not. */
    const settleIn = Effect.fn("Actions.settleIn")(function* (
      request: SpawnRequest,
      worker: Worker,
      registration: Registration,
      task: string | undefined
    ) {
      const { name, spec } = worker
      yield* announce(request, worker)
      if (task !== undefined && task.trim() !== "") yield* giveTask(worker, task)
      // On disk before anybody is told: a crash must not forget an agent that was said to run.
      yield* cleanUp.record(worker, "live").pipe(Effect.zipRight(store.flush))
      yield* deliveries.workerStarted(worker)
      yield* alerts.resolve("SpawnFailed", name)
      yield* node.beat
      yield* FiberSet.run(joins, joinChannels(spec, registration))
    })

    const validate = ({ spec }: SpawnRequest) => {
      const problem = nameProblem(spec.name, self.name)
      return problem === undefined
        ? registry.check(spec)
        : Effect.fail(new SpawnFailed({ agent: spec.name, stage: "validate", reason: problem }))
    }

    const bringUp = Effect.fn("Actions.bringUp")(function* (request: SpawnRequest, reservation: Reservation) {
      const { exitAfterTask: _, task: __, ...spec } = request.spec
      const task = assembleTask(request.spec)
      const { source } = request
      const registration = yield* registrations.pass(source)(
        registrar.register({
          name: spec.name,
          cli: spec.cli,
          invocationId: request.invocationId,
          sessionRef: spec.sessionRef,
          suppliedToken: request.suppliedToken
        })
      )
      const { ackedSeq, agentId, name } = registration
      const resultToken = spec.resultSchema === undefined ? undefined : yield* resultTokens.issue(name)
      const undo = deliveries
        .agentUndone(agentId)
        .pipe(Effect.zipRight(resultTokens.revoke(name)), Effect.zipRight(registrar.leave({ agentId, name })))
      const startProgram = registry.start({
        reservation,
        spec,
        agentId,
        resumed: request.resumed ?? false,
        env: workerEnvironment(environment, spec, registration.token, resultToken)
      })
      const worker = yield* deliveries.agentRegistered({ agentId, name, ackedSeq }).pipe(
        Effect.zipRight(starts.pass(source)(startProgram)),
        // Interrupted (25 s are over) or failed: whatever was registered is taken back.
        Effect.onExit((exit) => (exit._tag === "Success" ? Effect.void : undo))
      )
      yield* Effect.uninterruptible(settleIn(request, worker, registration, task))
      return { worker, registered: true }
    })

    /** The name is kept for as long as the engine may still register it for us. */
    const giveBack = (reservation: Reservation) =>
      Effect.gen(function* () {
        const { name } = reservation
        const settled = registrar.settling(name)
        if (settled === undefined) return yield* reservation.cancel
        const over = yield* Deferred.make<void>()
        lingering.set(name, over)
        yield* settled.pipe(
          Effect.zipRight(reservation.cancel),
          Effect.zipRight(Effect.sync(() => lingering.delete(name))),
          Effect.zipRight(Deferred.succeed(over, undefined)),
          Effect.forkIn(scope)
        )
      })

    /**
     * Does it, unless the agent is released meanwhile. Ends when the work has ended, however it is left: a plain race would
     * leave the work behind when its caller is interrupted, and the name would be given back too early.
     */
    const unlessReleased = <A, E>(work: Effect.Effect<A, E>, released: SpawnInProgress["released"]) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Effect.fork(restore(work)), (running) =>
          restore(Effect.raceFirst(Fiber.join(running), Deferred.await(released))).pipe(
            Effect.ensuring(Fiber.interrupt(running))
          )
        )
      )

    /** Waits for the end of a former spawn of the name, then does it. A release may stop it in either. */
    const bringUpAlone = (request: SpawnRequest, released: SpawnInProgress["released"]) =>
      Effect.gen(function* () {
        const { name } = request.spec
        const former = lingering.get(name)
        if (former !== undefined) yield* Effect.raceFirst(Deferred.await(former), Deferred.await(released))
        return yield* Effect.acquireUseRelease(
          registry.reserve(name),
          (reservation) => unlessReleased(turns(name, bringUp(request, reservation)), released),
          (reservation, exit) => (Exit.isSuccess(exit) ? Effect.void : giveBack(reservation))
        )
      })

    const start = Effect.fn("Actions.start")(function* (request: SpawnRequest) {
      const { name } = request.spec
      yield* validate(request)
      if (spawning.has(name)) return yield* new AgentExists({ agent: name })
      const inProgress: SpawnInProgress = {
        released: yield* Deferred.make<never, SpawnFailed>(),
        over: yield* Deferred.make<void>()
      }
      return yield* Effect.acquireUseRelease(
        Effect.sync(() => spawning.set(name, inProgress)),
        () => bringUpAlone(request, inProgress.released),
        () =>
          Effect.suspend(() => {
            if (spawning.get(name) === inProgress) spawning.delete(name)
            return Deferred.succeed(inProgress.over, undefined)
          })
      )
    })

    const spawnPath: SpawnPath = {
      spawn: (request) =>
        start(request).pipe(
          Effect.tapErrorTag("SpawnFailed", (error) =>
            error.stage === "validate" ? Effect.void : alerts.raise(error, request.spec.name)
          )
        ),
      stop: (name) =>
        Effect.gen(function* () {
          const inProgress = spawning.get(name)
          if (inProgress === undefined) return lingering.has(name)
          const reason = "it was released while it was started"
          yield* Deferred.fail(inProgress.released, new SpawnFailed({ agent: name, stage: "validate", reason }))
          yield* Deferred.await(inProgress.over)
          return true
        })
    }
    return spawnPath
  })
