/** `relay-broker dead-letters` */
import * as Effect from "effect/Effect"
import { DeadLetterList } from "../../api/DeliveryShapes.ts"
import { deadLetterLines } from "../DeliveryViews.ts"
import { defineCommand } from "../defineCommand.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"
import { deadLettersPurge } from "./deadLettersPurge.ts"
import { deadLettersRedeliver } from "./deadLettersRedeliver.ts"
import { deadLettersShow } from "./deadLettersShow.ts"

export const deadLetters = defineCommand({
  name: "dead-letters",
  summary: "List the messages that were given up, newest first, and why.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker dead-letters"],
  subcommands: [deadLettersShow, deadLettersRedeliver, deadLettersPurge],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.flatMap(call({ method: "GET", path: "/api/dead-letters", answer: DeadLetterList }), ({ raw, value }) =>
        given.json ? printJson(raw) : printLines(deadLetterLines(value.dead_letters))
      )
    )
})
