/** One run of a program without a terminal: its lines as they come, its end, and signals to its whole process group. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CommandLine } from "../harness/Launch.ts"
import { findCommand } from "../pty/CommandLookup.ts"
import { endProcess } from "../pty/endProcess.ts"
import { type PtyExit, PtySpawnError } from "../pty/Pty.ts"

export interface ProgramRunOptions {
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
    const child = spawn(command, o.commandLine.args, {
      cwd: o.cwd,
      env: { ...o.env },
      // A group of its own, so that what it starts ends with it.
      detached: true,
      stdio: [o.input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
    })
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.once("error", (error) => resume(new PtySpawnError({ command, reason: error.message })))
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
    const child = yield* Effect.acquireRelease(started(o, command), (running) =>
      running.exitCode !== null || running.signalCode !== null
        ? signal(running)("SIGKILL")
        : endProcess({ signal: signal(running), exit })
    )
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream]! }).on("line", (line) => o.onLine(stream, line))
    }
    child.once("exit", (code, name) =>
      Deferred.unsafeDone(
        exited,
        Effect.succeed({ exitCode: code ?? 0, signal: name === null ? 0 : (signalNumbers[name] ?? 15) })
      )
    )
    child.once("close", () => Deferred.unsafeDone(drained, Effect.void))
    // A program that does not read its input, or is gone before it has: its exit tells.
    child.stdin?.on("error", () => {}).end(o.input)
    return { pid: child.pid!, exit: Effect.tap(exit, Effect.timeoutOption(Deferred.await(drained), drainMillis)) }
  })
