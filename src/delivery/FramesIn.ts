/** The frames of the node session, one after the other, each as a step of the book. */

import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryDead, Undecodable, UnknownPayloadType, UnknownWorker } from "../domain/Errors.ts"
import { DeliveryId, Seq } from "../domain/Ids.ts"
import { printJson } from "../domain/Json.ts"
import type { Delivery, RelayMessage } from "../domain/Message.ts"
import { Events } from "../events/Events.ts"
import type { NodeFrame } from "../node/NodeControl.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import type { Deliver } from "../wire/Inbound.ts"
import { readPayload } from "../wire/Payload.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { Counters } from "./Counters.ts"
import { type Burial, type BurialOptions, letterOf } from "./DeadLetters.ts"
import type { Deliveries } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import { type Arrival, heldBack } from "./DeliveryBook.ts"
import type { Handover } from "./Handover.ts"
import { inboxLimits } from "./Inbox.ts"
import type { DeliveriesOptions, State } from "./Mailboxes.ts"
import * as RecentIds from "./RecentIds.ts"

// What a frame of the node session is to the book: an arrival with its content. Pure.

/** What the book carries for each frame. */
export type Content =
  | { readonly _tag: "Typed"; readonly message: RelayMessage }
  /** Known and not for the agent: confirmed at once. */
  | { readonly _tag: "Silent" }
  | { readonly _tag: "Unknown"; readonly payloadType: string }
  | { readonly _tag: "Undecodable"; readonly reason: string; readonly raw: string }

/** Kept of a frame that could not be read. */
const rawLimit = 16_384

const contentOf = (frame: Deliver, workspace: string | undefined): Content => {
  const reading = readPayload(frame, workspace)
  return reading._tag === "Typed"
    ? { _tag: "Typed", message: reading.message }
    : reading._tag === "Silent"
      ? { _tag: "Silent" }
      : { _tag: "Unknown", payloadType: reading.payloadType }
}

const undecodable = (reason: string, raw: unknown): Content => ({
  _tag: "Undecodable",
  reason,
  raw: printJson(raw).slice(0, rawLimit)
})

/** What it takes in memory, about. */
const sizeOf = (content: Content): number =>
  content._tag === "Typed" ? content.message.text.length : content._tag === "Undecodable" ? content.raw.length : 0

interface FramesInOptions {
  readonly state: State
  readonly counters: Counters
  readonly step: Step
  readonly handover: Handover
  /** The workspace as relay lines show it. */
  readonly context: string | undefined
  readonly wakeAcker: Effect.Effect<void>
  readonly wakeClock: Effect.Effect<void>
}

export const makeFramesIn = ({ context, counters, handover, state, step, wakeAcker, wakeClock }: FramesInOptions) =>
  Effect.gen(function* () {
    const registry = yield* WorkerRegistry

    const arrive = (arrival: Book.Arrival<Content>) =>
      Effect.gen(function* () {
        counters.add("frames")
        const nowMillis = yield* Clock.currentTimeMillis
        const isNamed = state.idOf(arrival.agent) !== undefined
        yield* step((current) => {
          const inbox = handover.find(arrival.agentId)
          const heldBack = Book.heldBack(current, arrival.agentId)
          const hasRoom = inbox === undefined ? heldBack < inboxLimits.rows : inbox.hasRoom(heldBack)
          const held = heldBack === 0 ? [] : Book.heldArrivals(current, arrival.agentId)
          const mayHold = held.reduce((sum, { content }) => sum + sizeOf(content), 0) < inboxLimits.heldBytes
          return Book.observe(current, arrival, { hasRoom, mayHold, nowMillis })
        })
        // What a former run could not say any more: now it is known whose the name is.
        if (!isNamed) yield* wakeAcker
      }).pipe(state.surfacing.withPermits(1))

    const arriveUndecodable = Effect.fnUntraced(function* (
      frame: Extract<NodeFrame, { _tag: "Undecodable" }>["frame"]
    ) {
      const agentId = frame.agentId ?? (frame.agent === undefined ? undefined : state.idOf(frame.agent))
      const agent = frame.agent ?? (agentId === undefined ? undefined : Book.agentOf(state.book(), agentId)?.name)
      if (agentId === undefined || agent === undefined) {
        counters.add("unreadable")
        Metrics.decodeFailures.add("undecodable")
        return yield* Effect.logWarning(`unreadable delivery of an unknown agent ignored: ${frame.reason}`)
      }
      // Without a readable delivery id the position stands in for it, so that a replay of the same frame is recognised.
      const deliveryId = frame.deliveryId ?? DeliveryId.make(`undecodable_${agentId}_${frame.seq}`)
      yield* arrive({ deliveryId, agentId, agent, seq: frame.seq, content: undecodable(frame.reason, frame.raw) })
    })

    const place = ({ agent, elsewhere }: Extract<NodeFrame, { _tag: "AgentPlace" }>) =>
      Effect.suspend(() => {
        if (elsewhere) state.elsewhere.add(agent)
        else state.elsewhere.delete(agent)
        const agentId = state.idOf(agent)
        if (agentId !== undefined) state.change((book) => (elsewhere ? Book.left : Book.returned)(book, agentId))
        return registry.find(agent)
      }).pipe(
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.void,
            onSome: (worker) => (elsewhere ? worker.hold : worker.resume)
          })
        ),
        Effect.zipRight(wakeClock)
      )

    const observe: Deliveries["Type"]["observe"] = (frame) => {
      switch (frame._tag) {
        case "Deliver": {
          const { agent, agent_id, delivery_id, seq } = frame.frame
          const content = contentOf(frame.frame, context)
          return arrive({ deliveryId: delivery_id, agentId: agent_id, agent, seq, content })
        }
        case "Undecodable":
          return arriveUndecodable(frame.frame)
        case "ReplayStarts":
          return Effect.suspend(() => {
            state.change((book) => Book.replayStarts(book, frame.atMillis))
            return wakeClock
          })
        case "SessionReady":
          return Effect.zipRight(wakeAcker, wakeClock)
        case "AgentPlace":
          return place(frame)
        case "SessionLost":
          return Effect.sync(() => state.change(Book.sessionLost))
      }
    }

    return observe
  })

