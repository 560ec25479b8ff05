/** `relay-broker deliveries` */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import {
  DeadLetterList,
  DeadLetterView,
  defaultLimit,
  maxLimit,
  Purged,
  Redelivered,
  Settled,
  TraceList,
  TraceView
} from "../../api/deliveries/api.ts"
import type { ApiClient } from "../ApiClient.ts"
import { deadLetterLines, deadLetterPage, deliveryLines, traceListLines } from "../DeliveryViews.ts"
import { defineCommand, flag, integer, someWords, text, word } from "../defineCommand.ts"
import { NotRedelivered, UnknownDeadLetters, UsageError } from "../Failures.ts"
import { harmless } from "../Paint.ts"
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

// `relay-broker dead-letters`

// For commands that take ids or `--all`, and neither both nor none.

const checkIdsOrAll = (o: {
  readonly all: boolean
  readonly ids: ReadonlyArray<string>
  readonly command: string
  readonly verb: string
}): Effect.Effect<void, UsageError> => {
  if (o.ids.some((id) => id.trim() === "")) return new UsageError({ problem: "an id is empty", command: o.command })
  if (o.all !== o.ids.length > 0) return Effect.void
  const problem = o.all ? "ids and --all exclude each other" : `name the dead letters to ${o.verb}, or say --all`
  return new UsageError({ problem, command: o.command })
}

// `relay-broker dead-letters purge <id>… | --all`

const lineOf = (purged: number) =>
  purged === 0 ? "no dead letters to purge" : `${purged} dead ${purged === 1 ? "letter" : "letters"} purged`

const deadLettersPurge = defineCommand({
  name: "dead-letters purge",
  summary: "Forget dead letters for good.",
  parameters: { all: flag("all", "Every one."), ...brokerParameters },
  positionals: { ids: someWords("id", "Delivery ids of dead letters.", { atLeast: 0 }) },
  examples: ["relay-broker dead-letters purge dlv_1", "relay-broker dead-letters purge --all"],
  run: (given) =>
    Effect.zipRight(
      checkIdsOrAll({ ...given, command: "dead-letters purge", verb: "purge" }),
      withBroker(given, ({ call }) =>
        Effect.gen(function* () {
          const purgeAt = (path: string) =>
            Effect.map(call({ method: "DELETE", path, answer: Purged }), ({ value }) => value.purged)
          const counted = given.all
            ? [{ id: "", purged: yield* purgeAt("/api/dead-letters") }]
            : yield* Effect.forEach([...new Set(given.ids)], (id) =>
                Effect.map(purgeAt(`/api/dead-letters/${encodeURIComponent(id)}`), (purged) => ({ id, purged }))
              )
          const total = counted.reduce((sum, { purged }) => sum + purged, 0)
          const unknown = given.all ? [] : counted.flatMap(({ id, purged }) => (purged === 0 ? [id] : []))
          if (given.json) yield* printJson({ purged: total })
          else if (total > 0 || given.all) yield* printLines([lineOf(total)])
          if (unknown.length > 0) yield* new UnknownDeadLetters({ ids: unknown })
        })
      )
    )
})

// `relay-broker dead-letters redeliver <id>… | --all`

/** Oldest first, as they were written. Those that were sent again already are not sent twice. */
const unsent = ({ call }: ApiClient) =>
  Effect.map(call({ method: "GET", path: "/api/dead-letters", answer: DeadLetterList }), ({ value }) =>
    value.dead_letters
      .filter(({ redeliverable, redelivered_as }) => redeliverable && redelivered_as === null)
      .map(({ delivery_id }) => delivery_id)
      .reverse()
  )

const sendAgain = ({ call }: ApiClient, id: string) =>
  call({
    method: "POST",
    path: `/api/dead-letters/${encodeURIComponent(id)}/redeliver`,
    answer: Redelivered
  }).pipe(
    Effect.map((sent) => ({ _tag: "Sent" as const, ...sent })),
    // The others are sent all the same.
    Effect.catchTag("BrokerRefused", ({ reason }) => Effect.succeed({ _tag: "Refused" as const, id, reason }))
  )

const deadLettersRedeliver = defineCommand({
  name: "dead-letters redeliver",
  summary: "Send dead letters again, as new deliveries, to the agents of their names that run here now.",
  parameters: {
    all: flag("all", "Every one that was not sent again before, oldest first."),
    ...brokerParameters
  },
  positionals: { ids: someWords("id", "Delivery ids of dead letters.", { atLeast: 0 }) },
  examples: ["relay-broker dead-letters redeliver dlv_1 dlv_2", "relay-broker dead-letters redeliver --all"],
  run: (given) =>
    Effect.zipRight(
      checkIdsOrAll({ ...given, command: "dead-letters redeliver", verb: "send again" }),
      withBroker(given, (client) =>
        Effect.gen(function* () {
          const ids = given.all ? yield* unsent(client) : [...new Set(given.ids)]
          const results = yield* Effect.forEach(ids, (id) => sendAgain(client, id))
          const sent = results.flatMap((each) => (each._tag === "Sent" ? [each] : []))
          const refused = results.flatMap((each) => (each._tag === "Refused" ? [each] : []))
          if (given.json) yield* printJson(sent.map(({ raw }) => raw))
          else if (ids.length === 0) yield* printLines(["no dead letters to send again"])
          else if (sent.length > 0) {
            yield* printLines(
              sent.map(
                ({ value }) => `${harmless(value.redelivered_from)} sent again as ${harmless(value.delivery_id)}`
              )
            )
          }
          if (refused.length > 0) yield* new NotRedelivered({ refused })
        })
      )
    )
})

// `relay-broker dead-letters show <id>`

const deadLettersShow = defineCommand({
  name: "dead-letters show",
  summary: "Show a dead letter with its text.",
  parameters: brokerParameters,
  positionals: { id: word("id", "Delivery id of the dead letter.") },
  examples: ["relay-broker dead-letters show dlv_1"],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.gen(function* () {
        const path = `/api/dead-letters/${encodeURIComponent(given.id)}`
        const { raw, value } = yield* call({ method: "GET", path, answer: DeadLetterView })
        yield* given.json ? printJson(raw) : printLines(deadLetterPage(value))
      })
    )
})

export const deadLetters = defineCommand({
  name: "dead-letters",
  summary: "List the messages that were given up, newest first, and why.",
  parameters: brokerParameters,
  positionals: {},
  examples: ["relay-broker dead-letters"],
  subcommands: [deadLettersShow, deadLettersRedeliver, deadLettersPurge],
  run: (given) =>
    withBroker(given, ({ call }) =>
      Effect.flatMap(call({ method: "GET", path: "/api/dead-letters", answer: DeadLetterList }), ({ raw, value }) =>
        given.json ? printJson(raw) : printLines(deadLetterLines(value.dead_letters))
      )
    )
})
