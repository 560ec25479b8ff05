/**
 * One clean home with one or two real CLIs, a model server, the fake engine on a socket, and the real broker program
 * against it. What happened is written into its directory: `exchanges.jsonl` (the model), `events.jsonl` (the broker's
 * claims), `broker.log`.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { type BrokerProcess, type BrokerProcessEvent, startBroker } from "../../src/testing/BrokerProcess.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { type FirstStart, type Home, prepareHome } from "./homes.ts"
import type { Installed } from "./install.ts"
import { type Exchange, type ModelServer, startModelServer } from "./model/ModelServer.ts"
import type { Family } from "./versions.ts"

/** The case cannot go on, or what it looked at is not as promised. */
export class Problem extends Data.TaggedError("Problem")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface Program {
  readonly family: Family
  readonly installed: Installed
}

export interface WorldOptions {
  /** The first is the one that is judged. None: only programs of no family. */
  readonly programs: ReadonlyArray<Program>
  /** Path of the broker's program. */
  readonly broker: string
  /** For its files; the home is below it. */
  readonly directory: string
  readonly firstStart?: FirstStart
  readonly compactAt?: number
  readonly env?: { readonly [name: string]: string }
  readonly brokerArgs?: ReadonlyArray<string>
  /** More PATH, in front. */
  readonly binDirectories?: ReadonlyArray<string>
  /** Changes to the home before the broker starts. */
  readonly prepare?: (home: Home) => void
}

export interface World {
  readonly directory: string
  readonly home: Home
  readonly model: ModelServer
  readonly engine: FakeEngine["Type"]
  readonly broker: () => BrokerProcess
  /** Events of the broker, of all its runs. */
  readonly events: ReadonlyArray<BrokerProcessEvent>
  /** SIGKILL, and what it hosted lives on or not. */
  readonly killBroker: Effect.Effect<void>
  readonly stopBroker: Effect.Effect<void>
  readonly startBroker: Effect.Effect<void, Problem>
  /**
   * Waits until `check` gives something: asked at every sign of life of model, engine and broker. Fails at the deadline,
   * which is monotonic.
   */
  readonly until: <A, E>(
    what: string,
    check: Effect.Effect<A | undefined, E>,
    withinMillis: number
  ) => Effect.Effect<A, E | Problem>
  /** Processes of this home, the broker left out. */
  readonly processes: () => ReadonlyArray<{ readonly pid: number; readonly command: string }>
}

/** What nothing tells (a process that ended, a file) is looked at this often. */
const lookMillis = 250

const readProc = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

/** Whose environment names this home. */
export const processesOf = (home: string, except: ReadonlySet<number>) =>
  readdirSync("/proc").flatMap((entry) => {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid || except.has(pid)) return []
    if (!readProc(`/proc/${pid}/environ`).split("\0").includes(`HOME=${home}`)) return []
    // A zombie is only waited for.
    if (/^State:\s+Z/m.test(readProc(`/proc/${pid}/status`))) return []
    return [{ pid, command: readProc(`/proc/${pid}/cmdline`).split("\0").join(" ").trim().slice(0, 160) }]
  })

const lineOf = (exchange: Exchange) =>
  JSON.stringify({
    at: exchange.at,
    n: exchange.number,
    who: exchange.who,
    turn: exchange.isTurn,
    status: exchange.status,
    outcome: exchange.outcome,
    endedAt: exchange.endedAt,
    tools: exchange.tools.length,
    texts: exchange.texts.map(({ isNew, text }) => `${isNew ? "+" : "="} ${text.slice(0, 2_000)}`)
  })

