/** Options that several commands share, and how a command talks to the broker and prints. */
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { type ApiClient, connect } from "./ApiClient.ts"
import type { NoBroker } from "./Failures.ts"
import type { Surroundings } from "./Surroundings.ts"

/** Blank counts as absent. */
export const optionalText = (name: string, what: string, description: string) =>
  Options.text(name).pipe(
    Options.withPseudoName(what),
    Options.withDescription(description),
    Options.optional,
    Options.map((value) => Option.getOrUndefined(Option.filter(value, (text) => text.trim() !== ""))?.trim())
  )

export const optionalSecret = (name: string, what: string, description: string) =>
  Options.redacted(name).pipe(
    Options.withPseudoName(what),
    Options.withDescription(description),
    Options.optional,
    Options.map(Option.getOrUndefined)
  )

/** Comma-separated, a leading `#` of each is dropped; blank counts as absent. */
export const optionalList = (name: string, what: string, description: string) =>
  optionalText(name, what, description).pipe(
    Options.map((text) => {
      const names = (text ?? "").split(",").flatMap((part) => part.trim().replace(/^#/, "") || [])
      return names.length === 0 ? undefined : names
    })
  )

export const connection = {
  brokerUrl: optionalText(
    "broker-url",
    "url",
    "Address of the broker's API (else RELAY_BROKER_URL, else connection.json)."
  ),
  apiKey: optionalSecret("api-key", "key", "Key of that API (else RELAY_BROKER_API_KEY, else connection.json)."),
  stateDir: optionalText(
    "state-dir",
    "dir",
    "Directory of connection.json (else AGENT_RELAY_STATE_DIR, else .agentworkforce/relay here)."
  )
}
export const connectionWords: ReadonlyArray<string> = ["--broker-url", "--api-key", "--state-dir"]

export const json = Options.boolean("json").pipe(
  Options.withDescription("Print one JSON document instead of text for people.")
)

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
