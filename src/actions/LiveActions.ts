/** `Actions` over registrar, registry and deliveries: also the one consumer of worker exits, so that every end of an agent takes one path. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { AgentRegistrar, type Registration } from "../agents/AgentRegistrar.ts"
import { Alerts } from "../alerts/Alerts.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { makeMessageId } from "../delivery/ids.ts"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { SpawnFailed, UnknownWorker } from "../domain/Errors.ts"
import { AgentName, type InvocationId } from "../domain/Ids.ts"
import { EngineApi } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { type AgentRecord, Store } from "../store/Store.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"
import type { Worker, WorkerExit } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { Actions, type SpawnRequest } from "./Actions.ts"
import { type Answer, failureWord, InvocationLedger } from "./InvocationLedger.ts"
import { readInvocation } from "./InvokeInput.ts"
import { type WorkerEnvironment, workerEnvironment } from "./workerEnvironment.ts"

export interface ActionsOptions {
  /** Where agents run that name no directory. */
  readonly defaultCwd: string
  readonly defaultChannels: ReadonlyArray<string>
  readonly environment: WorkerEnvironment
}

/** The engine runs an invocation elsewhere after 30 s; ours are answered before (design 4). */
const answerWithinMillis = 25_000
/** Spawns in progress at once: each forks and talks to the engine. */
const spawnsAtOnce = 8

/** A spawn that has its name and is not over. */
interface SpawnInProgress {
  /** Fails when the agent is released meanwhile. */
  readonly released: Deferred.Deferred<never, SpawnFailed>
  readonly over: Deferred.Deferred<void>
}

