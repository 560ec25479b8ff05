/** One run of a program without a terminal: its lines as they come, its end, and signals to its whole process group. */
import { type ChildProcess, spawn } from "node:child_process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import { messageOf } from "../domain/Errors.ts"
import type { CommandLine } from "../harness/Launch.ts"
import { findCommand } from "../pty/CommandLookup.ts"
import { closeOnExec } from "../pty/closeOnExec.ts"
import { endProcess } from "../pty/endProcess.ts"
import { type PtyExit, PtySpawnError } from "../pty/Pty.ts"
import { type ReadLinesOptions, readLines } from "./readLines.ts"

export interface ProgramRunOptions extends Pick<ReadLinesOptions, "share" | "drained"> {
  readonly commandLine: CommandLine
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Given on its standard input, which is otherwise empty. */
  readonly input: string | undefined
  /** Lines without their end, in order per stream. */
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void
}

export interface ProgramRun {
  readonly pid: number
  /** After its last line. */
  readonly exit: Effect.Effect<PtyExit>
}

/** What it started may hold its output open; nobody waits for that. */
const drainMillis = 1_000
const stepCharacters = 16 * 1024

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15
}

const started = (o: ProgramRunOptions, command: string): Effect.Effect<ChildProcess, PtySpawnError> =>
  Effect.async((resume) => {
    const failed = (error: unknown) => resume(new PtySpawnError({ command, reason: messageOf(error) }))
    try {
      closeOnExec()
      const child = spawn(command, o.commandLine.args, {
        cwd: o.cwd,
        env: { ...o.env },
        // A group of its own, so that what it starts ends with it.
        detached: true,
        stdio: [o.input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
      })
      child.once("spawn", () => resume(Effect.succeed(child)))
      child.once("error", failed)
    } catch (error) {
      failed(error) // thrown at once: arguments or variables that are too long, or have a NUL
    }
  })

/** The scope's end ends the group: SIGTERM, SIGHUP, after 2 s SIGKILL. */
export const start = (o: ProgramRunOptions): Effect.Effect<ProgramRun, PtySpawnError, Scope.Scope> =>
  Effect.gen(function* () {
    const command = yield* findCommand({ command: o.commandLine.command, cwd: o.cwd, env: o.env })
    const exited = yield* Deferred.make<PtyExit>()
    const drained = yield* Deferred.make<void>()
    const exit = Deferred.await(exited)
    const signal = (child: ChildProcess) => (name: NodeJS.Signals) =>
      Effect.sync(() => {
        try {
          process.kill(-child.pid!, name)
        } catch {
          // the group is gone
        }
      })
    let isOver = false
    /** To the last line, or to where nobody waits for more. */
    const settled = Effect.suspend(() =>
      isOver ? Effect.void : Effect.timeoutOption(Deferred.await(drained), drainMillis)
    ).pipe(
      Effect.zipRight(
        Effect.sync(() => {
          isOver = true
        })
      )
    )
    // Before the program, so that it reads on while that is ended.
    const reading = yield* FiberSet.make<void>()
    const child = yield* Effect.acquireRelease(started(o, command), (running) =>
      (running.exitCode !== null || running.signalCode !== null
        ? signal(running)("SIGKILL")
        : endProcess({ signal: signal(running), exit })
      ).pipe(
        Effect.zipRight(Effect.interruptible(settled)),
        // Whoever else holds the other end must not hold ours.
        Effect.zipRight(Effect.sync(() => void [running.stdout, running.stderr].map((stream) => stream?.destroy())))
      )
    )
    // What is left when it is gone is little, and is waited for: it is taken in short steps, without the pauses.
    let left = 0
    const share: ReadLinesOptions["share"] = (cost, nowMillis) => {
      if (child.exitCode === null && child.signalCode === null) return o.share(cost, nowMillis)
      left += cost
      if (left < stepCharacters) return 0
      left = 0
      return 1
    }
    const readAll = Effect.forEach(
      ["stdout", "stderr"] as const,
      (stream) => readLines(child[stream]!, { drained: o.drained, share, onLine: (line) => o.onLine(stream, line) }),
      { concurrency: "unbounded", discard: true }
    )
    yield* FiberSet.run(reading, Effect.zipRight(readAll, Deferred.succeed(drained, undefined)))
    child.once("exit", (code, name) =>
      Deferred.unsafeDone(
        exited,
        Effect.succeed({ exitCode: code ?? 0, signal: name === null ? 0 : (signalNumbers[name] ?? 15) })
      )
    )
    // A program that does not read its input, or is gone before it has: its exit tells.
    child.stdin?.on("error", () => {}).end(o.input)
    return { pid: child.pid!, exit: Effect.tap(exit, settled) }
  })
