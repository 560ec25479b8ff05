/** `relay-broker alerts`: what is wrong now, or was; once, or on and on. */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { AlertHistory } from "../../api/broker/api.ts"
import { AlertList } from "../../api/Shapes.ts"
import { alertLines, clock, historyLines } from "../AlertViews.ts"
import { defineCommand, flag } from "../defineCommand.ts"
import type { BrokerUnreachable } from "../Failures.ts"
import { dim, red } from "../Paint.ts"
import { Surroundings } from "../Surroundings.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

// A page that is shown again and again: drawn over the last one on a terminal, printed when it changed elsewhere.

interface Page {
  readonly raw: unknown
  readonly lines: ReadonlyArray<string>
}

const everyMillis = 2_000
const home = "\u001b[H\u001b[2J\u001b[3J"

/** Until it is interrupted. A broker that is away is said and waited for: it may be what is being looked at. */
const watching = <E extends { readonly _tag: string }, R>(
  page: Effect.Effect<Page, E | BrokerUnreachable, R>,
  o: { readonly json: boolean }
): Effect.Effect<never, E, R | Surroundings> =>
  Effect.gen(function* () {
    const around = yield* Surroundings
    let shown = ""
    const away = (error: BrokerUnreachable): Page => ({
      raw: { unreachable: error.message },
      lines: [red(error.message), "waiting for it to come back"]
    })
    const isAway = (error: E | BrokerUnreachable): error is BrokerUnreachable => error._tag === "BrokerUnreachable"
    const draw = ({ lines, raw }: Page) =>
      Effect.gen(function* () {
        const text = o.json ? JSON.stringify(raw) : lines.join("\n")
        if (around.columns !== undefined && !o.json) {
          const at = clock(new Date(yield* Clock.currentTimeMillis).toISOString(), yield* Clock.currentTimeMillis)
          return yield* Console.log(`${home}${dim(`${at}, every ${everyMillis / 1_000} s; Ctrl-C ends`)}\n\n${text}`)
        }
        if (text === shown) return
        shown = text
        yield* Console.log(text)
      })
    return yield* page.pipe(
      Effect.catchIf(isAway, (error) => Effect.succeed(away(error))),
      Effect.flatMap(draw),
      Effect.zipRight(Effect.sleep(everyMillis)),
      Effect.forever
    )
  })

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
