/**
 * One agent's process in a terminal, from start to exit: its output goes to evidence, readiness, events and the log, its
 * messages come through the injector.
 *
 * Invariants: 1. a worker is `starting`, `live` from `announce`, then `ended`; only a live one has exit events · 2. at the
 * end the order is: last output, log, unfinished messages, the table (`onGone`), events, `exit` · 3. reading is paced: one
 * that floods its terminal costs the others a bounded share of the event loop.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentId, Generation } from "../domain/Ids.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { Events } from "../events/Events.ts"
import type { Harness } from "../harness/Harness.ts"
import type { CommandLine } from "../harness/Launch.ts"
import type { LaunchedChannel } from "../harness/Launcher.ts"
import { makeComposer, sanitiseInline } from "../injection/RelayLine.ts"
import * as TerminalInput from "../injection/TerminalInput.ts"
import { deadReasonOf, type Worker, type WorkerExit } from "../injection/Worker.ts"
import { type ChildRecords, recorded } from "../pty/ChildRecords.ts"
import { Pty, type PtyExit, type PtyProcess, type PtySpawnError } from "../pty/Pty.ts"
import { Screen } from "../pty/Screen.ts"
import { makeStripper, makeTail } from "../pty/terminalText.ts"
import * as Activity from "./Activity.ts"
import * as LogFile from "./LogFile.ts"
import * as OutputEvents from "./OutputEvents.ts"
import { makeContextSign } from "./outputSigns.ts"
import type * as ReadingPace from "./ReadingPace.ts"
import { readPaced } from "./readPaced.ts"
import * as ScreenReplies from "./ScreenReplies.ts"

export interface PtyWorkerOptions {
  readonly spec: AgentSpec
  readonly agentId: AgentId | undefined
  readonly resumed: boolean
  readonly generation: Generation
  readonly harness: Harness
  readonly commandLine: CommandLine
  /** Opened before the start. */
  readonly channel: LaunchedChannel | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly logPath: string | undefined
  readonly children: ChildRecords
  readonly idleMillis: number
  /** Shared by all that are read. */
  readonly pace: ReadingPace.ReadingPace
  /** The worker has ended; runs before anybody is told. */
  readonly onGone: Effect.Effect<void>
  /** The program has another session than before. */
  readonly onSession: () => void
}

export interface StartedWorker {
  readonly worker: Worker
  /** Makes it live: readiness is announced and typing may begin. False when it has ended already. */
  readonly announce: Effect.Effect<boolean>
  /** It takes input or asks something. */
  readonly settled: Effect.Effect<void>
}

const lastOutputCharacters = 2_000
/** Time to end by itself after its exit keys. Low: work is cut off; high: releases take longer where they do nothing. */
const exitKeysMillis = 1_000
/** A program whose terminal is closed is ended when it does not end by itself. */
const exitAfterOutputMillis = 2_000

