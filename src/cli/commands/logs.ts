/** `relay-broker logs <name> [-f]` */
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { AgentList } from "../../api/Shapes.ts"
import { type ConnectionFlags, connectionPath } from "../Connection.ts"
import { defineCommand, flag, word } from "../defineCommand.ts"
import { NoLog } from "../NoLog.ts"
import { Surroundings } from "../Surroundings.ts"
import { brokerParameters, withBroker } from "../withBroker.ts"

const { json: _json, ...connection } = brokerParameters

/** The broker knows where it writes; without one, or for an agent that has ended, the place below the state directory. */
const logPathOf = (given: ConnectionFlags, name: string) =>
  Effect.gen(function* () {
    const asked = yield* withBroker(given, ({ call }) =>
      call({ method: "GET", path: "/api/spawned", answer: AgentList })
    ).pipe(Effect.option)
    const agents = asked._tag === "Some" ? asked.value.value.agents : []
    const told = agents.find((agent) => agent.name === name)?.log_path
    if (told !== undefined && told !== null) return told
    const around = yield* Surroundings
    if (/[/\\\0]/.test(name) || name === "..") return yield* new NoLog({ path: name, reason: "not a name of a log" })
    return join(dirname(connectionPath(given.stateDir, around)), "team", "worker-logs", `${name}.log`)
  })

export const logs = defineCommand({
  name: "logs",
  summary: "Print what an agent's terminal has put out.",
  parameters: {
    follow: flag("follow", "Go on with what is added, until Ctrl-C; -f for short.", "-f"),
    raw: flag("raw", "As it was, escape sequences and all; without it, the text."),
    ...connection
  },
  positionals: { name: word("name", "The agent, also one that has ended.") },
  examples: ["relay-broker logs reviewer", "relay-broker logs reviewer -f"],
  run: ({ follow, name, raw, ...given }) =>
    Effect.gen(function* () {
      const path = yield* logPathOf(given, name)
      const { printLog } = yield* Effect.promise(() => import("../printLog.ts"))
      yield* printLog({ path, follow, raw })
    })
})
