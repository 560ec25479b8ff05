/**
 * One `codex app-server`: a program that is spoken to over its standard input and output. No socket, so that nobody else can
 * speak to it; and it ends by itself when its input ends (0.171: within 120 ms, in a turn too), which the kernel sees to
 * when the broker is killed.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { endProcess } from "../../pty/endProcess.ts"
import type { PtyExit } from "../../pty/Pty.ts"
import type { CommandLine } from "../Launch.ts"

export interface AppServerOptions {
  readonly commandLine: CommandLine
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export interface AppServer {
  readonly pid: number
  /** Whole lines, in order. At most one listener; what came before it is kept. */
  readonly listen: (listener: (line: string) => void) => void
  readonly send: (line: string) => void
  /** Nothing is read while paused: the program waits. */
  readonly pause: (paused: boolean) => void
  /** What can be said of its end: the last it wrote to its standard error, or its exit code. */
  readonly gone: Effect.Effect<string>
}

export type StartAppServer = (options: AppServerOptions) => Effect.Effect<AppServer, string, Scope.Scope>

/** How long it may take to end by itself. */
const farewellMillis = 1_000
const lastErrorCharacters = 500

const spawned = ({ commandLine, cwd, env }: AppServerOptions): Effect.Effect<ChildProcessWithoutNullStreams, string> =>
  Effect.async((resume) => {
    const failed = (error: unknown) => resume(Effect.fail((error as Error).message))
    try {
      // A group of its own: what is typed into the broker's terminal is not meant for it, and what it starts ends with it.
      const child = spawn(commandLine.command, commandLine.args, {
        cwd,
        env: { ...env },
        detached: true,
        stdio: "pipe"
      })
      child.once("spawn", () => resume(Effect.succeed(child)))
      child.once("error", failed)
    } catch (error) {
      failed(error)
    }
  })

const signalGroup = (child: ChildProcessWithoutNullStreams) => (name: NodeJS.Signals) =>
  Effect.sync(() => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // the group is gone
    }
  })

const end = (child: ChildProcessWithoutNullStreams, exit: Effect.Effect<PtyExit>) =>
  Effect.gen(function* () {
    const signal = signalGroup(child)
    child.stdin.end()
    const ended = yield* Effect.timeoutOption(Effect.interruptible(exit), farewellMillis)
    // What it started and left behind ends with it.
    if (ended._tag === "Some") yield* signal("SIGKILL")
    else yield* endProcess({ signal, exit })
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
  })

/** Splits into lines without looking at the same text twice. */
const makeLines = (onLine: (line: string) => void) => {
  let parts: Array<string> = []
  return (chunk: string) => {
    let from = 0
    for (let at = chunk.indexOf("\n"); at >= 0; at = chunk.indexOf("\n", from)) {
      parts.push(chunk.slice(from, at))
      onLine(parts.length === 1 ? (parts[0] ?? "") : parts.join(""))
      parts = []
      from = at + 1
    }
    if (from < chunk.length) parts.push(chunk.slice(from))
  }
}

/** The scope's end ends it. */
export const start: StartAppServer = (options) =>
  Effect.gen(function* () {
    const exited = yield* Deferred.make<PtyExit>()
    const exit = Deferred.await(exited)
    let lastError = ""
    const child = yield* Effect.acquireRelease(spawned(options), (running) => end(running, exit))
    child.once("exit", (code, signal) =>
      Deferred.unsafeDone(exited, Effect.succeed({ exitCode: code ?? 0, signal: signal === null ? 0 : 9 }))
    )
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => {})
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      lastError = (lastError + text).slice(-lastErrorCharacters)
    })
    const waiting: Array<string> = []
    let listener: (line: string) => void = (line) => void waiting.push(line)
    child.stdout.setEncoding("utf8").on(
      "data",
      makeLines((line) => listener(line))
    )
    const server: AppServer = {
      pid: child.pid ?? 0,
      listen: (next) => {
        listener = next
        for (const line of waiting.splice(0)) next(line)
      },
      send: (line) => void child.stdin.write(`${line}\n`),
      pause: (paused) => void (paused ? child.stdout.pause() : child.stdout.resume()),
      gone: Effect.map(exit, ({ exitCode, signal }) => {
        const how = signal === 0 ? `exit code ${exitCode}` : "a signal"
        return lastError.trim() === "" ? `its app-server ended with ${how}` : lastError.trim().replace(/\s+/g, " ")
      })
    }
    return server
  })
