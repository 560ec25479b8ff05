/** A sidecar's process: leader of a group of its own, so that nothing it started is left; both outputs go to one log file. */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { messageOf } from "../domain/Errors.ts"
import { type ChildRecords, unrecorded } from "../pty/ChildRecords.ts"
import { closeOnExec } from "../pty/closeOnExec.ts"
import { childEnvironment, type Inherited } from "../workers/childEnvironment.ts"
import type { SidecarCommand } from "./supervisedCommand.ts"

export class SidecarNotStarted extends Schema.TaggedError<SidecarNotStarted>()("SidecarNotStarted", {
  reason: Schema.String
}) {
  override get message() {
    return `not started: ${this.reason}`
  }
}

export interface SidecarProcess {
  readonly pid: number
  /** How it ended: `exit code 1`, `SIGKILL`. What is left of its group is killed then. */
  readonly exit: Effect.Effect<string>
  /** To the whole group. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
}

/** A port: tests start nothing. */
export type LaunchSidecar = (command: SidecarCommand) => Effect.Effect<SidecarProcess, SidecarNotStarted>

const signalGroup = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // Nobody is left of it, or nobody whom we may signal.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error
  }
}

const openLog = (path: string | undefined): number | "ignore" => {
  if (path === undefined) return "ignore"
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return openSync(path, "a", 0o600)
}

export interface LauncherOptions {
  readonly inherited: Inherited
  readonly logPath: string | undefined
  /** Where it is recorded while it runs; without it, nowhere. */
  readonly children?: ChildRecords
}

export const launcher = (o: LauncherOptions): LaunchSidecar => {
  const { children = unrecorded } = o
  const start = ({ argv: [program, ...words], cwd, env }: SidecarCommand): ChildProcess => {
    const log = openLog(o.logPath)
    try {
      const stdio = ["ignore", log, log] as const
      closeOnExec()
      return spawn(program, words, { cwd, env: childEnvironment(o.inherited, env), detached: true, stdio: [...stdio] })
    } finally {
      if (log !== "ignore") closeSync(log)
    }
  }
  return (command) =>
    Effect.gen(function* () {
      const exit = yield* Deferred.make<string>()
      const record = children.open("the sidecar")
      const child = yield* Effect.try({
        try: () => start({ ...command, env: { ...command.env, ...record.mark } }),
        catch: (error) => new SidecarNotStarted({ reason: messageOf(error) })
      })
      return yield* Effect.async<SidecarProcess, SidecarNotStarted>((resume) => {
        child.once("error", (error) => resume(Effect.fail(new SidecarNotStarted({ reason: error.message }))))
        child.once("exit", (code, signal) => {
          if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL")
          record.remove()
          Deferred.unsafeDone(exit, Effect.succeed(signal ?? `exit code ${code}`))
        })
        child.once("spawn", () => {
          const { pid } = child
          if (pid === undefined) return
          const signal = (name: NodeJS.Signals) =>
            Effect.sync(() => {
              // Afterwards the number may be another's.
              if (child.exitCode === null && child.signalCode === null) signalGroup(pid, name)
            })
          resume(Effect.as(record.write(pid), { pid, exit: Deferred.await(exit), signal }))
        })
      })
    })
}
