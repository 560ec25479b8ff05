/** `relay-broker alerts` */
import * as Effect from "effect/Effect"
import { AlertList } from "../../api/Shapes.ts"
import { defineCommand } from "../defineCommand.ts"
import { alertLines } from "../Views.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const alerts = defineCommand({
  name: "alerts",
  summary: "List what is wrong now, what it means, and what to do.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker alerts"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.flatMap(call({ method: "GET", path: "/api/alerts", answer: AlertList }), ({ raw, value }) =>
        given.json ? printJson(raw) : printLines(alertLines(value.alerts))
      )
    )
})
