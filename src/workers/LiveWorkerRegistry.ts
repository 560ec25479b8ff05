/** The table of workers, with real terminals or fakes below it; see `WorkerRegistry` for what it guarantees. */
import { isAbsolute } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { AgentExists, SpawnFailed } from "../domain/Errors.ts"
import { type AgentName, Generation } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { Generic } from "../harness/Generic.ts"
import { chooseHarness, type Harness, type HarnessChoice } from "../harness/Harness.ts"
import { headlessRulesOf, notHeadless } from "../harness/Headless.ts"
import * as Launcher from "../harness/Launcher.ts"
import { originActor } from "../harness/originActor.ts"
import type { Worker, WorkerExit } from "../injection/Worker.ts"
import { type ChildRecords, unrecorded } from "../pty/ChildRecords.ts"
import { Pty } from "../pty/Pty.ts"
import { Screen } from "../pty/Screen.ts"
import * as AppServerWorker from "./AppServerWorker.ts"
import { childEnvironment, type Inherited } from "./childEnvironment.ts"
import { commandWords } from "./commandWords.ts"
import * as HeadlessWorker from "./HeadlessWorker.ts"
import { logPathOf } from "./LogFile.ts"
import { nulProblem } from "./nulProblem.ts"
import * as PtyWorker from "./PtyWorker.ts"
import * as ReadingPace from "./ReadingPace.ts"
import { type Reservation, type StartOptions, type WorkerExited, WorkerRegistry } from "./WorkerRegistry.ts"

export interface LiveWorkerRegistryOptions {
  /** Where the logs of the agents go; without it there are none. */
  readonly logDir?: string | undefined
  /** What programs inherit, before the hygiene of design 7: normally the broker's own environment. */
  readonly baseEnv: Inherited
  /** Known CLI families, first match wins; anything else is `Generic`. */
  readonly harnesses?: ReadonlyArray<HarnessChoice>
  /** Performs what the families plan; without one, command lines only. */
  readonly launcher?: Launcher.Launcher
  /** Where programs are recorded while they run; without it, nowhere. */
  readonly children?: ChildRecords
  /** How long a program must run to count as started. */
  readonly stabilityMillis?: number
  /** A known program that shows nothing it is known by counts as started after so long alive. */
  readonly knownMillis?: number
  /** Quiet for this long is idle; 0: never. */
  readonly idleMillis?: number
}

type ProgramOptions = Pick<
  PtyWorker.PtyWorkerOptions,
  "agentId" | "children" | "generation" | "idleMillis" | "logPath" | "onGone"
>

export const LiveWorkerRegistry = {
  layer: (options: LiveWorkerRegistryOptions): Layer.Layer<WorkerRegistry, never, Pty | Screen | Events> =>
    Layer.scoped(WorkerRegistry, make(options))
}

