/** `relay-broker status` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { Health, Session, Status } from "../../api/Shapes.ts"
import type { CommandWords } from "../argv.ts"
import { connection, connectionWords, json, printJson, printLines, withBroker } from "../options.ts"
import { statusLines } from "../Views.ts"

export const words: CommandWords = { flags: ["--json"], valued: connectionWords, maxWords: 0 }

export const command = Command.make("status", { ...connection, json }, (given) =>
  withBroker(given, ({ call, url }) =>
    Effect.gen(function* () {
      const [health, session, status] = yield* Effect.all(
        [
          call({ method: "GET", path: "/health", answer: Health }),
          call({ method: "GET", path: "/api/session", answer: Session }),
          call({ method: "GET", path: "/api/status", answer: Status })
        ],
        { concurrency: "unbounded" }
      )
      // Not the session as it came: it holds the workspace key.
      const { mode, relay_base_url } = session.value
      yield* given.json
        ? printJson({ url, mode, relay_base_url, health: health.raw, status: status.raw })
        : printLines(
            statusLines({ url, mode, relayBaseUrl: relay_base_url, health: health.value, status: status.value })
          )
    })
  )
).pipe(Command.withDescription("Show the broker, its node session, its agents and what waits."))
