/** `relay-broker status` */
import * as Effect from "effect/Effect"
import { Health, Session, Status } from "../../api/Shapes.ts"
import { defineCommand } from "../defineCommand.ts"
import { statusLines } from "../Views.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const status = defineCommand({
  name: "status",
  summary: "Show the broker, its node session, its agents and what waits.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker status", "relay-broker status --json | jq .status.node"],
  run: (given) =>
    withBroker(given, ({ call, url }) =>
      Effect.gen(function* () {
        const [health, session, state] = yield* Effect.all(
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
          ? printJson({ url, mode, relay_base_url, health: health.raw, status: state.raw })
          : printLines(
              statusLines({ url, mode, relayBaseUrl: relay_base_url, health: health.value, status: state.value })
            )
      })
    )
})
