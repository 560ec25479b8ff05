/** `relay-broker deliveries` */
import * as Effect from "effect/Effect"
import { TraceList } from "../../api/DeliveryShapes.ts"
import { defaultLimit, maxLimit } from "../../api/RecentQuery.ts"
import { deliveryLines } from "../DeliveryViews.ts"
import { defineCommand, integer, text } from "../defineCommand.ts"
import { UsageError } from "../Failures.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"
import { deliveriesShow } from "./deliveriesShow.ts"

export const deliveries = defineCommand({
  name: "deliveries",
  summary: "List the latest messages for the agents here, newest first: how far each got, what it waits for.",
  parameters: {
    agent: text("agent", "name", "Those for one agent only."),
    limit: integer("limit", "n", `How many at most (default: ${defaultLimit}; 1 to ${maxLimit}).`),
    ...brokerParameters
  },
  positionals: {},
  examples: ["relay-broker deliveries --agent reviewer", "relay-broker deliveries --limit 1000 --json"],
  subcommands: [deliveriesShow],
  run: (given) =>
    Effect.gen(function* () {
      const { agent, limit } = given
      if (limit !== undefined && (limit < 1 || limit > maxLimit)) {
        return yield* new UsageError({ problem: `--limit ${limit}: 1 to ${maxLimit}`, command: "deliveries" })
      }
      const query = new URLSearchParams({
        ...(agent === undefined ? {} : { agent }),
        ...(limit === undefined ? {} : { limit: String(limit) })
      })
      const path = query.size === 0 ? "/api/deliveries" : `/api/deliveries?${query}`
      yield* withBroker(given, ({ call }) =>
        Effect.flatMap(call({ method: "GET", path, answer: TraceList }), ({ raw, value }) =>
          given.json ? printJson(raw) : printLines(deliveryLines(value.deliveries))
        )
      )
    })
})
