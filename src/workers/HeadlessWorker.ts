/**
 * An agent for one message (S 3.5): the program is started with it, and its end is the agent's. No terminal, no readiness.
 *
 * Invariants: 1. the message counts as delivered when the program has succeeded with it, and as given up when it has not;
 * a run that was cut short leaves it unfinished · 2. what comes after it is refused, and waits no longer than the run ·
 * 3. the order at the end is that of `PtyWorker`.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentId, Generation } from "../domain/Ids.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { Events } from "../events/Events.ts"
import { type HeadlessRules, headlessCall } from "../harness/Headless.ts"
import type { CommandLine } from "../harness/Launch.ts"
import { deliveryEvents } from "../injection/deliveryEvents.ts"
import { deadReasonOf, type InjectionItem, type Worker, type WorkerExit } from "../injection/Worker.ts"
import { type ChildRecords, recorded } from "../pty/ChildRecords.ts"
import type { PtyExit } from "../pty/Pty.ts"
import { makeTail } from "../pty/terminalText.ts"
import * as Activity from "./Activity.ts"
import * as LogFile from "./LogFile.ts"
import * as MessageLine from "./MessageLine.ts"
import * as ProgramRun from "./ProgramRun.ts"
import type { StartedWorker } from "./PtyWorker.ts"
import type * as ReadingPace from "./ReadingPace.ts"
import { fromLine, withoutTerminal } from "./withoutTerminal.ts"

export interface HeadlessWorkerOptions {
  readonly spec: AgentSpec
  readonly agentId: AgentId | undefined
  readonly resumed: boolean
  readonly generation: Generation
  readonly rules: HeadlessRules
  readonly commandLine: CommandLine
  readonly environment: Readonly<Record<string, string>>
  readonly logPath: string | undefined
  readonly children: ChildRecords
  readonly idleMillis: number
  /** Shared by all that are read. */
  readonly pace: ReadingPace.ReadingPace
  readonly onGone: Effect.Effect<void>
}

type End = Pick<WorkerExit, "exitCode" | "signal">

const lastOutputCharacters = 2_000
const linesOf = (output: string) =>
  output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-12)

