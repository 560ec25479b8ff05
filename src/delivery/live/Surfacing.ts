/** What becomes of an arrival whose turn has come: into the agent's inbox, put aside, or confirmed without being typed. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { Alerts } from "../../alerts/Alerts.ts"
import { DeliveryDead, Undecodable, UnknownPayloadType, UnknownWorker } from "../../domain/Errors.ts"
import { Seq } from "../../domain/Ids.ts"
import type { Delivery, RelayMessage } from "../../domain/Message.ts"
import { Events } from "../../events/Events.ts"
import * as Metrics from "../../telemetry/Metrics.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import type { Counters } from "../Counters.ts"
import { type Burial, type BurialOptions, letterOf } from "../DeadLetters.ts"
import type { Deliveries } from "../Deliveries.ts"
import { type Arrival, heldBack } from "../DeliveryBook.ts"
import type { Handover } from "../Handover.ts"
import type { DeliveriesOptions, State } from "../Mailboxes.ts"
import type { Content } from "../Reading.ts"
import * as RecentIds from "../RecentIds.ts"

/** Kinds of message that are not known are reported once each, and no more than this many. */
const reportedTypesLimit = 100

export interface SurfacingOptions {
  readonly options: DeliveriesOptions
  readonly state: State
  readonly counters: Counters
  readonly burial: Burial
  readonly confirm: BurialOptions["confirm"]
  readonly handover: Handover
  /** Adds what the engine does not carry of a message that was sent from here. */
  readonly complete: (message: RelayMessage) => RelayMessage
}

export const makeSurfacing = (o: SurfacingOptions) =>
  Effect.gen(function* () {
    const { burial, confirm, counters, handover, options, state } = o
    const alerts = yield* Alerts
    const events = yield* Events
    const registry = yield* WorkerRegistry
    const scope = yield* Effect.scope
    const reportedTypes = new Set<string>()
    let announced = RecentIds.make(1_000)

    const reportType = (payloadType: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (reportedTypes.has(payloadType) || reportedTypes.size >= reportedTypesLimit) return Effect.void
        reportedTypes.add(payloadType)
        return alerts.raise(new UnknownPayloadType({ payloadType }), payloadType)
      })

    const announce: Deliveries["Type"]["announce"] = (message, elsewhere) =>
      Effect.suspend(() => {
        if (RecentIds.has(announced, message.id)) return Effect.void
        announced = RecentIds.add(announced, message.id)
        return events.publish({
          kind: "relay_inbound",
          event_id: message.id,
          from: message.from,
          target: message.target,
          body: message.text,
          thread_id: message.threadId ?? null,
          workspace_id: (elsewhere ?? options).workspaceId ?? null,
          workspace_alias: (elsewhere === undefined ? options.workspaceAlias : elsewhere.alias) ?? null
        })
      })

    /**
     * A frame does not wait for the disk, least of all another agent's. When this returns the record is on its way, before
     * every later write; it is confirmed once it is there.
     */
    const buryAside = (burying: Effect.Effect<void>): Effect.Effect<void> =>
      Effect.flatMap(Deferred.make<void>(), (begun) =>
        Effect.zipRight(
          Effect.forkIn(Effect.zipRight(Deferred.succeed(begun, undefined), burying), scope),
          Deferred.await(begun)
        )
      )

    const receive = Effect.fnUntraced(function* (delivery: Delivery, numbered: boolean) {
      const { agent, agentId, message } = delivery
      counters.add("received")
      yield* announce(message)
      // Being started again: the engine sends what waited before we know its answer to the register.
      const starts = state.starting.has(agentId) || (yield* registry.starting).includes(agent)
      const reason = state.goneBecause(agentId)
      if (reason !== undefined && !starts) {
        const letter = letterOf({ ...delivery, messageId: message.id }, reason, message)
        return yield* buryAside(burial.bury(letter, { numbered }))
      }
      // Numbered ones were weighed before: the engine keeps what is refused. Of an event nobody else has a copy.
      const full = handover.find(agentId)?.hasRoom(heldBack(state.book(), agentId)) === false
      if (delivery.seq === 0 && full) {
        const { deliveryId } = delivery
        yield* alerts.raise(new DeliveryDead({ agent, deliveryId, reason: "inbox_full" }), agent)
        const letter = letterOf({ ...delivery, messageId: message.id }, "inbox_full", message)
        return yield* buryAside(burial.bury(letter, { numbered }))
      }
      const inbox = yield* handover.accept(delivery, numbered)
      if (inbox.worker === undefined && !starts) yield* alerts.raise(new UnknownWorker({ agent }), agent)
    })

    const surface = (arrival: Arrival<Content>, numbered: boolean): Effect.Effect<void> => {
      const { agent, agentId, content, deliveryId, seq } = arrival
      switch (content._tag) {
        case "Silent":
          counters.add("silent")
          return confirm({ agentId, seq, numbered })
        case "Unknown":
          counters.add("unknown_payload")
          Metrics.decodeFailures.add("unknown_payload")
          return reportType(content.payloadType).pipe(Effect.zipRight(confirm({ agentId, seq, numbered })))
        case "Undecodable": {
          const letter = letterOf({ deliveryId, agent, agentId, seq, messageId: undefined }, "undecodable", undefined)
          return alerts
            .raise(new Undecodable({ agent, seq, reason: content.reason }), agent)
            .pipe(Effect.zipRight(buryAside(burial.bury({ ...letter, raw: content.raw }, { numbered }))))
        }
        case "Typed":
          return receive(
            {
              ...{ deliveryId, agentId, agent, seq: Seq.make(seq), origin: "engine" as const },
              message: o.complete(content.message)
            },
            numbered
          )
      }
    }

    return { announce, surface }
  })
