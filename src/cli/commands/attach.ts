/** `relay-broker attach <name>` */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { defineCommand, flag, word } from "../defineCommand.ts"
import { UsageError } from "../Failures.ts"
import { brokerParameters, withBroker } from "../withBroker.ts"

const { json: _json, ...connection } = brokerParameters

export const attach = defineCommand({
  name: "attach",
  summary: "Show an agent's terminal here, and type into it.",
  parameters: {
    view: flag("view", "Look only; this is the default. q detaches."),
    drive: flag("drive", "Type; messages for the agent are held meanwhile. Ctrl-] f lets them go."),
    passthrough: flag("passthrough", "Type; messages go on being injected when nothing was typed for 2 s."),
    ...connection
  },
  positionals: { name: word("name", "The agent.") },
  examples: ["relay-broker attach reviewer", "relay-broker attach reviewer --drive"],
  run: ({ drive, name, passthrough, view, ...given }) =>
    Effect.gen(function* () {
      if ([drive, passthrough, view].filter(Boolean).length > 1) {
        return yield* new UsageError({ problem: "choose one of --view, --drive and --passthrough", command: "attach" })
      }
      const how = drive ? "drive" : passthrough ? "passthrough" : "view"
      // The emulator and the sockets are loaded for this command only.
      const session = yield* Effect.promise(() => import("../attach/Session.ts"))
      const ended = yield* withBroker(given, (client) => session.attach(client, { name, how }))
      yield* Console.log(ended)
    })
})
