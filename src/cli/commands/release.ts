/** `relay-broker release <name>… | --all` */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { AgentList, ReleaseResult } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import type { CommandWords } from "../argv.ts"
import { UnknownAgent, UsageError } from "../Failures.ts"
import { connection, connectionWords, json, printJson, printLines, withBroker } from "../options.ts"
import { harmless } from "../Paint.ts"

export const words: CommandWords = {
  flags: ["--all", "--json"],
  valued: connectionWords,
  maxWords: Number.POSITIVE_INFINITY
}

const parameters = {
  all: Options.boolean("all").pipe(Options.withDescription("Every agent that runs here.")),
  ...connection,
  json,
  names: Args.text({ name: "name" }).pipe(Args.withDescription("Names of the agents to end."), Args.repeated)
}

const liveNames = ({ call }: ApiClient) =>
  Effect.map(call({ method: "GET", path: "/api/spawned", answer: AgentList }), ({ value }) =>
    value.agents.map(({ name }) => name)
  )

const line = ({ dropped_deliveries, known, name }: typeof ReleaseResult.Type): ReadonlyArray<string> => {
  if (!known) return []
  const dropped = dropped_deliveries === 0 ? "" : `, ${dropped_deliveries} waiting messages given up`
  return [`${harmless(name)} released${dropped}`]
}

export const command = Command.make("release", parameters, (given) =>
  withBroker(given, (client) =>
    Effect.gen(function* () {
      if (given.all === given.names.length > 0) {
        const problem = given.all ? "names and --all exclude each other" : "name the agents to release, or say --all"
        return yield* new UsageError({ problem, command: "release" })
      }
      const names = given.all ? yield* liveNames(client) : [...new Set(given.names)]
      const released = yield* Effect.forEach(
        names,
        (name) =>
          client.call({
            method: "DELETE",
            path: `/api/spawned/${encodeURIComponent(name)}`,
            answer: ReleaseResult,
            body: { reason: "relay-broker release" }
          }),
        { concurrency: 16 }
      )
      const lines = released.flatMap(({ value }) => line(value))
      if (given.json) yield* printJson(released.map(({ raw }) => raw))
      else if (names.length === 0) yield* printLines(["no agents to release"])
      else if (lines.length > 0) yield* printLines(lines)
      const unknown = released.flatMap(({ value }) => (value.known ? [] : [value.name]))
      if (unknown.length > 0) yield* new UnknownAgent({ names: unknown })
    })
  )
).pipe(Command.withDescription("End agents: first politely, then by force; what waits for them is given up."))
