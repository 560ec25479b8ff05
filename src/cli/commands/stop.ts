/** `relay-broker stop` */
import * as Effect from "effect/Effect"
import { ShutdownResult } from "../../api/Shapes.ts"
import { awaitGone } from "../awaitGone.ts"
import { defineCommand } from "../defineCommand.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

const patienceSeconds = 30

export const stop = defineCommand({
  name: "stop",
  summary: "Stop the broker and its agents, in order; returns when it is gone.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker stop"],
  run: (given) =>
    withBroker(given, (client) =>
      Effect.gen(function* () {
        yield* client.call({ method: "POST", path: "/api/shutdown", answer: ShutdownResult })
        yield* awaitGone(client, patienceSeconds)
        yield* given.json ? printJson({ stopped: true, url: client.url }) : printLines(["stopped"])
      })
    )
})
