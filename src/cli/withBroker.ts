/** What the commands share that talk to a running broker: how they find it, and how they print. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { type ApiClient, connect } from "./ApiClient.ts"
import { flag, secret, text } from "./defineCommand.ts"
import type { NoBroker } from "./Failures.ts"
import { Surroundings } from "./Surroundings.ts"

export const brokerParameters = {
  json: flag("json", "One JSON document instead of text for people."),
  brokerUrl: text("broker-url", "url", "Address of the broker's API (else RELAY_BROKER_URL, else connection.json)."),
  apiKey: secret("api-key", "key", "Key of that API (else RELAY_BROKER_API_KEY, else connection.json)."),
  stateDir: text(
    "state-dir",
    "dir",
    "Directory of connection.json (else AGENT_RELAY_STATE_DIR, else .agentworkforce/relay here)."
  )
}

interface Given {
  readonly brokerUrl: string | undefined
  readonly apiKey: Redacted.Redacted<string> | undefined
  readonly stateDir: string | undefined
}

/** Runs a command's body against the broker that its options lead to. */
export const withBroker = <A, E, R>(
  given: Given,
  body: (client: ApiClient) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | NoBroker, R | Surroundings> => Effect.flatMap(connect(given), body)

export const printJson = (document: unknown): Effect.Effect<void> => Console.log(JSON.stringify(document, null, 2))
export const printLines = (lines: ReadonlyArray<string>): Effect.Effect<void> => Console.log(lines.join("\n"))
/** What somebody else has written, to the byte. */
export const printExactly = (text: string): Effect.Effect<void, never, Surroundings> =>
  Effect.map(Surroundings, ({ write }) => write(text))
