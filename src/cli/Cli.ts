/** The command line: runs what its words ask for (`Plan`), and turns whatever comes of it into an exit code. */

import * as CliConfig from "@effect/cli/CliConfig"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Terminal from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { layerLogging } from "./logging.ts"
import { harmless, plain } from "./Paint.ts"
import { plan } from "./Plan.ts"
import { Surroundings } from "./Surroundings.ts"

// From a failure to the one line a person reads, the output that explains it, and the exit code a script reads. Plain functions.

interface Verdict {
  /** 1: it failed while it ran; 2: the arguments were wrong. */
  readonly exitCode: 1 | 2
  readonly cause: string
  readonly wayOut: string
  /** The end of what a program said before it failed, if one did. */
  readonly output: ReadonlyArray<string>
}

const outputLines = 10

/** Ways out of what can stop a broker from starting; the sentences of the errors themselves are matched by clients. */
const waysOut: Readonly<Record<string, string>> = {
  AlreadyRunning: "stop it with `relay-broker stop`, or choose another --instance-name or --state-dir",
  PortInUse: "choose another --api-port (0: a free one) or --api-bind",
  ConfigInvalid: "correct it and start again",
  IdentityUnavailable: "make it readable for this user",
  StateUnusable: "make it usable for this user, or choose another --state-dir",
  Unauthorized: "check the workspace key (--workspace-key, AGENT_RELAY_WORKSPACE_KEY)",
  EngineUnavailable: "check RELAY_BASE_URL and the network, and start again",
  EngineRejected: "check the workspace key and RELAY_BASE_URL",
  RateLimited: "wait, and start again",
  LaunchFailed: "make it possible, or put the server agent-relay there by hand",
  NodeIdMismatch: "choose another node name with --name"
}

const field = (error: unknown, name: string): string => {
  if (typeof error !== "object" || error === null || !(name in error)) return ""
  const value: unknown = error[name as keyof typeof error]
  return typeof value === "string" ? value : ""
}

const oneLine = (text: string) => harmless(plain(text)).replace(/\s+/g, " ").trim()

/** The last lines with something in them; of a line that was written over, what it was in the end. */
const lastLines = (text: string): ReadonlyArray<string> =>
  text
    .split(/\r?\n/)
    .map((line) => harmless(plain(line.replace(/\r+$/, "").split("\r").at(-1) ?? "")).trimEnd())
    .filter((line) => line !== "")
    .slice(-outputLines)

const ofFailure = (error: unknown, command: string): Verdict => {
  if (ValidationError.isValidationError(error)) {
    const cause = oneLine(HelpDoc.toAnsiText(error.error)).replace(/\.$/, "")
    return {
      exitCode: 2,
      cause,
      wayOut: `see \`relay-broker ${command === "" ? "" : `${command} `}--help\``,
      output: []
    }
  }
  const tag = field(error, "_tag")
  const isArgument =
    tag === "UsageError" ||
    tag === "NotCarriedOver" ||
    (tag === "ConfigInvalid" && field(error, "source").startsWith("--"))
  return {
    exitCode: isArgument ? 2 : 1,
    cause: oneLine(field(error, "message") || tag || String(error)),
    wayOut: field(error, "wayOut") || (waysOut[tag] ?? "RELAY_LOG_LEVEL=debug says more"),
    output: lastLines(field(error, "lastOutput"))
  }
}

const verdictOf = (cause: Cause.Cause<unknown>, command: string): Verdict =>
  Option.match(Cause.failureOption(cause), {
    onSome: (error) => ofFailure(error, command),
    onNone: () => ({
      exitCode: 1,
      cause: oneLine(`internal error: ${Cause.prettyErrors(cause)[0]?.message ?? "unknown"}`),
      wayOut: "this is a bug, please report it; RELAY_LOG_LEVEL=debug shows where it is",
      output: []
    })
  })

/** The process, as far as the command line needs it. */
export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Bytes written to stderr that nobody has read yet. */
  readonly stderrUnreadBytes?: () => number
  readonly stdoutIsTerminal: boolean
  /** Of that terminal. */
  readonly columns?: number | undefined
  readonly stderrIsTerminal: boolean
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

/** Mistakes in the arguments are told by us, in one line: what the framework prints about them goes nowhere. */
const consoleFor = (own: Console.Console, print: (text: string) => void): Console.Console => ({
  ...own,
  log: (...parts) => Effect.sync(() => print(`${parts.map(String).join(" ")}\n`)),
  error: () => Effect.void
})

const isWanted = (isTerminal: boolean, env: Process["env"]) => isTerminal && !env["NO_COLOR"]

const loggingOf = (command: string, { env, stderr, stderrIsTerminal, stderrUnreadBytes = () => 0 }: Process) =>
  command === "init"
    ? layerLogging({
        env,
        isTerminal: isWanted(stderrIsTerminal, env),
        write: stderr,
        unreadBytes: stderrUnreadBytes
      })
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
      for (const line of verdict.output) stderr(`  ${line}\n`)
      if (env["RELAY_LOG_LEVEL"] === "debug") stderr(`${Cause.pretty(cause)}\n`)
      return verdict.exitCode
    })

  const planned = plan(given)
  if (Either.isLeft(planned))
    return tell(Cause.fail(planned.left), "command" in planned.left ? planned.left.command : "")
  const todo = planned.right
  if (todo._tag === "Page") {
    const print = todo.asked ? stdout : (text: string) => stderr(plain(text))
    return Effect.sync(() => {
      print(`${todo.lines.join("\n")}\n`)
      return todo.asked ? 0 : 2
    })
  }
  const around: Surroundings["Type"] = {
    env,
    cwd,
    write: process.stdout,
    get columns() {
      return process.stdoutIsTerminal ? (process.columns ?? 80) : undefined
    }
  }
  return Effect.console.pipe(
    Effect.flatMap((own) => Effect.withConsole(todo.run, consoleFor(own, stdout))),
    Effect.as(0),
    Effect.provide([platform, loggingOf(todo.name, process), Layer.succeed(Surroundings, around)]),
    Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.interrupt : tell(cause, todo.name)))
  )
}
