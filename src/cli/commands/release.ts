/** `relay-broker release <name>… | --all` */
import * as Effect from "effect/Effect"
import { AgentList, ReleaseResult } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { defineCommand, flag, someWords } from "../defineCommand.ts"
import { UnknownAgent, UsageError } from "../Failures.ts"
import { harmless } from "../Paint.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

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
