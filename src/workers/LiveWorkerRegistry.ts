/** The table of workers, with real terminals or fakes below it; see `WorkerRegistry` for what it guarantees. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { AgentExists, SpawnFailed } from "../domain/Errors.ts"
import { type AgentName, Generation } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { Generic } from "../harness/Generic.ts"
import { chooseHarness, type HarnessChoice } from "../harness/Harness.ts"
import { Pty } from "../pty/Pty.ts"
import { childEnvironment, type Inherited } from "./childEnvironment.ts"
import { commandWords } from "./commandWords.ts"
import { logPathOf } from "./LogFile.ts"
import * as PtyWorker from "./PtyWorker.ts"
import type { Worker, WorkerExit } from "./Worker.ts"
import { type Reservation, type StartOptions, type WorkerExited, WorkerRegistry } from "./WorkerRegistry.ts"

export interface LiveWorkerRegistryOptions {
  /** Where the logs of the agents go; without it there are none. */
  readonly logDir?: string | undefined
  /** What programs inherit, before the hygiene of design 7: normally the broker's own environment. */
  readonly baseEnv: Inherited
  /** Known CLI families, first match wins; anything else is `Generic`. */
  readonly harnesses?: ReadonlyArray<HarnessChoice>
  /** How long a program must run to count as started. */
  readonly stabilityMillis?: number
  /** Quiet for this long is idle; 0: never. */
  readonly idleMillis?: number
}

export const LiveWorkerRegistry = {
  layer: (options: LiveWorkerRegistryOptions): Layer.Layer<WorkerRegistry, never, Pty | Events> =>
    Layer.scoped(WorkerRegistry, make(options))
}

const make = (options: LiveWorkerRegistryOptions) =>
  Effect.gen(function* () {
    const { stabilityMillis = 250, idleMillis = 30_000, harnesses = [], logDir } = options
    const services = yield* Effect.context<Pty | Events>()
    const registryScope = yield* Effect.scope
    const reservations = new Map<AgentName, Reservation>()
    const workers = new Map<AgentName, Worker>()
    const exits = yield* Mailbox.make<WorkerExited>()
    let lastGeneration = 0

    const reserve = (name: AgentName) =>
      Effect.suspend(() => {
        if (reservations.has(name) || workers.has(name)) return Effect.fail(new AgentExists({ agent: name }))
        const reservation: Reservation = {
          name,
          cancel: Effect.sync(() => {
            if (reservations.get(name) === reservation) reservations.delete(name)
          })
        }
        reservations.set(name, reservation)
        return Effect.succeed(reservation)
      })

    const launch = (start: StartOptions) =>
      Effect.gen(function* () {
        const { agentId, env, reservation, spec } = start
        const agent = spec.name
        const invalid = (reason: string) => new SpawnFailed({ agent, stage: "validate", reason })
        if (reservations.get(agent) !== reservation) return yield* invalid("its name is not reserved any more")
        const words = commandWords(spec.cli)
        if (Either.isLeft(words)) return yield* invalid(`cannot split the command line: ${words.left}`)
        const [command = "", ...first] = words.right
        const harness = chooseHarness(harnesses, Generic, command)
        const logPath = logDir === undefined ? undefined : logPathOf(logDir, agent)
        const log = logPath === undefined ? {} : { logPath }
        const generation = Generation.make(++lastGeneration)

        const onGone: Effect.Effect<void> = Effect.sync(() => {
          if (workers.get(agent)?.generation === generation) workers.delete(agent)
        })
        const started = yield* PtyWorker.start({
          spec,
          agentId,
          generation,
          harness,
          commandLine: harness.commandLine({ command, args: [...first, ...spec.args] }, spec),
          environment: childEnvironment(options.baseEnv, harness.environment, spec.env ?? {}, env),
          logPath,
          idleMillis,
          onGone
        }).pipe(
          Effect.provide(services),
          Effect.mapError((error) => new SpawnFailed({ agent, stage: "start", reason: error.reason, ...log }))
        )
        const { worker } = started
        const ended = yield* Effect.timeoutOption(worker.exit, stabilityMillis)
        // From here to the table nothing waits, so that an exit is either seen here or announced by the worker.
        if (Option.isNone(ended) && (yield* started.announce)) {
          reservations.delete(agent)
          workers.set(agent, worker)
          return worker
        }
        const exit = yield* worker.exit
        return yield* new SpawnFailed({
          agent,
          stage: "stability",
          reason: `the program ended within ${stabilityMillis} ms of its start`,
          lastOutput: exit.lastOutput,
          ...(exit.exitCode === null ? {} : { exitCode: exit.exitCode }),
          ...(exit.signal === null ? {} : { signal: exit.signal }),
          ...log
        })
      })

    const followed = (worker: Worker, scope: Scope.CloseableScope) =>
      worker.exit.pipe(
        Effect.tap((exit: WorkerExit) => exits.offer({ worker, exit })),
        Effect.zipRight(Scope.close(scope, Exit.void)),
        Effect.forkIn(registryScope)
      )

    const start = (startOptions: StartOptions) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const scope = yield* Scope.fork(registryScope, registryScope.strategy)
          const worker = yield* restore(Scope.extend(launch(startOptions), scope)).pipe(
            Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
          )
          yield* followed(worker, scope)
          return worker
        })
      )

    const endAll = Effect.suspend(() =>
      Effect.forEach([...workers.values()], (worker) => worker.end("shutdown"), {
        concurrency: "unbounded",
        discard: true
      })
    )
    yield* Effect.addFinalizer(() => endAll)

    return WorkerRegistry.of({
      reserve,
      start,
      find: (name) => Effect.sync(() => Option.fromNullable(workers.get(name as AgentName))),
      findById: (agentId) =>
        Effect.sync(() => Option.fromNullable([...workers.values()].find((worker) => worker.agentId === agentId))),
      list: Effect.sync(() => [...workers.values()]),
      starting: Effect.sync(() => [...reservations.keys()]),
      exits,
      endAll
    })
  })
