/** `relay-broker deliveries` */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { defaultLimit, maxLimit, Settled, TraceList, TraceView } from "../../api/deliveries/api.ts"
import { deliveryLines, traceListLines } from "../DeliveryViews.ts"
import { defineCommand, integer, text, word } from "../defineCommand.ts"
import { UsageError } from "../Failures.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

// `relay-broker deliveries show <id>`

const deliveriesShow = defineCommand({
  name: "deliveries show",
  summary: "Show every step of a message with its time, what it waits for, and its text.",
  parameters: brokerParameters,
  positionals: { id: word("id", "Id of a delivery, or of a message: then all its deliveries here.") },
  examples: ["relay-broker deliveries show 399880281500155904"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const path = `/api/deliveries/${encodeURIComponent(given.id)}`
        const { raw, value } = yield* call({ method: "GET", path, answer: TraceView })
        const now = yield* Clock.currentTimeMillis
        yield* given.json ? printJson(raw) : printLines(traceListLines(value.deliveries, now))
      })
    )
})

// `relay-broker deliveries confirm|retry <id>`

const settling = (how: "confirm" | "retry", summary: string, done: string) =>
  defineCommand({
    name: `deliveries ${how}`,
    summary,
    parameters: brokerParameters,
    positionals: { id: word("id", "Id of a delivery that is unproven.") },
    examples: [`relay-broker deliveries ${how} 399880281500155904`],
    run: (given) =>
      withBroker(given, ({ call }) =>
        Effect.gen(function* () {
          const path = `/api/deliveries/${encodeURIComponent(given.id)}/${how}`
          const { raw, value } = yield* call({ method: "POST", path, answer: Settled })
          yield* given.json ? printJson(raw) : printLines([`${value.delivery_id} ${done}`])
        })
      )
  })

const deliveriesConfirm = settling(
  "confirm",
  "Say that an agent has a message that is unproven: it counts as delivered, and the next one goes.",
  "counts as delivered"
)
const deliveriesRetry = settling(
  "retry",
  "Say that an agent does not have a message that is unproven: it is put in again.",
  "is put in again"
)

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
  subcommands: [deliveriesShow, deliveriesConfirm, deliveriesRetry],
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