const make = (options: LiveWorkerRegistryOptions) =>
  Effect.gen(function* () {
    const {
      stabilityMillis = 250,
      knownMillis = 5_000,
      idleMillis = 30_000,
      harnesses = [],
      launcher = Launcher.commandLinesOnly,
      children = unrecorded,
      logDir
    } = options
    // Named one by one: the whole context would bring the layer's own Scope along and take the worker's place.
    const pty = yield* Pty
    const services = Context.make(Pty, pty).pipe(Context.add(Screen, yield* Screen), Context.add(Events, yield* Events))
    const workersScope = yield* Scope.make(ExecutionStrategy.parallel)
    const reservations = new Map<AgentName, Reservation>()
    const workers = new Map<AgentName, Worker>()
    const dying = new Set<Worker>()
    const exits = yield* Mailbox.make<WorkerExited>()
    const sessions = yield* Mailbox.make<Worker>()
    const pace = ReadingPace.make()
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

    const invalid = (agent: AgentName, reason: string) => new SpawnFailed({ agent, stage: "validate", reason })

    const harnessOf = (spec: AgentSpec) =>
      Either.match(commandWords(spec.cli), {
        onLeft: (problem) => Effect.fail(invalid(spec.name, `cannot split the command line: ${problem}`)),
        onRight: ([command = "", ...first]) =>
          Effect.succeed({
            harness: chooseHarness(harnesses, Generic, command),
            line: { command, args: [...first, ...spec.args] }
          })
      })

    const check = (spec: AgentSpec) =>
      Effect.gen(function* () {
        const { cwd, name } = spec
        const nul = nulProblem(spec)
        if (nul !== undefined) return yield* invalid(name, nul)
        if (!isAbsolute(cwd)) return yield* invalid(name, `cwd ${cwd}: not an absolute path`)
        if (spec.appServer !== undefined) return
        const { harness, line } = yield* harnessOf(spec)
        if (spec.runtime === "headless" && headlessRulesOf(harness) === undefined) {
          return yield* invalid(name, notHeadless(spec.cli))
        }
        const environment = childEnvironment(options.baseEnv, spec.env ?? {})
        const request = { harness, spec, line, environment, resumed: false }
        const found = yield* Launcher.commandLinesOnly.launch(request).pipe(
          Effect.scoped,
          Effect.flatMap(({ commandLine: { command }, environment: env }) => pty.locate({ command, cwd, env })),
          Effect.mapError(({ reason }) => invalid(name, reason))
        )
        yield* Effect.logDebug(`${name} runs ${found}`)
      })

    const launch = (start: StartOptions) =>
      Effect.gen(function* () {
        const { agentId, reservation, spec } = start
        const agent = spec.name
        if (reservations.get(agent) !== reservation) {
          return yield* invalid(agent, "its name is not reserved any more")
        }
        const generation = Generation.make(++lastGeneration)
        const onGone: Effect.Effect<void> = Effect.sync(() => {
          if (workers.get(agent)?.generation === generation) workers.delete(agent)
        })
        const idle = spec.idleThresholdSecs === undefined ? idleMillis : spec.idleThresholdSecs * 1_000
        const common = { agentId, generation, idleMillis: idle, onGone }
        const server = spec.appServer
        if (server !== undefined) {
          const own = { spec: { ...spec, sessionRef: server.sessionId }, server, resumed: start.resumed ?? false }
          return yield* AppServerWorker.start({ ...common, ...own }).pipe(Effect.provide(services))
        }
        return yield* launchProgram(start, { ...common, children, logPath: logDir && logPathOf(logDir, agent) })
      })

    /** In a terminal, or for one message without. */
    const launchProgram = (start: StartOptions, common: ProgramOptions) =>
      Effect.gen(function* () {
        const { env, spec } = start
        const agent = spec.name
        const { harness, line } = yield* harnessOf(spec)
        const rules = headlessRulesOf(harness)
        if (spec.runtime === "headless" && rules === undefined) return yield* invalid(agent, notHeadless(spec.cli))
        const launched = yield* launcher
          .launch({
            harness,
            spec,
            line,
            environment: childEnvironment(options.baseEnv, originActor(harness, spec), spec.env ?? {}, env),
            resumed: start.resumed ?? false
          })
          .pipe(Effect.mapError((error) => new SpawnFailed({ agent, stage: "start", reason: error.message })))
        if (spec.runtime === "headless" && rules !== undefined) {
          return yield* HeadlessWorker.start({ ...common, ...launched, rules, pace }).pipe(Effect.provide(services))
        }
        const { logPath } = common
        const log = logPath === undefined ? {} : { logPath }
        const onSession = () => {
          const worker = workers.get(agent)
          if (worker?.generation === common.generation) sessions.unsafeOffer(worker)
        }
        const started = yield* PtyWorker.start({ ...common, ...launched, harness, pace, onSession }).pipe(
          Effect.provide(services),
          Effect.mapError((error) => new SpawnFailed({ agent, stage: "start", reason: error.reason, ...log }))
        )
        yield* stable(started, harness)
        return started
      })

    /** A known program has started when it shows its composer or asks something; any other one when it has run for a moment. */
    const stable = ({ settled, worker }: PtyWorker.StartedWorker, { terminal }: Harness) =>
      Effect.raceFirst(
        worker.exit,
        terminal.composer === undefined
          ? Effect.sleep(stabilityMillis)
          : Effect.zipRight(
              Effect.sleep(stabilityMillis),
              Effect.timeoutOption(settled, Math.max(0, knownMillis - stabilityMillis))
            )
      )

    const unstable = (spec: AgentSpec, { logPath }: Worker, exit: WorkerExit) =>
      new SpawnFailed({
        agent: spec.name,
        stage: "stability",
        reason: "the program ended right after its start",
        lastOutput: exit.lastOutput,
        ...(exit.exitCode === null ? {} : { exitCode: exit.exitCode }),
        ...(exit.signal === null ? {} : { signal: exit.signal }),
        ...(logPath === undefined ? {} : { logPath })
      })

    const start = (startOptions: StartOptions) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const scope = yield* Scope.fork(workersScope, ExecutionStrategy.sequential)
          const { announce, worker } = yield* restore(Scope.extend(launch(startOptions), scope)).pipe(
            Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
          )
          // In the table before it is live: an exit from now on takes it out again.
          workers.set(worker.name, worker)
          if (!(yield* announce)) {
            workers.delete(worker.name)
            const exit = yield* worker.exit
            yield* Effect.forkIn(Scope.close(scope, Exit.void), workersScope)
            return yield* unstable(startOptions.spec, worker, exit)
          }
          reservations.delete(worker.name)
          yield* worker.exit.pipe(
            // Whoever retired it cleans up after it.
            Effect.tap((exit) => (dying.delete(worker) ? Effect.void : exits.offer({ worker, exit }))),
            Effect.zipRight(Scope.close(scope, Exit.void)),
            Effect.forkIn(workersScope)
          )
          return worker
        })
      )

    const retire = (worker: Worker) =>
      Effect.sync(() => {
        if (workers.get(worker.name) !== worker) return false
        workers.delete(worker.name)
        dying.add(worker)
        return true
      })

    const endAll = Effect.suspend(() =>
      Effect.forEach([...workers.values(), ...dying], (worker) => worker.end("shutdown"), {
        concurrency: "unbounded",
        discard: true
      })
    )
    // Told to end first, so that last outputs and logs are complete; the scopes take care of what is starting.
    yield* Effect.addFinalizer((exit) => Effect.zipRight(endAll, Scope.close(workersScope, exit)))

    return WorkerRegistry.of({
      check,
      reserve,
      start,
      retire,
      find: (name) => Effect.sync(() => Option.fromNullable(workers.get(name as AgentName))),
      findById: (agentId) =>
        Effect.sync(() => Option.fromNullable([...workers.values()].find((worker) => worker.agentId === agentId))),
      list: Effect.sync(() => [...workers.values()]),
      starting: Effect.sync(() => [...reservations.keys()]),
      exits,
      sessions,
      endAll
    })
  })
