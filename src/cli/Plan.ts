/** What the words of a command line ask for: a page, or a command with its options in order. Plain functions. */

import * as Command from "@effect/cli/Command"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { version } from "../domain/Version.ts"
import { helpFlags, normalise, suggestion } from "./argv.ts"
import { agents, attach, dumpPty, input, release, spawn } from "./commands/agents.ts"
import { alerts } from "./commands/alerts.ts"
import { deadLetters, deliveries } from "./commands/deliveries.ts"
import { init } from "./commands/init.ts"
import { logs } from "./commands/logs.ts"
import { mcpArgs } from "./commands/mcpArgs.ts"
import { invoke, send } from "./commands/send.ts"
import { drain, reconnect, status, stop } from "./commands/status.ts"
import type { Entry } from "./defineCommand.ts"
import { UsageError } from "./Failures.ts"
import { bold } from "./Paint.ts"
import type { Surroundings } from "./Surroundings.ts"

// Help pages: narrow enough for any terminal, and complete. Plain functions over what the commands say of themselves.

const pageWidth = 96

const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line === "") lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

type Pairs = ReadonlyArray<readonly [label: string, description: string]>

/** Two columns, the second one wrapped; a label that is too long for the first has a line of its own. */
const columns = (pairs: Pairs): ReadonlyArray<string> => {
  const indent = Math.min(26, Math.max(...pairs.map(([label]) => label.length)) + 4)
  return pairs.flatMap(([label, description]) => {
    const [first = "", ...more] = wrapped(description, pageWidth - indent)
    const start = `  ${label}`.padEnd(indent)
    const rest = more.map((line) => " ".repeat(indent) + line)
    return label.length + 4 > indent ? [start, " ".repeat(indent) + first, ...rest] : [start + first, ...rest]
  })
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", bold(title), ...lines]

const usageOf = ({ name, parameters, passThrough, positionals }: Entry): string => {
  const labels = positionals.map(({ label, repeated }) =>
    repeated && passThrough ? `[-- ${label.slice(1, -1)}]` : label
  )
  return ["relay-broker", name, ...(parameters.length === 0 ? [] : ["[options]"]), ...labels].join(" ")
}

/** Of all of them, subcommands included. */
const summaries = (entries: ReadonlyArray<Entry>): Pairs =>
  entries.flatMap(({ name, subcommands, summary }) => [[name, summary] as const, ...summaries(subcommands)])

const commandPage = (entry: Entry): ReadonlyArray<string> => [
  ...wrapped(entry.summary, pageWidth),
  ...section(
    "Usage",
    [entry, ...entry.subcommands].map((each) => `  ${usageOf(each)}`)
  ),
  ...(entry.subcommands.length === 0 ? [] : section("Commands", columns(summaries(entry.subcommands)))),
  ...section("Arguments", columns(entry.positionals.map(({ description, label }) => [label, description]))),
  ...section(
    "Options",
    columns(
      entry.parameters.map(({ description, name, value }) => [
        value === undefined ? name : `${name} <${value}>`,
        description
      ])
    )
  ),
  ...section(
    "Examples",
    entry.examples.map((example) => `  ${example}`)
  )
]

const programOptions: Pairs = [
  ["--help", "This page; after a command, that command's."],
  ["--version", "The version."],
  ["--completions <shell>", "Completions for bash, zsh or fish."]
]

const variables: Pairs = [
  ["AGENT_RELAY_STATE_DIR", "Where the other commands look for connection.json, unless told otherwise."],
  ["RELAY_BASE_URL", "Address of the engine."],
  ["RELAY_LOG_LEVEL", "error, warn, info (default), debug or trace; the log of `init` goes to stderr."],
  ["NO_COLOR", "No colours."]
]

const programPage = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> => [
  `relay-broker ${version}`,
  ...wrapped("Hosts AI coding agents in pseudo-terminals and delivers every relaycast message to them.", pageWidth),
  ...section("Usage", ["  relay-broker <command> [options]"]),
  ...section("Commands", columns(summaries(entries))),
  ...section("Options", columns(programOptions)),
  ...section("Environment", columns(variables))
]

// Words of `agent-relay-broker` 9.1.6 that this program does not have, and what to do instead.

const alternatives: Readonly<Record<string, string>> = {
  swarm: "spawn the agents with `relay-broker spawn` and write to their channel with `relay-broker send`",
  wrap: "run the program with `relay-broker spawn` and use its terminal with `relay-broker attach`",
  pty: "a worker is no process of its own here: use `relay-broker spawn`",
  headless: "a worker is no process of its own here: use `POST /api/spawn` with `transport: headless`",
  "app-server": "a worker is no process of its own here: use `POST /api/spawn` with a `harnessConfig`"
}

class NotCarriedOver extends Schema.TaggedError<NotCarriedOver>()("NotCarriedOver", { word: Schema.String }) {
  override get message() {
    return `${this.word} is not carried over from agent-relay-broker`
  }
  get wayOut() {
    return alternatives[this.word] ?? "see `relay-broker --help`"
  }
}

const isNotCarriedOver = (word: string): boolean => Object.hasOwn(alternatives, word)

/** In the order of the help page. */
const entries: readonly [Entry, ...ReadonlyArray<Entry>] = [
  init,
  status,
  agents,
  spawn,
  release,
  send,
  attach,
  dumpPty,
  logs,
  input,
  invoke,
  stop,
  drain,
  reconnect,
  alerts,
  deliveries,
  deadLetters,
  mcpArgs
]

const lastWord = ({ name }: Entry) => name.split(" ").at(-1) ?? ""

const readWith = <A>(program: Command.Command<"relay-broker", Surroundings, unknown, A>, argv: ReadonlyArray<string>) =>
  Command.run(program, { name: "relay-broker", version })(["node", "relay-broker", ...argv])

/** Only the command whose place was found: the framework takes any word for the name of a subcommand, in `--agent show` too. */
const readCommand = (entry: Entry, argv: ReadonlyArray<string>) =>
  readWith(Command.make("relay-broker").pipe(Command.withSubcommands([entry.command])), [lastWord(entry), ...argv])

const treeOf = ({ command, subcommands: [first, ...rest] }: Entry) =>
  first === undefined ? command : Command.withSubcommands(command, [first.command, ...rest.map((each) => each.command)])

const readCompletions = (argv: ReadonlyArray<string>) => {
  const [first, ...rest] = entries
  const program = Command.make("relay-broker")
  return readWith(program.pipe(Command.withSubcommands([treeOf(first), ...rest.map(treeOf)])), argv)
}

type Plan =
  | { readonly _tag: "Page"; readonly lines: ReadonlyArray<string>; readonly asked: boolean }
  | { readonly _tag: "Run"; readonly name: string; readonly run: ReturnType<typeof readWith> }

const unknown = (word: string, parent?: Entry) => {
  const kind = word.startsWith("-") ? "option" : "command"
  const known = parent?.subcommands.map(lastWord) ?? [...entries.map(lastWord), "--help", "--version", "--completions"]
  const command = parent?.name ?? ""
  const shown = `${command} ${word}`.trim()
  return Either.left(new UsageError({ problem: `unknown ${kind} ${shown}${suggestion(word, known)}`, command }))
}

/** The command that the first words name, with the words that follow. */
const find = (
  words: ReadonlyArray<string>,
  among: ReadonlyArray<Entry>
): { readonly entry: Entry; readonly rest: ReadonlyArray<string> } | undefined => {
  const [first, ...rest] = words
  const entry = among.find((each) => lastWord(each) === first)
  return entry && (find(rest, entry.subcommands) ?? { entry, rest })
}

const page = (lines: ReadonlyArray<string>, asked = true): Either.Either<Plan> =>
  Either.right({ _tag: "Page", lines, asked })

const shells: ReadonlyArray<string> = ["bash", "zsh", "fish"]

/** What to do for the words of a command line. */
export const plan = (given: ReadonlyArray<string>): Either.Either<Plan, UsageError | NotCarriedOver> => {
  const [first, ...rest] = given
  if (first === undefined) return page(programPage(entries), false)
  if (helpFlags.includes(first)) return page(programPage(entries))
  if (first === "help") {
    const asked = find(rest, entries)
    return asked === undefined ? plan([...rest.slice(0, 1), "--help"]) : page(commandPage(asked.entry))
  }
  if (first === "--completions") {
    return shells.includes(rest[0] ?? "")
      ? Either.right({ _tag: "Run", name: "", run: readCompletions([first, ...rest.slice(0, 1)]) })
      : Either.left(new UsageError({ problem: `--completions needs one of ${shells.join(", ")}`, command: "" }))
  }
  const found = find(given, entries)
  if (found === undefined) {
    return isNotCarriedOver(first) ? Either.left(new NotCarriedOver({ word: first })) : unknown(first)
  }
  const { entry } = found
  const [next] = found.rest
  if (entry.subcommands.length > 0 && next !== undefined && !next.startsWith("-")) return unknown(next, entry)
  return normalise(found.rest, entry.words).pipe(
    Either.mapLeft((problem) => new UsageError({ problem, command: entry.name })),
    Either.flatMap((argv) =>
      argv.some((word) => helpFlags.includes(word))
        ? page(commandPage(entry))
        : Either.right({ _tag: "Run", name: entry.name, run: readCommand(entry, argv) })
    )
  )
}
