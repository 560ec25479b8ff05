/** `relay-broker alerts` */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { AlertList } from "../../api/Shapes.ts"
import type { CommandWords } from "../argv.ts"
import { connection, connectionWords, json, printJson, printLines, withBroker } from "../options.ts"
import { alertLines } from "../Views.ts"

export const words: CommandWords = { flags: ["--json"], valued: connectionWords, maxWords: 0 }

export const command = Command.make("alerts", { ...connection, json }, (given) =>
  withBroker(given, ({ call }) =>
    Effect.flatMap(call({ method: "GET", path: "/api/alerts", answer: AlertList }), ({ raw, value }) =>
      given.json ? printJson(raw) : printLines(alertLines(value.alerts))
    )
  )
).pipe(Command.withDescription("List what is wrong now, what it means, and what to do."))
