/** Help pages: narrow enough for any terminal, and complete. Plain functions over what the commands say of themselves. */
import { version } from "../domain/Version.ts"
import type { Entry } from "./defineCommand.ts"
import { bold } from "./Paint.ts"

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

export const commandPage = (entry: Entry): ReadonlyArray<string> => [
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

export const programPage = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> => [
  `relay-broker ${version}`,
  ...wrapped("Hosts AI coding agents in pseudo-terminals and delivers every relaycast message to them.", pageWidth),
  ...section("Usage", ["  relay-broker <command> [options]"]),
  ...section("Commands", columns(summaries(entries))),
  ...section("Options", columns(programOptions)),
  ...section("Environment", columns(variables))
]
