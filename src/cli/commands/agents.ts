/** `relay-broker agents` */
import * as Effect from "effect/Effect"
import { AgentList } from "../../api/Shapes.ts"
import { defineCommand } from "../defineCommand.ts"
import { agentLines } from "../Views.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const agents = defineCommand({
  name: "agents",
  summary: "List the agents that run here.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker agents"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.flatMap(call({ method: "GET", path: "/api/spawned", answer: AgentList }), ({ raw, value }) =>
        given.json ? printJson(raw) : printLines(agentLines(value.agents))
      )
    )
})
