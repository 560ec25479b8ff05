/** Short commands that are run for a launch, without a shell and without a terminal. */
import { execFile } from "node:child_process"
import * as Effect from "effect/Effect"
import type { CommandLine } from "./Launch.ts"

export interface CommandPlace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export interface CommandResult {
  /** Null: it could not be run, or was ended because it took too long. */
  readonly exitCode: number | null
  readonly stdout: string
  /** What it printed there, or why it could not be run. */
  readonly stderr: string
}

const maxOutputBytes = 4 * 1024 * 1024

/** Never fails; ends the command when it is interrupted or takes longer than `timeoutMillis`. */
export const runCommand = (
  { args, command }: CommandLine,
  { cwd, env }: CommandPlace,
  timeoutMillis: number
): Effect.Effect<CommandResult> =>
  Effect.async<CommandResult>((resume) => {
    const child = execFile(
      command,
      [...args],
      { cwd, env: { ...env }, maxBuffer: maxOutputBytes, encoding: "utf8" },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : null
        resume(Effect.succeed({ exitCode, stdout, stderr: stderr === "" && error !== null ? error.message : stderr }))
      }
    )
    child.stdin?.end()
    return Effect.sync(() => void child.kill("SIGKILL"))
  }).pipe(
    Effect.timeoutTo({
      duration: timeoutMillis,
      onSuccess: (result: CommandResult) => result,
      onTimeout: (): CommandResult => ({ exitCode: null, stdout: "", stderr: `no end within ${timeoutMillis} ms` })
    })
  )
