/** The command line: finds the command, reads its options, runs it, and turns whatever comes of it into an exit code. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Terminal from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { version } from "../domain/Version.ts"
import { helpFlags, normalise, suggestion } from "./argv.ts"
import { agents } from "./commands/agents.ts"
import { alerts } from "./commands/alerts.ts"
import { init } from "./commands/init.ts"
import { release } from "./commands/release.ts"
import { send } from "./commands/send.ts"
import { spawn } from "./commands/spawn.ts"
import { status } from "./commands/status.ts"
import { stop } from "./commands/stop.ts"
import type { Entry } from "./defineCommand.ts"
import { UsageError } from "./Failures.ts"
import { commandPage, programPage } from "./Help.ts"
import { layerLogging } from "./logging.ts"
import { plain } from "./Paint.ts"
import { Surroundings } from "./Surroundings.ts"
import { verdictOf } from "./Verdict.ts"

/** The process, as far as the command line needs it. */
export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
}

/** In the order of the help page. */
const entries: readonly [Entry, ...ReadonlyArray<Entry>] = [init, status, agents, spawn, release, send, stop, alerts]

const root = Command.make("relay-broker").pipe(
  Command.withSubcommands([entries[0].command, ...entries.slice(1).map(({ command }) => command)])
)

type Plan =
  | { readonly _tag: "Page"; readonly lines: ReadonlyArray<string>; readonly asked: boolean }
  | { readonly _tag: "Run"; readonly command: string; readonly argv: ReadonlyArray<string> }

const unknown = (word: string) => {
  const kind = word.startsWith("-") ? "option" : "command"
  const known = [...entries.map(({ name }) => name), "--help", "--version", "--completions"]
  return Either.left(new UsageError({ problem: `unknown ${kind} ${word}${suggestion(word, known)}`, command: "" }))
}

const page = (lines: ReadonlyArray<string>, asked = true): Either.Either<Plan> =>
  Either.right({ _tag: "Page", lines, asked })

const shells: ReadonlyArray<string> = ["bash", "zsh", "fish"]

/** What to do for the words of a command line. */
const plan = (given: ReadonlyArray<string>): Either.Either<Plan, UsageError> => {
  const [first, ...rest] = given
  if (first === undefined) return page(programPage(entries), false)
  if (helpFlags.includes(first)) return page(programPage(entries))
  if (first === "help") return plan([...rest.slice(0, 1), "--help"])
  if (first === "--completions") {
    return shells.includes(rest[0] ?? "")
      ? Either.right({ _tag: "Run", command: "", argv: [first, ...rest.slice(0, 1)] })
      : Either.left(new UsageError({ problem: `--completions needs one of ${shells.join(", ")}`, command: "" }))
  }
  const entry = entries.find(({ name }) => name === first)
  if (entry === undefined) return unknown(first)
  return normalise(rest, entry.words).pipe(
    Either.mapLeft((problem) => new UsageError({ problem, command: first })),
    Either.flatMap((argv) =>
      argv.some((word) => helpFlags.includes(word))
        ? page(commandPage(entry))
        : Either.right({ _tag: "Run", command: first, argv: [first, ...argv] })
    )
  )
}

/** Nothing here asks questions; the platform's own terminal costs start-up time. */
const noTerminal = Terminal.Terminal.of({
  columns: Effect.succeed(80),
  rows: Effect.succeed(24),
  isTTY: Effect.succeed(false),
  readInput: Effect.never,
  readLine: Effect.fail(new Terminal.QuitException()),
  display: () => Effect.void
})

const platform = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(Terminal.Terminal, noTerminal),
  CliConfig.layer({ showBuiltIns: false, isCaseSensitive: true })
)

const readAndRun = Command.run(root, { name: "relay-broker", version })

/** Mistakes in the arguments are told by us, in one line: what the framework prints about them goes nowhere. */
const consoleFor = (own: Console.Console, print: (text: string) => void): Console.Console => ({
  ...own,
  log: (...parts) => Effect.sync(() => print(`${parts.map(String).join(" ")}\n`)),
  error: () => Effect.void
})

const isWanted = (isTerminal: boolean, env: Process["env"]) => isTerminal && !env["NO_COLOR"]

const loggingOf = (command: string, { env, stderr, stderrIsTerminal }: Process) =>
  command === "init"
    ? layerLogging({ env, isTerminal: isWanted(stderrIsTerminal, env), write: stderr })
    : Logger.remove(Logger.defaultLogger)

/** Never fails: the exit code says how it went. Interruption passes through. */
export const run = (given: ReadonlyArray<string>, process: Process): Effect.Effect<number> => {
  const { cwd, env, stderr } = process
  const color = isWanted(process.stdoutIsTerminal, env)
  const stdout = (text: string) => process.stdout(color ? text : plain(text))
  const tell = (cause: Cause.Cause<unknown>, command: string) =>
    Effect.sync(() => {
      const verdict = verdictOf(cause, command)
      stderr(`relay-broker: ${verdict.cause}; ${verdict.wayOut}\n`)
      if (env["RELAY_LOG_LEVEL"] === "debug") stderr(`${Cause.pretty(cause)}\n`)
      return verdict.exitCode
    })

  const planned = plan(given)
  if (Either.isLeft(planned)) return tell(Cause.fail(planned.left), planned.left.command)
  const todo = planned.right
  if (todo._tag === "Page") {
    const print = todo.asked ? stdout : (text: string) => stderr(plain(text))
    return Effect.sync(() => {
      print(`${todo.lines.join("\n")}\n`)
      return todo.asked ? 0 : 2
    })
  }
  return Effect.console.pipe(
    Effect.flatMap((own) =>
      Effect.withConsole(readAndRun(["node", "relay-broker", ...todo.argv]), consoleFor(own, stdout))
    ),
    Effect.as(0),
    Effect.provide([platform, loggingOf(todo.command, process), Layer.succeed(Surroundings, { env, cwd })]),
    Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.interrupt : tell(cause, todo.command)))
  )
}
