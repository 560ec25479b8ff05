/** `relay-broker agents` */

import { resolve } from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AgentList, InputResult, ReleaseResult, SpawnResult } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { choice, defineCommand, flag, list, someWords, text, word } from "../defineCommand.ts"
import { BrokerReturned, BrokerUnreachable, UnknownAgent, UsageError } from "../Failures.ts"
import { harmless } from "../Paint.ts"
import { Surroundings } from "../Surroundings.ts"
import { agentLines, exitedLines } from "../Views.ts"
import { brokerParameters, printExactly, printJson, printLines, withBroker } from "../withBroker.ts"

const { json: _json, ...connection } = brokerParameters

export const agents = defineCommand({
  name: "agents",
  summary: "List the agents that run here; with --all, those that ended by themselves too.",
  parameters: {
    all: flag(
      "all",
      "Those that ended as well, with how and their last lines, until they are spawned or released again."
    ),
    ...brokerParameters
  },
  positionals: {},
  examples: ["relay-broker agents", "relay-broker agents --all"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.flatMap(call({ method: "GET", path: "/api/spawned", answer: AgentList }), ({ raw, value }) =>
        given.json
          ? printJson(raw)
          : printLines([...agentLines(value.agents), ...(given.all ? exitedLines(value.exited) : [])])
      )
    )
})

// `relay-broker spawn <name>`

export const spawn = defineCommand({
  name: "spawn",
  summary: "Start an agent; returns when its program runs.",
  parameters: {
    cli: text("cli", "command", "Program to run, with arguments as in a shell (default: claude)."),
    task: text("task", "text", "First message, typed as soon as the program is ready."),
    channels: list("channels", "a,b", "Channels the agent belongs to (default: the broker's)."),
    cwd: text("cwd", "dir", "Working directory of the program (default: this one)."),
    model: text("model", "name", "Model, passed to the program as --model."),
    restart: flag("restart", "Start the program again when it ends: 5 times at most, after growing pauses."),
    ...brokerParameters
  },
  positionals: {
    name: word("name", "Name of the agent; unique among those that run here."),
    args: someWords("args", "Further arguments of the program, after --.", { atLeast: 0 })
  },
  passThrough: true,
  examples: [
    'relay-broker spawn reviewer --cli codex --task "Review the last commit."',
    "relay-broker spawn worker --cwd ../service -- --verbose"
  ],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const around = yield* Surroundings
        const { args, channels, cli, model, name, task } = given
        const body = {
          ...{ name, cli, args, channels, model, task },
          ...(given.restart ? { restartPolicy: {} } : {}),
          cwd: resolve(around.cwd, given.cwd ?? ".")
        }
        const { raw, value } = yield* call({ method: "POST", path: "/api/spawn", answer: SpawnResult, body })
        yield* given.json
          ? printJson(raw)
          : printLines([
              `${harmless(value.name)} runs${value.pid === null ? "" : ` (pid ${value.pid})`}`,
              ...(value.warning === null ? [] : [`warning: ${harmless(value.warning)}`])
            ])
      })
    )
})

// `relay-broker release <name>… | --all`

const liveNames = ({ call }: ApiClient) =>
  Effect.map(call({ method: "GET", path: "/api/spawned", answer: AgentList }), ({ value }) =>
    value.agents.map(({ name }) => name)
  )

const releaseOne = ({ call }: ApiClient, name: string) =>
  call({
    method: "DELETE",
    path: `/api/spawned/${encodeURIComponent(name)}`,
    answer: ReleaseResult,
    body: { reason: "relay-broker release" }
  })

const endOf = ({ exit_code, signal }: typeof ReleaseResult.Type): string => {
  if (signal !== null) return ` (signal ${signal})`
  return exit_code === null ? " (it had ended before)" : ` (exit code ${exit_code})`
}

const lineOf = (released: typeof ReleaseResult.Type): ReadonlyArray<string> => {
  const { dropped_deliveries, known, name } = released
  if (!known) return []
  const dropped = dropped_deliveries === 0 ? "" : `, ${dropped_deliveries} waiting messages given up`
  return [`${harmless(name)} released${endOf(released)}${dropped}`]
}

const checkAsked = (o: { readonly all: boolean; readonly names: ReadonlyArray<string> }) => {
  if (o.all !== o.names.length > 0) return Effect.void
  const problem = o.all ? "names and --all exclude each other" : "name the agents to release, or say --all"
  return new UsageError({ problem, command: "release" })
}

