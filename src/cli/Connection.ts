/** Where the broker is, and its key: flag → environment → `connection.json`. The key is never printed. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { NoBroker } from "./Failures.ts"
import { Surroundings } from "./Surroundings.ts"

export interface ConnectionFlags {
  readonly brokerUrl: string | undefined
  readonly apiKey: Redacted.Redacted<string> | undefined
  readonly stateDir: string | undefined
}

export interface Connection {
  /** Without a trailing slash. */
  readonly url: string
  readonly apiKey: Redacted.Redacted<string>
}

const ConnectionFile = Schema.parseJson(
  Schema.Struct({ url: Schema.NonEmptyTrimmedString, api_key: Schema.Redacted(Schema.NonEmptyString) })
)
const decodeFile = Schema.decodeUnknown(ConnectionFile)

const filled = (...values: ReadonlyArray<string | undefined>) =>
  values.find((value) => value !== undefined && value.trim() !== "")?.trim()

export const connectionPath = (stateDir: string | undefined, { cwd, env }: Surroundings["Type"]): string =>
  join(filled(stateDir, env["AGENT_RELAY_STATE_DIR"]) ?? join(cwd, ".agentworkforce", "relay"), "connection.json")

/** Neither content nor cause is shown of a file that cannot be read: it holds the key. */
const readConnection = (path: string) =>
  Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (error) => {
      const { code, message } = error as NodeJS.ErrnoException
      return new NoBroker({ looked: path, reason: code === "ENOENT" ? "no such file" : message })
    }
  }).pipe(
    Effect.flatMap((text) =>
      Effect.mapError(decodeFile(text), () => new NoBroker({ looked: path, reason: "not a connection file" }))
    )
  )

/** With an address and a key from elsewhere no file is read. */
export const discover = (flags: ConnectionFlags): Effect.Effect<Connection, NoBroker, Surroundings> =>
  Effect.gen(function* () {
    const around = yield* Surroundings
    const url = filled(flags.brokerUrl, around.env["RELAY_BROKER_URL"])
    const key = filled(flags.apiKey && Redacted.value(flags.apiKey), around.env["RELAY_BROKER_API_KEY"])
    const file =
      url === undefined || key === undefined
        ? yield* Effect.mapError(
            readConnection(connectionPath(flags.stateDir, around)),
            (error) => new NoBroker({ ...error, ...(url === undefined ? {} : { keyFor: url }) })
          )
        : undefined
    const address = url ?? file?.url ?? ""
    if (!/^https?:\/\/\S+$/.test(address)) {
      return yield* new NoBroker({
        looked: `broker address '${address}'`,
        reason: "not an http:// or https:// address"
      })
    }
    return {
      url: address.replace(/\/+$/, ""),
      apiKey: key === undefined ? (file?.api_key ?? Redacted.make("")) : Redacted.make(key)
    }
  })