// Carries out what the book decides: the book's state changes at once, its decisions follow in order.

interface StepsOptions {
  readonly state: State
  readonly counters: Counters
  readonly surface: (arrival: Book.Arrival<Content>, numbered: boolean) => Effect.Effect<void>
  readonly repeatAck: (agentId: Book.Arrival<Content>["agentId"]) => Effect.Effect<void>
  readonly askReplay: Effect.Effect<void>
  /** Something waits for time to pass. */
  readonly wakeClock: Effect.Effect<void>
}

export const makeSteps = ({ askReplay, counters, repeatAck, state, surface, wakeClock }: StepsOptions) => {
  const decide = (decision: Book.Decision<Content>): Effect.Effect<void> => {
    switch (decision._tag) {
      case "Surface": {
        const { arrival, numbered } = decision
        const done = surface(arrival, numbered)
        return numbered ? Effect.zipRight(done, state.isSurfaced(arrival.agentId, arrival.seq)) : done
      }
      case "ReAck":
        counters.add("acks_repeated")
        return repeatAck(decision.agentId)
      case "AskReplay":
        counters.add("replays_wanted")
        return askReplay
      case "Held":
        counters.add("held")
        return wakeClock
      case "Refused":
        counters.add("refused")
        return Effect.logDebug(
          `inbox of ${decision.arrival.agent} is full: seq ${decision.arrival.seq} stays with the engine`
        )
      case "BelowCursor":
        counters.add("below_cursor")
        return Effect.logWarning(
          `${decision.arrival.agent}: unknown delivery ${decision.arrival.deliveryId} at seq ${decision.arrival.seq}, cursor ${decision.cursor}: delivered`
        )
      case "HoleClosed":
        counters.add("holes_closed")
        return state
          .isSurfaced(decision.agentId, decision.to)
          .pipe(
            Effect.zipRight(state.saveCursor(decision.agentId)),
            Effect.zipRight(
              Effect.logInfo(
                `seq ${decision.from} to ${decision.to} of agent ${decision.agentId} do not exist at the engine`
              )
            )
          )
      case "Settled":
        return state
          .isSurfaced(decision.agentId, decision.baseline)
          .pipe(
            Effect.zipRight(state.saveCursor(decision.agentId)),
            Effect.zipRight(Effect.logDebug(`agent ${decision.agentId} starts after seq ${decision.baseline}`))
          )
      case "Duplicate":
        counters.add("duplicates")
        return Effect.void
    }
  }

  return (change: (book: Book.DeliveryBook<Content>) => Book.Step<Content>): Effect.Effect<void> =>
    Effect.suspend(() => Effect.forEach(state.take(change), decide, { discard: true }))
}

export type Step = ReturnType<typeof makeSteps>

// What becomes of an arrival whose turn has come: into the agent's inbox, put aside, or confirmed without being typed.

/** Kinds of message that are not known are reported once each, and no more than this many. */
const reportedTypesLimit = 100

interface SurfacingOptions {
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