export const start = (options: HeadlessWorkerOptions): Effect.Effect<StartedWorker, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agentId, commandLine, generation, logPath, rules, spec } = options
    const { name } = spec
    const { provider } = rules
    const events = yield* Events
    const steps = deliveryEvents(events, name)
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const wall = () => clock.unsafeCurrentTimeMillis()
    const startedAtMillis = now()
    const workerScope = yield* Effect.scope
    const programScope = yield* Scope.fork(workerScope, workerScope.strategy)
    const exited = yield* Deferred.make<WorkerExit>()
    let phase: "starting" | "live" | "ended" = "starting"
    let ending: "released" | "shutdown" | undefined
    let pid: number | undefined
    let lastOutput = ""
    let position = 0
    const tail = makeTail(lastOutputCharacters)
    const log = logPath === undefined ? LogFile.none : yield* LogFile.open(logPath)
    const activity: Activity.Activity = yield* Activity.make({
      name,
      startedAtMillis,
      idleMillis: options.idleMillis,
      queued: () => line.queued()
    })
    const line = yield* MessageLine.make({ agent: name, onProgress: activity.unsafeTouch, obstacle: () => undefined })

    const onLine = (stream: "stdout" | "stderr", text: string) => {
      const at = now()
      activity.unsafeTouch(at)
      lastOutput = tail(`${text}\n`)
      position += text.length
      log.unsafeAppend(`${text}\n`, at)
      events.unsafePublish({ kind: "worker_stream", name, stream, chunk: text, position })
    }

    const failedToStart = (item: InjectionItem, reason: string) =>
      Effect.zipRight(
        Effect.sync(() => {
          lastOutput = reason
          events.unsafePublish({
            kind: "worker_error",
            name,
            error: { code: "spawn_failed", message: reason, retryable: false }
          })
        }),
        line.givenUp(item, "program_failed", reason)
      )

    const over = (item: InjectionItem, { exitCode, signal }: PtyExit) => {
      if (ending !== undefined) return Effect.void
      if (exitCode === 0 && signal === 0) return line.submitted(item, "turn_completed", "headless")
      const how = signal === 0 ? `exited with code ${exitCode}` : `was ended by signal ${signal}`
      return line.givenUp(item, "program_failed", `${commandLine.command} ${how}`)
    }

    const run = (item: InjectionItem) =>
      Effect.gen(function* () {
        yield* item.onTyping
        const started = yield* recorded(options.children, `agent ${spec.name}`, (mark) =>
          ProgramRun.start({
            ...headlessCall(rules, commandLine, item.delivery.message.text),
            cwd: spec.cwd,
            env: { ...options.environment, ...rules.environment, ...mark },
            onLine,
            share: options.pace.share(),
            drained: log.drained
          })
        ).pipe(Scope.extend(programScope), Effect.either)
        if (Either.isLeft(started)) {
          yield* failedToStart(item, started.left.message)
          return { exitCode: null, signal: null } satisfies End
        }
        pid = started.right.pid
        steps.injected(item, wall())
        steps.active(item, `headless:${provider}`)
        const exit = yield* started.right.exit
        yield* over(item, exit)
        return { exitCode: exit.signal === 0 ? exit.exitCode : null, signal: exit.signal || null } satisfies End
      })

    const turn = yield* Effect.forkIn(Effect.flatMap(line.take, run), workerScope)
    /** Nothing was started, so nothing has a code. */
    const never: End = { exitCode: null, signal: null }

    const life = Effect.gen(function* () {
      const ended = yield* Fiber.await(turn)
      yield* Scope.close(programScope, Exit.void)
      yield* log.close
      const exit: WorkerExit = {
        ...(Exit.isSuccess(ended) ? ended.value : never),
        reason: ending ?? "child_exited",
        lastOutput,
        lastLines: linesOf(lastOutput)
      }
      yield* line.close(deadReasonOf[exit.reason])
      const wasLive = phase === "live"
      phase = "ended"
      yield* options.onGone
      if (wasLive && exit.reason === "child_exited") {
        events.unsafePublish({ kind: "agent_exit", name, reason: exit.reason })
        const signal = exit.signal === null ? null : String(exit.signal)
        events.unsafePublish({
          ...{ kind: "agent_exited", name, code: exit.exitCode, signal, reason: exit.reason },
          lines: exit.lastLines
        })
      }
      yield* Deferred.succeed(exited, exit)
    })

    const end = (reason: "released" | "shutdown") =>
      Effect.suspend(() => {
        if (ending !== undefined || phase === "ended") return Effect.void
        ending = reason
        // The program first: its end ends the turn, with the exit code it came to. Without one the turn waits for a message.
        const stop = Effect.zipRight(
          Scope.close(programScope, Exit.void),
          pid === undefined ? Fiber.interrupt(turn) : Effect.void
        )
        return Effect.forkIn(stop, workerScope)
      }).pipe(Effect.zipRight(Deferred.await(exited)))

    const worker: Worker = {
      ...withoutTerminal(spec, () => lastOutput),
      name,
      generation,
      agentId,
      spec,
      runtime: "headless",
      provider,
      get pid() {
        return pid
      },
      startedAtMillis,
      resumed: options.resumed,
      logPath,
      ...fromLine(line, activity, now, "headless"),
      exit: Deferred.await(exited),
      silence: line.close("agent_released"),
      end
    }
    const ready = Effect.sync(() => {
      const { cli, model = null, sessionRef: sessionId = null } = spec
      events.unsafePublish({
        ...{ kind: "worker_ready", name, runtime: "headless", provider, cli, model, sessionId },
        ...{ pid: null, readiness: "ready" }
      })
    })
    const announce = Effect.suspend(() => {
      if (phase !== "starting") return Effect.succeed(false)
      phase = "live"
      // In a fiber of its own: whoever started the worker says so first.
      return Effect.as(Effect.forkIn(Effect.zipRight(Effect.yieldNow(), ready), workerScope), true)
    })
    yield* Effect.forkIn(life, workerScope)
    return { worker, announce, settled: Effect.void }
  })