/** The scope holds everything of the worker; closing it ends the program. */
export const start = (
  options: PtyWorkerOptions
): Effect.Effect<StartedWorker, PtySpawnError, Pty | Screen | Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agentId, generation, harness, logPath, spec } = options
    const { name } = spec
    const events = yield* Events
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const workerScope = yield* Effect.scope
    const terminalScope = yield* Scope.fork(workerScope, workerScope.strategy)
    const pty = yield* Scope.extend(spawnPty(options), terminalScope)
    const screen = yield* Effect.flatMap(Screen, (screen) =>
      Effect.flatMap(ScreenReplies.make(pty.write), (onReply) => screen.open({ ...sizeOf(spec), onReply }))
    )
    const startedAtMillis = now()
    const exited = yield* Deferred.make<WorkerExit>()
    /** It showed its composer, or asks something: its start is over. */
    const shownOrAsking = yield* Effect.makeLatch(false)
    const groupGone = yield* Deferred.make<void>()

    let phase: "starting" | "live" | "ended" = "starting"
    let ending: Exclude<WorkerExit["reason"], "child_exited"> | undefined
    let outputBytes = 0
    let lastOutput = ""
    let { channels, model } = spec
    let current = spec
    const strip = makeStripper()
    const tail = makeTail(lastOutputCharacters)
    const contextSign = makeContextSign()

    const log = logPath === undefined ? LogFile.none : yield* LogFile.open(logPath)
    const outputEvents = yield* OutputEvents.make(name)
    const activity: Activity.Activity = yield* Activity.make({
      name,
      startedAtMillis,
      idleMillis: options.idleMillis,
      queued: () => input.injector.queued()
    })
    const resize = (cols: number, rows: number) =>
      Effect.suspend(() => {
        screen.unsafeResize(cols, rows)
        return Effect.tap(pty.resize(cols, rows), () => {
          outputEvents.unsafeFlush()
          events.unsafePublish({ kind: "agent_resized", name, rows, cols })
        })
      })
    const input: TerminalInput.TerminalInput = yield* TerminalInput.make({
      agent: name,
      rules: harness.terminal,
      launched: options.channel,
      environment: options.environment,
      pty: { pid: pty.pid, write: pty.write, lineMode: pty.lineMode, isReading: pty.isReading, resize },
      view: screen.view,
      startedAtMillis,
      compose: makeComposer({
        spec,
        preRegistered: agentId !== undefined,
        style: harness.terminal.reminder,
        outputBytes: () => outputBytes
      }),
      onProgress: activity.unsafeTouch,
      onReady: () => openWhenLive(),
      onAsking: () => {
        if (input.asking() !== undefined) shownOrAsking.unsafeOpen()
      },
      onSession: (signal) => {
        if (signal._tag === "SessionLost") {
          const message = `its session ${signal.id} could not go on: ${signal.reason}; it has a fresh one`
          const error = { code: "session_lost", message, retryable: false }
          return events.unsafePublish({ kind: "worker_error", name, error })
        }
        if (signal.id === current.sessionRef) return
        current = { ...current, sessionRef: signal.id }
        options.onSession()
      }
    })
    const { injector, writer } = input
    const openWhenLive = () => {
      const readiness = input.readiness()
      if (readiness === "ready") shownOrAsking.unsafeOpen()
      if (phase !== "live" || readiness !== "ready") return
      const { cli, sessionRef: sessionId = null } = current
      events.unsafePublish({
        ...{ kind: "worker_ready", name, runtime: "pty", provider: null },
        ...{ cli, model: model ?? null, sessionId, pid: pty.pid, readiness }
      })
      injector.unsafeOpen()
    }

    const onOutput = (chunk: string) => {
      const at = now()
      outputBytes += chunk.length
      activity.unsafeTouch(at)
      screen.unsafeWrite(chunk)
      const plain = strip(chunk)
      lastOutput = tail(plain)
      input.unsafeOutput(plain, at)
      outputEvents.unsafeAdd(chunk, at)
      log.unsafeAppend(chunk, at)
      const contextLow = contextSign(plain)
      if (contextLow !== undefined) events.unsafePublish({ kind: "agent_context_low", name, pct: contextLow })
    }
    const onDrawn = () => input.unsafeDrawn(now())

    const closeTerminal = Scope.close(terminalScope, Exit.void)
    const exitOf = (status: PtyExit): WorkerExit => ({
      exitCode: status.signal === 0 ? status.exitCode : null,
      signal: status.signal === 0 ? null : status.signal,
      reason: ending ?? "child_exited",
      lastOutput,
      lastLines: input.lastLines()
    })
    const life = Effect.gen(function* () {
      yield* readPaced(pty.output, onOutput, onDrawn, options.pace.share(), log.drained)
      const status = yield* exitOrEnd(pty, closeTerminal)
      outputEvents.unsafeFlush()
      yield* log.close
      const exit = exitOf(status)
      yield* injector.close(deadReasonOf[exit.reason])
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

    /** A program that does not read its terminal, or not soon, is ended all the same. */
    const typeExit = Effect.suspend(() => {
      const { exitKeys } = harness.terminal
      if (exitKeys === undefined || input.readiness() === "starting") return Effect.void
      return pty
        .write(exitKeys)
        .pipe(Effect.ignore, Effect.zipRight(pty.exit), Effect.interruptible, Effect.timeoutOption(exitKeysMillis))
    })
    const end = (reason: NonNullable<typeof ending>) =>
      Effect.suspend(() => {
        if (ending !== undefined || phase === "ended") return Effect.void
        ending = reason
        // Nothing more is typed to a program that is told to end. In the worker's scope: a caller may be interrupted.
        // Not cut short by the end of the program itself, after which the worker's scope is closed.
        return injector
          .close(deadReasonOf[reason])
          .pipe(
            Effect.zipRight(reason === "released" ? typeExit : Effect.void),
            Effect.zipRight(closeTerminal),
            Effect.zipRight(Deferred.succeed(groupGone, undefined)),
            Effect.uninterruptible,
            Effect.forkIn(workerScope)
          )
      }).pipe(
        Effect.zipRight(Deferred.await(exited)),
        // Its children may take longer than the program itself. At shutdown the scopes wait for them.
        Effect.tap(() => (ending === "released" ? Deferred.await(groupGone) : Effect.void))
      )

    const worker: Worker = {
      name,
      generation,
      agentId,
      get spec() {
        return current
      },
      runtime: "pty",
      provider: undefined,
      pid: pty.pid,
      startedAtMillis,
      resumed: options.resumed,
      logPath,
      status: Effect.sync(() => ({
        readiness: input.readiness(),
        currentState: activity.state(now(), injector.waiting()),
        lastActivityMillis: activity.lastMillis(),
        queued: injector.queued(),
        waiting: injector.waiting(),
        asking: input.asking(),
        channel: input.channel.status()
      })),
      submit: injector.submit,
      write: (data, { human = false } = {}) => writer.keys(data, human),
      settle: injector.settle,
      lookup: input.channel.lookup,
      mode: injector.mode,
      setMode: injector.setMode,
      pending: injector.pending,
      flush: injector.flush,
      hold: injector.stop(true),
      resume: injector.stop(false),
      snapshot: (format) => Effect.sync(() => screen.snapshot(format)),
      resize: writer.resize,
      channels: Effect.sync(() => channels),
      setChannels: (next) =>
        Effect.sync(() => {
          channels = next
        }),
      model: Effect.sync(() => model),
      setModel: (next) =>
        Effect.tap(injector.command(`/model ${sanitiseInline(next)}`), () =>
          Effect.sync(() => {
            model = next
          })
        ),
      exit: Deferred.await(exited),
      silence: injector.close("agent_released"),
      end
    }
    const announce = Effect.suspend(() => {
      if (phase !== "starting") return Effect.succeed(false)
      phase = "live"
      // In a fiber of its own: whoever started the worker says so first.
      return Effect.as(Effect.forkIn(Effect.zipRight(Effect.yieldNow(), Effect.sync(openWhenLive)), workerScope), true)
    })

    yield* Effect.forkIn(life, workerScope)
    return { worker, announce, settled: shownOrAsking.await }
  })

const sizeOf = (spec: AgentSpec) => ({ cols: spec.cols ?? 220, rows: spec.rows ?? 50 })

const spawnPty = ({ children, commandLine, environment, spec }: PtyWorkerOptions) =>
  Effect.flatMap(Pty, (pty) =>
    recorded(children, `agent ${spec.name}`, (mark) =>
      pty.spawn({ ...commandLine, cwd: spec.cwd, env: { ...environment, ...mark }, ...sizeOf(spec) })
    )
  )

const exitOrEnd = (pty: PtyProcess, closeTerminal: Effect.Effect<void>) =>
  Effect.timeoutOption(pty.exit, exitAfterOutputMillis).pipe(
    Effect.flatMap((exit) => (exit._tag === "Some" ? exit : Effect.zipRight(closeTerminal, pty.exit)))
  )
