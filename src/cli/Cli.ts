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
import { type CommandWords, normalise, suggestion } from "./argv.ts"
import * as agents from "./commands/agents.ts"
import * as alerts from "./commands/alerts.ts"
import * as init from "./commands/init.ts"
import * as release from "./commands/release.ts"
import * as send from "./commands/send.ts"
import * as spawn from "./commands/spawn.ts"
import * as status from "./commands/status.ts"
import * as stop from "./commands/stop.ts"
import { UsageError } from "./Failures.ts"
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

const root = Command.make("relay-broker").pipe(
  Command.withDescription("Hosts AI coding agents in pseudo-terminals and delivers every relaycast message to them."),
  Command.withSubcommands([
    init.command,
    status.command,
    agents.command,
    spawn.command,
    release.command,
    send.command,
    stop.command,
    alerts.command
  ])
)

const words: Readonly<Record<string, CommandWords>> = {
  init: init.words,
  status: status.words,
  agents: agents.words,
  spawn: spawn.words,
  release: release.words,
  send: send.words,
  stop: stop.words,
  alerts: alerts.words
}

export const commandNames: ReadonlyArray<string> = Object.keys(words)

interface Plan {
  /** Empty: the program's own help page. */
  readonly command: string
  readonly argv: ReadonlyArray<string>
  /** The help page is shown instead of what should have been asked for. */
  readonly nothingAsked: boolean
}

const usage = (problem: string, command = "") => Either.left(new UsageError({ problem, command }))

/** What to run for the words of a command line. */
const plan = (given: ReadonlyArray<string>): Either.Either<Plan, UsageError> => {
  const [first, ...rest] = given
  if (first === undefined) return Either.right({ command: "", argv: ["--help"], nothingAsked: true })
  if (first === "--help" || first === "-h") return Either.right({ command: "", argv: ["--help"], nothingAsked: false })
  if (first === "--completions") return Either.right({ command: "", argv: given, nothingAsked: false })
  if (first === "help") return plan(rest.length === 0 ? ["--help"] : [...rest.slice(0, 1), "--help"])
  const spec = Object.hasOwn(words, first) ? words[first] : undefined
  if (spec === undefined) {
    const kind = first.startsWith("-") ? "option" : "command"
    return usage(`unknown ${kind} ${first}${suggestion(first, [...commandNames, "--help", "--version"])}`)
  }
  return normalise(rest, spec).pipe(
    Either.mapLeft((problem) => new UsageError({ problem, command: first })),
    Either.map((argv) => ({ command: first, argv: [first, ...argv], nothingAsked: false }))
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

/** Never fails: the exit code says how it went. Interruption passes through. */
export const run = (given: ReadonlyArray<string>, process: Process): Effect.Effect<number> => {
  const planned = plan(given)
  const command = Either.isRight(planned) ? planned.right.command : planned.left.command
  const color = process.stdoutIsTerminal && !process.env["NO_COLOR"]
  const stdout = (text: string) => process.stdout(color ? text : plain(text))
  const logging =
    command === "init"
      ? layerLogging({
          env: process.env,
          isTerminal: process.stderrIsTerminal && !process.env["NO_COLOR"],
          write: process.stderr
        })
      : Logger.remove(Logger.defaultLogger)

  const tell = (cause: Cause.Cause<unknown>) =>
    Effect.sync(() => {
      const { cause: what, exitCode, wayOut } = verdictOf(cause, command)
      process.stderr(`relay-broker: ${what}; ${wayOut}\n`)
      if (process.env["RELAY_LOG_LEVEL"] === "debug") process.stderr(`${Cause.pretty(cause)}\n`)
      return exitCode
    })

  return Effect.gen(function* () {
    const { argv, nothingAsked } = yield* planned
    const own = yield* Effect.console
    const print = nothingAsked ? (text: string) => process.stderr(plain(text)) : stdout
    yield* Effect.withConsole(readAndRun(["node", "relay-broker", ...argv]), consoleFor(own, print))
    return nothingAsked ? 2 : 0
  }).pipe(
    Effect.provide([platform, logging, Layer.succeed(Surroundings, { env: process.env, cwd: process.cwd, color })]),
    Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.interrupt : tell(cause)))
  )
}