export const release = defineCommand({
  name: "release",
  summary: "End agents: politely at first, then by force. Messages that wait for them are given up.",
  parameters: { all: flag("all", "Every agent that runs here."), ...brokerParameters },
  positionals: { names: someWords("name", "Agents to end.", { atLeast: 0 }) },
  examples: ["relay-broker release reviewer worker", "relay-broker release --all"],
  run: (given) =>
    Effect.zipRight(
      checkAsked(given),
      withBroker(given, (client) =>
        Effect.gen(function* () {
          const names = given.all ? yield* liveNames(client) : [...new Set(given.names)]
          const released = yield* Effect.forEach(names, (name) => releaseOne(client, name), { concurrency: 16 })
          const lines = released.flatMap(({ value }) => lineOf(value))
          if (given.json) yield* printJson(released.map(({ raw }) => raw))
          else if (names.length === 0) yield* printLines(["no agents to release"])
          else if (lines.length > 0) yield* printLines(lines)
          const unknown = released.flatMap(({ value }) => (value.known ? [] : [value.name]))
          if (unknown.length > 0) yield* new UnknownAgent({ names: unknown })
        })
      )
    )
})

// `relay-broker input <name> <text…|->`

const readStdin = Effect.promise(async () => {
  let text = ""
  process.stdin.setEncoding("utf8")
  for await (const chunk of process.stdin) text += chunk
  return text
})

export const input = defineCommand({
  name: "input",
  summary: "Type into an agent's terminal, as it is: no message, no Enter.",
  parameters: {
    enter: flag("enter", "Enter after it."),
    human: flag("human", "As if a person typed it: nothing is injected for 2 s after it."),
    ...brokerParameters
  },
  positionals: {
    name: word("name", "The agent."),
    text: someWords("text", "What to type; several words are joined. - reads standard input.", { atLeast: 1 })
  },
  examples: ["relay-broker input reviewer --enter /compact", "printf '\\x1b' | relay-broker input reviewer -"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const { enter, human, name, text } = given
        const typed = text.length === 1 && text[0] === "-" ? yield* readStdin : text.join(" ")
        const { raw, value } = yield* call({
          method: "POST",
          path: `/api/input/${encodeURIComponent(name)}`,
          answer: InputResult,
          body: { data: enter ? `${typed}\r` : typed, human }
        })
        yield* given.json
          ? printJson(raw)
          : printLines([`${value.bytes_written} bytes typed into ${harmless(value.name)}`])
      })
    )
})

// `relay-broker attach <name>`

export const attach = defineCommand({
  name: "attach",
  summary: "Show an agent's terminal here, and type into it.",
  parameters: {
    view: flag("view", "Look only; this is the default. q detaches."),
    drive: flag("drive", "Type; messages for the agent are held meanwhile. Ctrl-] f lets them go."),
    passthrough: flag("passthrough", "Type; messages go on being injected when nothing was typed for 2 s."),
    ...connection
  },
  positionals: { name: word("name", "The agent.") },
  examples: ["relay-broker attach reviewer", "relay-broker attach reviewer --drive"],
  run: ({ drive, name, passthrough, view, ...given }) =>
    Effect.gen(function* () {
      if ([drive, passthrough, view].filter(Boolean).length > 1) {
        return yield* new UsageError({ problem: "choose one of --view, --drive and --passthrough", command: "attach" })
      }
      const how = drive ? "drive" : passthrough ? "passthrough" : "view"
      // The emulator and the sockets are loaded for this command only.
      const session = yield* Effect.promise(() => import("../attach/Session.ts"))
      const ended = yield* withBroker(given, (client) => session.attach(client, { name, how }))
      yield* Console.log(ended)
    })
})

// `relay-broker dump-pty <name>`

const limit = "10 seconds"

/** What every broker answers: published ones know no more fields. */
const Picture = Schema.Struct({ screen: Schema.String })

export const dumpPty = defineCommand({
  name: "dump-pty",
  summary: "Print what an agent's terminal shows.",
  parameters: {
    format: choice(
      "format",
      ["plain", "ansi"],
      "plain, the default: text. ansi: with colours and cursor, for a terminal."
    ),
    ...connection
  },
  positionals: { name: word("name", "The agent.") },
  examples: ["relay-broker dump-pty reviewer", "relay-broker dump-pty reviewer --format ansi"],
  run: ({ format, name, ...given }) =>
    withBroker(given, ({ call, url }) =>
      Effect.flatMap(
        call({
          method: "GET",
          path: `/api/spawned/${encodeURIComponent(name)}/snapshot?format=${format}`,
          answer: Picture
        }),
        ({ value: { screen } }) =>
          printExactly(format === "ansi" ? Buffer.from(screen, "base64").toString("utf8") : screen)
      ).pipe(
        Effect.catchTag("BrokerRefused", ({ body = "", status }) => new BrokerReturned({ status, body })),
        Effect.timeoutFail({
          duration: limit,
          onTimeout: () => new BrokerUnreachable({ url, reason: `no answer within ${limit}` })
        })
      )
    )
})
