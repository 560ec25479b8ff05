/** The routes about deliveries. All but two are reads of memory and store: they answer while an agent, the link or a send is stuck. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { Deliveries, type DeliveryTrace } from "../../delivery/Deliveries.ts"
import { DeliveryId } from "../../domain/Ids.ts"
import { Events } from "../../events/Events.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import type { Redelivered } from "../DeliveryShapes.ts"
import {
  deadLetterEntry,
  deadLetterView,
  deadTimes,
  mailboxEntry,
  traceEntry,
  traceView,
  waitingReasons
} from "../DeliveryViews.ts"
import { coded, type Reply } from "../http/Reply.ts"
import { LocalApi } from "../LocalApi.ts"
import { readRecentQuery } from "../RecentQuery.ts"
import { nodeSession } from "../Views.ts"

const unknownDeadLetter = (id: string) => coded(404, "dead_letter_not_found", `no dead letter '${id}'`)

export const layerDeliveries = HttpApiBuilder.group(LocalApi, "deliveries", (handlers) =>
  Effect.gen(function* () {
    const deliveries = yield* Deliveries
    const events = yield* Events
    const node = yield* NodeControl
    const scope = yield* Effect.scope

    const deadAtOf = (traces: ReadonlyArray<DeliveryTrace>) =>
      traces.some(({ record }) => record.state === "dead")
        ? Effect.map(deliveries.deadLetters, deadTimes)
        : Effect.succeed(deadTimes([]))

    const trace = (id: string) =>
      Effect.gen(function* () {
        const traces = yield* deliveries.trace(id)
        if (traces.length === 0) return coded(404, "delivery_not_found", `no delivery and no message '${id}'`)
        const deadAt = yield* deadAtOf(traces)
        return { deliveries: traces.map((each) => traceView(each, deadAt)) }
      })

    const recent = (url: string) =>
      Effect.gen(function* () {
        const query = readRecentQuery(url)
        if (Either.isLeft(query)) return coded(400, "invalid_request", query.left)
        const traces = yield* deliveries.recent(query.right)
        const deadAt = yield* deadAtOf(traces)
        return { deliveries: traces.map((each) => traceEntry(each, deadAt)) }
      })

    const nodeDelivery = Effect.gen(function* () {
      return {
        session: nodeSession(yield* node.view),
        counters: yield* deliveries.counters,
        mailboxes: (yield* deliveries.mailboxes).map(mailboxEntry),
        waiting_reasons: waitingReasons(yield* deliveries.pending)
      }
    })

    const deadLetter = (id: string) =>
      Effect.map(deliveries.deadLetters, (letters) => {
        const letter = letters.find(({ deliveryId }) => deliveryId === id)
        return letter === undefined ? unknownDeadLetter(id) : deadLetterView(letter)
      })

    const redeliver = (id: string): Effect.Effect<typeof Redelivered.Type | Reply> =>
      deliveries.redeliver(id).pipe(
        Effect.tap((redeliveredAs) =>
          Effect.flatMap(Clock.currentTimeMillis, (timestamp) =>
            events.publish({
              kind: "dead_letter_redelivered",
              delivery_id: DeliveryId.make(id),
              redelivered_as: redeliveredAs,
              timestamp
            })
          )
        ),
        Effect.map((redeliveredAs) => ({
          success: true as const,
          delivery_id: redeliveredAs,
          redelivered_from: id
        })),
        Effect.catchTags({
          UnknownDeadLetter: (error) => Effect.succeed(coded(404, "dead_letter_not_found", error.message)),
          UnknownWorker: (error) => Effect.succeed(coded(404, "agent_not_found", error.message)),
          QueueFull: (error) => Effect.succeed(coded(429, "queue_full", error.message))
        }),
        // Goes on when the caller leaves: given to the agent and not noted as such, it would be sent once more.
        Effect.forkIn(scope),
        Effect.flatMap(Fiber.join)
      )

    const purge = (id: string | undefined) =>
      deliveries.purgeDeadLetters(id).pipe(
        Effect.tap((purged) =>
          purged === 0
            ? Effect.void
            : Effect.flatMap(Clock.currentTimeMillis, (timestamp) =>
                events.publish({
                  kind: "dead_letters_purged",
                  delivery_id: id === undefined ? null : DeliveryId.make(id),
                  count: purged,
                  timestamp
                })
              )
        ),
        Effect.map((purged) => ({ purged }))
      )

    return handlers
      .handleRaw("deliveries", ({ request }) => recent(request.url))
      .handleRaw("delivery", ({ path }) => trace(path.id))
      .handle("nodeDelivery", () => nodeDelivery)
      .handle("deadLetters", () =>
        Effect.map(deliveries.deadLetters, (letters) => ({ dead_letters: letters.map(deadLetterEntry) }))
      )
      .handle("purgeDeadLetters", () => purge(undefined))
      .handleRaw("deadLetter", ({ path }) => deadLetter(path.id))
      .handle("purgeDeadLetter", ({ path }) => purge(path.id))
      .handleRaw("redeliver", ({ path }) => redeliver(path.id))
  })
)
