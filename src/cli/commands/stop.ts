/** `relay-broker stop` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { ShutdownResult } from "../../api/Shapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import type { CommandWords } from "../argv.ts"
import { StillRunning } from "../Failures.ts"
import { connection, connectionWords, json, printJson, printLines, withBroker } from "../options.ts"

export const words: CommandWords = { flags: ["--json"], valued: connectionWords, maxWords: 0 }

const patienceSeconds = 30

/** The port is the last thing a broker gives up: it is gone when nothing answers there. A refusal is still an answer. */
const isGone = ({ call }: ApiClient) =>
  call({ method: "GET", path: "/health", answer: Schema.Unknown }).pipe(
    Effect.as(false),
    Effect.catchAll((error) => Effect.succeed(error._tag === "BrokerUnreachable"))
  )

export const command = Command.make("stop", { ...connection, json }, (given) =>
  withBroker(given, (client) =>
    Effect.gen(function* () {
      const { url } = client
      yield* client.call({ method: "POST", path: "/api/shutdown", answer: ShutdownResult })
      yield* isGone(client).pipe(
        Effect.repeat({ until: (gone) => gone, schedule: Schedule.spaced("100 millis") }),
        Effect.timeoutFail({
          duration: `${patienceSeconds} seconds`,
          onTimeout: () => new StillRunning({ url, afterSeconds: patienceSeconds })
        })
      )
      yield* given.json ? printJson({ stopped: true, url }) : printLines(["stopped"])
    })
  )
).pipe(Command.withDescription("Stop the broker and its agents, in order; returns when it is gone."))
