/** The routes about deliveries. All but two are reads of memory and store: they answer while an agent, the link or a send is stuck. */

import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { type AgentMailbox, Deliveries, type DeliveryTrace, type PendingDelivery } from "../../delivery/Deliveries.ts"
import { DeliveryId } from "../../domain/Ids.ts"
import { Events } from "../../events/Events.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import type { DeadLetterRecord, DeliveryRecord } from "../../store/Store.ts"
import { coded, type Reply } from "../http/Reply.ts"
import { LocalApi } from "../LocalApi.ts"
import { iso, nodeSession } from "../Views.ts"
import {
  type DeadLetter,
  type DeadLetterView,
  type Mailbox,
  type Redelivered,
  readRecentQuery,
  type Settled,
  type Trace,
  type TraceStep,
  type TraceWithBody
} from "./api.ts"

// From the records of deliveries to the JSON that clients read (`DeliveryShapes`). Plain functions.

const stepsOf = (record: DeliveryRecord, deadAtMillis: number | undefined): ReadonlyArray<TraceStep> => {
  const passed = (step: TraceStep["step"], millis: number | undefined): ReadonlyArray<TraceStep> =>
    millis === undefined ? [] : [{ step, at: iso(millis), at_ms: millis }]
  const unknown: ReadonlyArray<TraceStep> = [{ step: "dead", at: null, at_ms: null }]
  return [
    ...passed("received", record.receivedAtMillis),
    ...passed("typing", record.typingAtMillis),
    ...passed("submitted", record.submittedAtMillis),
    ...(record.state === "dead" && deadAtMillis === undefined ? unknown : passed("dead", deadAtMillis)),
    ...passed("acked", record.ackedAtMillis)
  ]
}

/** When each delivery was given up, as long as its dead letter is kept: the record itself does not say. */
const deadTimes = (letters: ReadonlyArray<DeadLetterRecord>): ReadonlyMap<string, number> =>
  new Map(letters.map(({ atMillis, deliveryId }) => [deliveryId, atMillis]))

const traceEntry = ({ record, waiting }: DeliveryTrace, deadAt: ReadonlyMap<string, number>): Trace => ({
  delivery_id: record.deliveryId,
  event_id: record.messageId,
  name: record.agent,
  agent_id: record.agentId,
  seq: record.seq,
  origin: record.origin,
  from: record.from,
  target: record.target,
  state: record.state === "typing" && record.unproven !== undefined ? "unproven" : record.state,
  unproven: record.unproven ?? null,
  waiting: waiting ?? null,
  evidence: record.evidence ?? null,
  channel: record.channel ?? null,
  dead_reason: record.deadReason ?? null,
  steps: stepsOf(record, deadAt.get(record.deliveryId))
})

const traceView = (trace: DeliveryTrace, deadAt: ReadonlyMap<string, number>): TraceWithBody => ({
  ...traceEntry(trace, deadAt),
  body: trace.record.message?.text ?? null
})

const deadLetterEntry = (letter: DeadLetterRecord): DeadLetter => ({
  delivery_id: letter.deliveryId,
  name: letter.agent,
  agent_id: letter.agentId,
  event_id: letter.messageId ?? null,
  seq: letter.seq,
  reason: letter.reason,
  at: iso(letter.atMillis),
  at_ms: letter.atMillis,
  from: letter.message?.from ?? null,
  target: letter.message?.target ?? null,
  redeliverable: letter.message !== undefined,
  redelivered_as: letter.redeliveredAs ?? null
})

const deadLetterView = (letter: DeadLetterRecord): DeadLetterView => ({
  ...deadLetterEntry(letter),
  body: letter.message?.text ?? null,
  raw: letter.raw ?? null
})

const mailboxEntry = ({ agent, agentId, ...numbers }: AgentMailbox): typeof Mailbox.Type => ({
  name: agent,
  agent_id: agentId,
  ...numbers
})

const waitingReasons = (pending: ReadonlyArray<PendingDelivery>): { readonly [reason: string]: number } => {
  const counts: Record<string, number> = {}
  for (const { waiting } of pending) {
    if (waiting !== undefined) counts[waiting] = (counts[waiting] ?? 0) + 1
  }
  return counts
}

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

    const settle = (id: string, how: "confirm" | "retry"): Effect.Effect<typeof Settled.Type | Reply> =>
      Effect.map(deliveries.settle(id, how), (found) =>
        found
          ? { success: true as const, delivery_id: id }
          : coded(404, "delivery_not_unproven", `no delivery '${id}' waits for a person's word`)
      )

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
      .handleRaw("confirmDelivery", ({ path }) => settle(path.id, "confirm"))
      .handleRaw("retryDelivery", ({ path }) => settle(path.id, "retry"))
      .handleRaw("redeliver", ({ path }) => redeliver(path.id))
  })
)
