/** A command line run in this process: what it printed, and its exit code. */
import * as Effect from "effect/Effect"
import { run } from "../../src/cli/Cli.ts"

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export const runCli = (
  words: ReadonlyArray<string>,
  o: { readonly env?: Record<string, string>; readonly cwd?: string; readonly color?: boolean } = {}
): Effect.Effect<Outcome> => {
  let out = ""
  let err = ""
  return Effect.map(
    run(words, {
      env: o.env ?? {},
      cwd: o.cwd ?? "/",
      stdout: (text) => {
        out += text
      },
      stderr: (text) => {
        err += text
      },
      stdoutIsTerminal: o.color ?? false,
      stderrIsTerminal: false
    }),
    (code) => ({ code, out, err })
  )
}
