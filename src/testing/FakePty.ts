/**
 * Terminals without processes. A test says how a command behaves (`program`), or takes each started process (`next`) and
 * plays it by hand. It keeps the promises of the port; `test/pty/PtySuite.ts` holds it to them.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"
import { endProcess } from "../pty/endProcess.ts"
import type { LineMode } from "../pty/lineMode.ts"
import { Pty, type PtyExit, type PtyOptions, type PtyProcess, PtySpawnError } from "../pty/Pty.ts"

export interface FakeProcess {
  readonly options: PtyOptions
  readonly pid: number
  /** Every write the program took, in order. */
  readonly writes: ReadonlyArray<string>
  readonly signals: ReadonlyArray<NodeJS.Signals>
  readonly size: () => { readonly cols: number; readonly rows: number }
  readonly emit: (text: string) => Effect.Effect<void>
  /** Ends the program by itself; output emitted before stays readable. The first call counts. */
  readonly exit: (exit?: Partial<PtyExit>) => Effect.Effect<void>
  /** Runs inside each write, once the program took it; an echo belongs here. */
  readonly onWrite: (reaction: (text: string) => Effect.Effect<void>) => Effect.Effect<void>
  /** From now on writes wait; `readAgain` lets them go on. */
  readonly stopReading: Effect.Effect<void>
  readonly readAgain: Effect.Effect<void>
  /** The next writes fail so. */
  readonly refuseWrites: (error: PtyClosed | PtyBacklogFull | undefined) => Effect.Effect<void>
  /** From now on the terminal is so; at first the program has taken it over (raw, no echo of the kernel's). */
  readonly setLineMode: (mode: LineMode) => Effect.Effect<void>
  /** Whether the program is blocked reading its terminal; at first it is not. */
  readonly setReading: (reading: boolean) => Effect.Effect<void>
  /** Signals that do not end the program; SIGKILL always does. */
  readonly ignoreSignals: (...signals: ReadonlyArray<NodeJS.Signals>) => Effect.Effect<void>
  /** Takes a write; waits until the program has been given it. */
  readonly nextWrite: Effect.Effect<string>
}

export type FakeProgram = (process: FakeProcess) => Effect.Effect<void>

export class FakePty extends Context.Tag("relay-broker/testing/FakePty")<
  FakePty,
  {
    /** What a command does when it is started. Runs in a fiber of its own until the process ends. */
    readonly program: (command: string, program: FakeProgram) => Effect.Effect<void>
    /** The next process that was started and not taken yet. */
    readonly next: Effect.Effect<FakeProcess>
    /** There is no such command; every other one is there. */
    readonly missing: (command: string) => Effect.Effect<void>
    readonly failNextSpawn: (reason: string) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<FakePty | Pty> = Layer.effectContext(
    Effect.gen(function* () {
      const programs = new Map<string, FakeProgram>()
      const started = yield* Mailbox.make<FakeProcess>()
      const missing = new Set<string>()
      let failure: string | undefined
      let lastPid = 1_000

      const locate: Pty["Type"]["locate"] = ({ command }) =>
        missing.has(command)
          ? Effect.fail(new PtySpawnError({ command, reason: `command not found: ${command}` }))
          : Effect.succeed(command)

      const spawn = (options: PtyOptions): Effect.Effect<PtyProcess, PtySpawnError, Scope.Scope> =>
        Effect.gen(function* () {
          const reason = failure
          failure = undefined
          if (reason !== undefined) return yield* new PtySpawnError({ command: options.command, reason })
          const { fake, port } = yield* start(options, ++lastPid)
          yield* started.offer(fake)
          const program = programs.get(options.command)
          if (program !== undefined) yield* Effect.forkScoped(program(fake))
          return port
        })

      return Context.make(Pty, { locate, spawn }).pipe(
        Context.add(FakePty, {
          program: (command, program) => Effect.sync(() => void programs.set(command, program)),
          next: Effect.orDie(started.take),
          missing: (command) => Effect.sync(() => void missing.add(command)),
          failNextSpawn: (reason) =>
            Effect.sync(() => {
              failure = reason
            })
        })
      )
    })
  )
}

