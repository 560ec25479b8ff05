/** `relay-broker deliveries show <id>` */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TraceView } from "../../api/DeliveryShapes.ts"
import { traceListLines } from "../DeliveryViews.ts"
import { defineCommand, word } from "../defineCommand.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const deliveriesShow = defineCommand({
  name: "deliveries show",
  summary: "Show every step of a message with its time, what it waits for, and its text.",
  parameters: brokerParameters,
  positionals: { id: word("id", "Id of a delivery, or of a message: then all its deliveries here.") },
  examples: ["relay-broker deliveries show 399880281500155904"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const path = `/api/deliveries/${encodeURIComponent(given.id)}`
        const { raw, value } = yield* call({ method: "GET", path, answer: TraceView })
        const now = yield* Clock.currentTimeMillis
        yield* given.json ? printJson(raw) : printLines(traceListLines(value.deliveries, now))
      })
    )
})
