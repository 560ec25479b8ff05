/** `relay-broker agents` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { AgentList } from "../../api/Shapes.ts"
import type { CommandWords } from "../argv.ts"
import { connection, connectionWords, json, printJson, printLines, withBroker } from "../options.ts"
import { agentLines } from "../Views.ts"

export const words: CommandWords = { flags: ["--json"], valued: connectionWords, maxWords: 0 }

export const command = Command.make("agents", { ...connection, json }, (given) =>
  withBroker(given, ({ call }) =>
    Effect.flatMap(call({ method: "GET", path: "/api/spawned", answer: AgentList }), ({ raw, value }) =>
      given.json ? printJson(raw) : printLines(agentLines(value.agents))
    )
  )
).pipe(Command.withDescription("List the agents that run here."))
