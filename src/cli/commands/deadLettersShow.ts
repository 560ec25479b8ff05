/** `relay-broker dead-letters show <id>` */
import * as Effect from "effect/Effect"
import { DeadLetterView } from "../../api/DeliveryShapes.ts"
import { deadLetterPage } from "../DeliveryViews.ts"
import { defineCommand, word } from "../defineCommand.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const deadLettersShow = defineCommand({
  name: "dead-letters show",
  summary: "Show a dead letter with its text.",
  parameters: brokerParameters,
  positionals: { id: word("id", "Delivery id of the dead letter.") },
  examples: ["relay-broker dead-letters show dlv_1"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const path = `/api/dead-letters/${encodeURIComponent(given.id)}`
        const { raw, value } = yield* call({ method: "GET", path, answer: DeadLetterView })
        yield* given.json ? printJson(raw) : printLines(deadLetterPage(value))
      })
    )
})
