/** `relay-broker dump-pty <name>` */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { choice, defineCommand, word } from "../defineCommand.ts"
import { BrokerReturned, BrokerUnreachable } from "../Failures.ts"
import { brokerParameters, printExactly, withBroker } from "../withBroker.ts"

const { json: _json, ...connection } = brokerParameters

const limit = "10 seconds"

/** What every broker answers: published ones know no more fields. */
const Picture = Schema.Struct({ screen: Schema.String })

export const dumpPty = defineCommand({
  name: "dump-pty",
  summary: "Print what an agent's terminal shows.",
  parameters: {
    format: choice(
      "format",
      ["plain", "ansi"],
      "plain, the default: text. ansi: with colours and cursor, for a terminal."
    ),
    ...connection
  },
  positionals: { name: word("name", "The agent.") },
  examples: ["relay-broker dump-pty reviewer", "relay-broker dump-pty reviewer --format ansi"],
  run: ({ format, name, ...given }) =>
    withBroker(given, ({ call, url }) =>
      Effect.flatMap(
        call({
          method: "GET",
          path: `/api/spawned/${encodeURIComponent(name)}/snapshot?format=${format}`,
          answer: Picture
        }),
        ({ value: { screen } }) =>
          printExactly(format === "ansi" ? Buffer.from(screen, "base64").toString("utf8") : screen)
      ).pipe(
        Effect.catchTag("BrokerRefused", ({ body = "", status }) => new BrokerReturned({ status, body })),
        Effect.timeoutFail({
          duration: limit,
          onTimeout: () => new BrokerUnreachable({ url, reason: `no answer within ${limit}` })
        })
      )
    )
})
