/** `relay-broker alerts`: what is wrong now, or was; once, or on and on. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AlertHistory } from "../../api/broker/api.ts"
import { AlertList } from "../../api/Shapes.ts"
import { alertLines, historyLines } from "../AlertViews.ts"
import { defineCommand, flag } from "../defineCommand.ts"
import { Surroundings } from "../Surroundings.ts"
import { watching } from "../watching.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

export const alerts = defineCommand({
  name: "alerts",
  summary: "List what is wrong now, since when, how often, what it means, and what to do.",
  parameters: {
    watch: flag("watch", "Go on showing it, every 2 s, until Ctrl-C; with --json one line per change."),
    history: flag("history", "What was wrong before and went, newest first."),
    ...brokerParameters
  },
  positionals: {},
  examples: ["relay-broker alerts", "relay-broker alerts --watch", "relay-broker alerts --history"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const around = yield* Surroundings
        const now = call({ method: "GET", path: "/api/alerts", answer: AlertList })
        const past = call({ method: "GET", path: "/api/alerts/history", answer: AlertHistory })
        const look = Effect.map(Clock.currentTimeMillis, (nowMillis) => ({ columns: around.columns ?? 80, nowMillis }))
        const page = given.history
          ? Effect.flatMap(past, ({ raw, value }) =>
              Effect.map(look, (how) => ({ raw, lines: historyLines(value.history, how) }))
            )
          : Effect.flatMap(now, ({ raw, value }) =>
              Effect.map(look, (how) => ({ raw, lines: alertLines(value.alerts, how) }))
            )
        if (given.watch) return yield* watching(page, { json: given.json })
        const { lines, raw } = yield* page
        yield* given.json ? printJson(raw) : printLines(lines)
      })
    )
})