const backlogBytes = 8 * 1024 * 1024
const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

const start = (options: PtyOptions, pid: number) =>
  Effect.gen(function* () {
    const output = yield* Mailbox.make<string>()
    const written = yield* Mailbox.make<string>()
    const exited = yield* Deferred.make<PtyExit>()
    const reading = yield* Effect.makeLatch(true)
    const turn = yield* Effect.makeSemaphore(1)
    const writes: Array<string> = []
    const signals: Array<NodeJS.Signals> = []
    const ignored = new Set<NodeJS.Signals>()
    let size = { cols: options.cols, rows: options.rows }
    let waitingBytes = 0
    let gone = false
    let mode: LineMode = { canonical: false, echo: false, endOfFile: undefined }
    let isReading = false
    let refusal: PtyClosed | PtyBacklogFull | undefined
    let react: (text: string) => Effect.Effect<void> = () => Effect.void

    const exit = (end: Partial<PtyExit> = {}) =>
      Effect.sync(() => {
        if (gone) return
        gone = true
        output.unsafeDone(Exit.void)
        Deferred.unsafeDone(exited, Effect.succeed({ exitCode: 0, signal: 0, ...end }))
      })
    const closed = (data: string) => new PtyClosed({ written: 0, total: Buffer.byteLength(data) })
    const take = (data: string) =>
      Effect.gen(function* () {
        // The loser must end also where the writer may not be interrupted.
        yield* Effect.raceFirst(Effect.interruptible(reading.await), Effect.interruptible(Deferred.await(exited)))
        if (gone) return yield* closed(data)
        writes.push(data)
        written.unsafeOffer(data)
        yield* react(data)
      }).pipe(turn.withPermits(1))
    const write = (data: string) =>
      Effect.suspend((): Effect.Effect<void, PtyClosed | PtyBacklogFull> => {
        if (refusal !== undefined) return Effect.fail(refusal)
        if (gone) return Effect.fail(closed(data))
        const bytes = Buffer.byteLength(data)
        if (waitingBytes + bytes > backlogBytes) return Effect.fail(new PtyBacklogFull({ limitBytes: backlogBytes }))
        waitingBytes += bytes
        return Effect.ensuring(
          take(data),
          Effect.sync(() => {
            waitingBytes -= bytes
          })
        )
      })
    const signal = (name: NodeJS.Signals) =>
      Effect.suspend(() => {
        if (gone) return Effect.void
        signals.push(name)
        const survives = name !== "SIGKILL" && ignored.has(name)
        return survives ? Effect.void : exit({ signal: signalNumbers[name] ?? 15 })
      })

    const fake: FakeProcess = {
      options,
      pid,
      writes,
      signals,
      size: () => size,
      emit: (text) => Effect.sync(() => void output.unsafeOffer(text)),
      exit,
      onWrite: (reaction) =>
        Effect.sync(() => {
          react = reaction
        }),
      stopReading: reading.close.pipe(Effect.asVoid),
      readAgain: reading.open.pipe(Effect.asVoid),
      refuseWrites: (error) =>
        Effect.sync(() => {
          refusal = error
        }),
      setLineMode: (next) =>
        Effect.sync(() => {
          mode = next
        }),
      setReading: (next) =>
        Effect.sync(() => {
          isReading = next
        }),
      ignoreSignals: (...names) => Effect.sync(() => names.forEach((name) => void ignored.add(name))),
      nextWrite: Effect.orDie(written.take)
    }
    const port: PtyProcess = {
      pid,
      output,
      exit: Deferred.await(exited),
      write,
      lineMode: Effect.sync(() => mode),
      isReading: Effect.sync(() => isReading),
      resize: (cols, rows) =>
        Effect.suspend(() => {
          if (gone) return Effect.fail(new PtyClosed({ written: 0, total: 0 }))
          size = { cols: Math.max(1, cols), rows: Math.max(1, rows) }
          return Effect.void
        }),
      signal
    }
    yield* Effect.addFinalizer(() =>
      gone ? Effect.void : Effect.zipRight(endProcess({ signal, exit: port.exit }), exit({ signal: 9 }))
    )
    return { fake, port }
  })
