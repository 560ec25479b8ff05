/** `relay-broker stop` */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { ShutdownResult } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { defineCommand } from "../defineCommand.ts"
import { StillRunning } from "../Failures.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

const patienceSeconds = 30

/** The port is the last thing a broker gives up: it is gone when nothing answers there. A refusal is still an answer. */
const isGone = ({ call }: ApiClient) =>
  call({ method: "GET", path: "/health", answer: Schema.Unknown }).pipe(
    Effect.as(false),
    Effect.catchAll((error) => Effect.succeed(error._tag === "BrokerUnreachable"))
  )

const awaitGone = (client: ApiClient) =>
  isGone(client).pipe(
    Effect.repeat({ until: (gone) => gone, schedule: Schedule.spaced("100 millis") }),
    Effect.timeoutFail({
      duration: `${patienceSeconds} seconds`,
      onTimeout: () => new StillRunning({ url: client.url, afterSeconds: patienceSeconds })
    })
  )

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
        yield* awaitGone(client)
        yield* given.json ? printJson({ stopped: true, url: client.url }) : printLines(["stopped"])
      })
    )
})
