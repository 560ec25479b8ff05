/** `relay-broker agents` */
import * as Effect from "effect/Effect"
import { AgentList } from "../../api/Shapes.ts"
import { defineCommand, flag } from "../defineCommand.ts"
import { agentLines, exitedLines } from "../Views.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

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