const make = (options: ActionsOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const engine = yield* EngineApi
    const { workspaceKey: key } = yield* BrokerIdentity
    const node = yield* NodeControl
    const registrar = yield* AgentRegistrar
    const registry = yield* WorkerRegistry
    const deliveries = yield* Deliveries
    const store = yield* Store
    const slots = yield* Effect.makeSemaphore(spawnsAtOnce)
    const background = yield* FiberSet.make<void>()
    const ledger = new InvocationLedger()
    ledger.restore((yield* store.load).invocations)
    const spawning = new Map<string, SpawnInProgress>()
    let closed = false

    const record = (worker: Worker, state: AgentRecord["state"]) =>
      Effect.flatMap(Clock.currentTimeMillis, (updatedAtMillis) => {
        const { agentId, generation, name, spec } = worker
        return store.agent({ name, agentId, generation, spec, state, updatedAtMillis })
      })

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

    const announce = ({ source }: SpawnRequest, { name, pid, spec }: Worker) =>
      events.publish({
        kind: "agent_spawned",
        name,
        runtime: "pty",
        provider: null,
        cli: spec.cli,
        model: spec.model ?? null,
        sessionId: spec.sessionRef ?? null,
        pid,
        source,
        pre_registered: true,
        registration_warning: null
      })

    /** The program runs: from here on the spawn is completed, whoever waits for it or not. */
    const settleIn = Effect.fn("Actions.settleIn")(function* (
      request: SpawnRequest,
      worker: Worker,
      registration: Registration,
      task: string | undefined
    ) {
      const { name, spec } = worker
      yield* announce(request, worker)
      if (task !== undefined && task.trim() !== "") {
        const messageId = yield* makeMessageId("init")
        yield* deliveries
          .sendLocal({
            to: worker,
            origin: "initial_task",
            messageId,
            from: "broker",
            target: name,
            text: task,
            mode: "wait",
            threadId: undefined,
            priority: undefined
          })
          .pipe(Effect.catchAll((error) => Effect.logWarning(`initial task of ${name}: ${error.message}`)))
      }
      // On disk before anybody is told: a crash must not forget an agent that was said to run.
      yield* record(worker, "live").pipe(Effect.zipRight(store.flush))
      yield* deliveries.workerStarted(worker)
      // It may have ended between its start and now: then nobody cleaned up after it yet.
      const alive = yield* registry.find(name)
      if (!Option.contains(alive, worker)) yield* cleanUp(worker, "worker_exited")
      yield* alerts.resolve("SpawnFailed", name)
      yield* node.beat
      yield* FiberSet.run(background, joinChannels(spec, registration))
    })

    const start = Effect.fn("Actions.start")(function* (request: SpawnRequest) {
      const { task, ...spec } = request.spec
      const reservation = yield* registry.reserve(spec.name)
      const inProgress: SpawnInProgress = {
        released: yield* Deferred.make<never, SpawnFailed>(),
        over: yield* Deferred.make<void>()
      }
      spawning.set(spec.name, inProgress)
      return yield* Effect.gen(function* () {
        const registration = yield* registrar.register({
          name: spec.name,
          cli: spec.cli,
          invocationId: request.invocationId,
          sessionRef: spec.sessionRef,
          suppliedToken: request.suppliedToken
        })
        const { ackedSeq, agentId, name } = registration
        const undo = deliveries.agentUndone(agentId).pipe(Effect.zipRight(registrar.leave({ agentId, name })))
        const worker = yield* deliveries.agentRegistered({ agentId, name, ackedSeq }).pipe(
          Effect.zipRight(
            registry.start({
              reservation,
              spec,
              agentId,
              resumed: request.resumed ?? false,
              env: workerEnvironment(options.environment, spec, registration.token)
            })
          ),
          // Interrupted (25 s are over) or failed: whatever was registered is taken back.
          Effect.onExit((exit) => (exit._tag === "Success" ? Effect.void : undo))
        )
        yield* Effect.uninterruptible(settleIn(request, worker, registration, task))
        return { worker, registered: true }
      }).pipe(
        Effect.raceFirst(Deferred.await(inProgress.released)),
        Effect.onExit((exit) => (exit._tag === "Success" ? Effect.void : reservation.cancel)),
        Effect.ensuring(
          Effect.suspend(() => {
            if (spawning.get(spec.name) === inProgress) spawning.delete(spec.name)
            return Deferred.succeed(inProgress.over, undefined)
          })
        )
      )
    })

    const spawn: Actions["Type"]["spawn"] = (request) =>
      Effect.suspend(() =>
        closed
          ? Effect.fail(
              new SpawnFailed({ agent: request.spec.name, stage: "validate", reason: "the broker is stopping" })
            )
          : slots.withPermits(1)(start(request))
      ).pipe(
        Effect.tapErrorTag("SpawnFailed", (error) =>
          error.stage === "validate" ? Effect.void : alerts.raise(error, request.spec.name)
        )
      )

    /** Everything that follows the end of a process, in the order the engine needs: acks, then deregister (design 6). */
    const cleanUp = Effect.fn("Actions.cleanUp")(function* (
      worker: Worker,
      reason: "agent_released" | "worker_exited"
    ) {
      const dropped = yield* deliveries.workerGone({ worker, reason })
      yield* record(worker, reason === "agent_released" ? "released" : "exited")
      yield* deliveries.flushAcks
      const successor = yield* registry.find(worker.name)
      if (worker.agentId !== undefined && Option.isNone(successor)) {
        yield* registrar.leave({ agentId: worker.agentId, name: worker.name })
      }
      yield* node.beat
      return dropped
    })

    yield* Effect.gen(function* () {
      const { exit, worker } = yield* registry.exits.take
      // A released worker is cleaned up by its release, and at shutdown messages stay unacked.
      if (exit.reason === "child_exited") yield* cleanUp(worker, "worker_exited")
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    /** An agent that is being started is not started; if that comes too late, it is released as any other. */
    const stopSpawn = (name: string) =>
      Effect.gen(function* () {
        const inProgress = spawning.get(name)
        if (inProgress === undefined) return false
        const reason = "it was released while it was started"
        yield* Deferred.fail(inProgress.released, new SpawnFailed({ agent: name, stage: "validate", reason }))
        yield* Deferred.await(inProgress.over)
        return true
      })

    const release: Actions["Type"]["release"] = Effect.fn("Actions.release")(function* ({ name, reason }) {
      const wasStarting = yield* stopSpawn(name)
      const found = yield* registry.find(name)
      if (Option.isNone(found)) {
        if (!wasStarting && Option.isNone(yield* store.findAgent(name)))
          return yield* new UnknownWorker({ agent: name })
        return { exit: undefined, droppedDeliveries: 0 }
      }
      const worker = found.value
      yield* Effect.logInfo(`releasing ${name}${reason === undefined ? "" : `: ${reason}`}`)
      const exit: WorkerExit = yield* worker.end("released")
      const droppedDeliveries = yield* cleanUp(worker, "agent_released")
      yield* events.publish({ kind: "agent_released", name: worker.name })
      return { exit, droppedDeliveries }
    })

    const spawnSpec = (
      invocation: Extract<ReturnType<typeof readInvocation>, { _tag: "Spawn" }>
    ): Either.Either<AgentSpec, string> => {
      if (invocation.name === undefined) return Either.left("spawn_missing_agent_name")
      if (invocation.cli === undefined) return Either.left("spawn_missing_cli")
      return Either.right({
        name: AgentName.make(invocation.name),
        cli: invocation.cli,
        args: invocation.args,
        channels: invocation.channels.length === 0 ? options.defaultChannels : invocation.channels,
        cwd: invocation.cwd ?? options.defaultCwd,
        ...(invocation.task === undefined ? {} : { task: invocation.task }),
        ...(invocation.model === undefined ? {} : { model: invocation.model })
      })
    }

    const answerOf = (frame: ActionInvoke, stale: boolean): Effect.Effect<Answer> => {
      const invocation = readInvocation(frame)
      switch (invocation._tag) {
        case "Other":
          return Effect.succeed({ error: "handler_unavailable" })
        case "Release": {
          const { name, reason } = invocation
          if (name === undefined) return Effect.succeed({ error: "release_missing_agent_name" })
          if (stale) return Effect.succeed({ output: { released: true, name } })
          return release({ name, reason }).pipe(
            Effect.match({
              onSuccess: (): Answer => ({ output: { released: true, name } }),
              onFailure: (error): Answer => ({ error: `release_failed: ${error.message}` })
            })
          )
        }
        case "Spawn": {
          const spec = spawnSpec(invocation)
          if (Either.isLeft(spec)) return Effect.succeed({ error: spec.left })
          return spawn({ spec: spec.right, source: "node_action", invocationId: frame.invocation_id }).pipe(
            Effect.match({
              onSuccess: (): Answer => ({ output: { spawned: true, name: spec.right.name } }),
              onFailure: (error): Answer => ({ error: `spawn_failed: ${error.message}` })
            })
          )
        }
      }
    }

    const reply = (invocationId: InvocationId, answer: Answer) =>
      node.result({ invocationId, ...answer }).pipe(
        // The engine takes the invocation back when the link is lost, and asks again: the ledger then answers.
        Effect.catchTag("LinkLost", (error) =>
          Effect.logWarning(`answer to ${invocationId} not sent: ${error.message}`)
        ),
        Effect.zipRight(node.invocationClosed(invocationId))
      )

    const handle = Effect.fn("Actions.handle")(function* (frame: ActionInvoke, atMillis: number, stale: boolean) {
      const { invocation_id: id } = frame
      const seen = ledger.open(id)
      // A repeat of an open one is answered by the first.
      if (seen?._tag === "Open") return
      if (seen?._tag === "Answered") return yield* reply(id, seen.answer)
      yield* node.invocationOpened(id)
      yield* store.invocationOpened({ invocationId: id, action: frame.action, atMillis })
      const left = Math.max(1_000, answerWithinMillis - ((yield* Clock.currentTimeMillis) - atMillis))
      const answer = yield* answerOf(frame, stale).pipe(
        Effect.timeoutTo({
          duration: left,
          onSuccess: (value: Answer) => value,
          onTimeout: (): Answer => ({ error: `${failureWord(frame.action)}: not done within 25 s` })
        })
      )
      ledger.answer(id, answer)
      yield* store.invocationAnswered({ invocationId: id, answer, atMillis: yield* Clock.currentTimeMillis })
      yield* reply(id, answer)
    })

    const invoke: Actions["Type"]["invoke"] = ({ atMillis, frame, stale }) =>
      Effect.suspend(() =>
        closed
          ? Effect.logInfo(`invocation ${frame.invocation_id} left with the engine: the broker is stopping`)
          : Effect.asVoid(FiberSet.run(background, handle(frame, atMillis, stale)))
      )

    return Actions.of({
      spawn,
      release,
      invoke,
      close: Effect.sync(() => {
        closed = true
      })
    })
  })

export const layer = (options: ActionsOptions) => Layer.scoped(Actions, make(options))