export const makeWorld = (o: WorldOptions): Effect.Effect<World, Problem, Scope.Scope> =>
  Effect.gen(function* () {
    mkdirSync(o.directory, { recursive: true })
    const listeners = new Set<() => void>()
    const ring = () => {
      for (const listener of [...listeners]) listener()
    }
    const log = (file: string, line: string) => appendFileSync(join(o.directory, file), `${line}\n`)

    const model = yield* Effect.acquireRelease(
      Effect.promise(() => startModelServer()),
      (server) => Effect.promise(() => server.close())
    )
    model.onExchange((exchange) => {
      log("exchanges.jsonl", lineOf(exchange))
      ring()
    })

    const engine = yield* FakeEngine.make()
    const { baseUrl } = yield* Effect.orDie(engine.listen())
    engine.observations.onEvent((event) => {
      if (event._tag === "Ack" || event._tag === "Row") log("engine.jsonl", JSON.stringify(event))
      ring()
    })
    yield* Effect.orDie(engine.registerAgent("alice"))

    const directory = join(o.directory, "home")
    const homes = o.programs.map(({ family, installed }) =>
      prepareHome({
        family,
        version: installed.version,
        modelUrl: model.url(family),
        directory,
        binDirectories: [...(o.binDirectories ?? []), ...o.programs.map((each) => each.installed.binDirectory)],
        ...(o.firstStart === undefined ? {} : { firstStart: o.firstStart }),
        ...(o.compactAt === undefined ? {} : { compactAt: o.compactAt })
      })
    )
    const [
      first = prepareHome({
        family: "qwen",
        version: "",
        modelUrl: model.url("nobody"),
        directory,
        binDirectories: o.binDirectories ?? []
      })
    ] = homes
    const home: Home = { ...first, env: Object.assign({}, first.env, ...homes.map(({ env }) => env), o.env ?? {}) }
    o.prepare?.(home)

    const events: Array<BrokerProcessEvent> = []
    interface Run {
      readonly process: BrokerProcess
      readonly scope: Scope.CloseableScope
    }
    let run: Run | undefined
    const start = Effect.gen(function* () {
      const scope = yield* Scope.make()
      const started = yield* startBroker({
        program: o.broker,
        home: home.home,
        engineUrl: baseUrl,
        workspaceKey: engine.key(),
        args: o.brokerArgs ?? [],
        env: home.env
      }).pipe(Scope.extend(scope))
      run = { process: started, scope }
      const listening = yield* started.events().pipe(Scope.extend(scope))
      const reading = listening.take.pipe(
        Effect.tap((event) =>
          Effect.sync(() => {
            if (event.kind !== "worker_stream") {
              events.push(event)
              log("events.jsonl", JSON.stringify({ seen: Date.now(), ...event }))
            }
            ring()
          })
        ),
        Effect.forever,
        Effect.ignore
      )
      const fiber = yield* Effect.forkDaemon(reading)
      yield* Scope.addFinalizer(scope, Fiber.interrupt(fiber))
      // A broker that is not `--persist` ends when nobody holds its lease.
      const leasing = started
        .call("POST", "/api/session/renew")
        .pipe(Effect.ignore, Effect.repeat(Schedule.spaced("20 seconds")))
      const lease = yield* Effect.forkDaemon(leasing)
      yield* Scope.addFinalizer(scope, Fiber.interrupt(lease))
      yield* engine.awaitNode()
    }).pipe(Effect.mapError((error) => new Problem({ reason: `the broker did not start: ${error.message}` })))

    const end = (signal: NodeJS.Signals) =>
      Effect.gen(function* () {
        if (run === undefined) return
        const { process: broker, scope } = run
        run = undefined
        yield* broker.kill(signal)
        yield* broker.exited.pipe(Effect.timeoutOption("20 seconds"))
        writeFileSync(join(o.directory, `broker-${broker.pid}.log`), broker.stderr())
        yield* Scope.close(scope, Exit.void)
      })

    const processes = () => processesOf(home.home, new Set(run === undefined ? [] : [run.process.pid]))
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        yield* end("SIGTERM")
        for (const { pid } of processes()) {
          try {
            process.kill(pid, "SIGKILL")
          } catch {
            // It ended by itself.
          }
        }
      })
    )
    yield* start

    const until: World["until"] = (what, check, withinMillis) => {
      const deadline = performance.now() + withinMillis
      const bell = Effect.async<void>((resume) => {
        const listener = () => {
          listeners.delete(listener)
          resume(Effect.void)
        }
        listeners.add(listener)
        return Effect.sync(() => listeners.delete(listener))
      })
      return Effect.gen(function* () {
        for (;;) {
          const found = yield* check
          if (found !== undefined) return found
          if (performance.now() > deadline)
            return yield* new Problem({ reason: `not within ${withinMillis / 1_000} s: ${what}` })
          yield* bell.pipe(Effect.timeoutOption(lookMillis))
          // What comes together is looked at once.
          yield* Effect.yieldNow()
        }
      })
    }

    return {
      directory: o.directory,
      home,
      model,
      engine,
      broker: () => {
        if (run === undefined) throw new Error("no broker runs")
        return run.process
      },
      events,
      killBroker: end("SIGKILL"),
      stopBroker: end("SIGTERM"),
      startBroker: start,
      until,
      processes
    }
  })
