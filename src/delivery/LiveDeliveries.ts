/** `Deliveries` over the book, with inboxes in memory. One consumer calls `observe`; outcomes come from the workers' fibers. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryDead, QueueFull, Undecodable, UnknownPayloadType, UnknownWorker } from "../domain/Errors.ts"
import { AgentId, DeliveryId, MessageId, Seq } from "../domain/Ids.ts"
import type { Delivery, RelayMessage } from "../domain/Message.ts"
import type { DeadReason, InjectionOutcome } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { NodeFrame } from "../node/NodeControl.ts"
import { readPayload } from "../wire/Payload.ts"
import type { Worker } from "../workers/Worker.ts"
import { makeAcker } from "./Acker.ts"
import { type DeadLetter, Deliveries, type LocalSend } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import { type Entry, Inbox, inboxLimits } from "./Inbox.ts"
import { makeDeliveryId } from "./ids.ts"
import * as RecentIds from "./RecentIds.ts"
import { makeReplayAsker } from "./ReplayAsker.ts"

/** What the book carries for each frame. */
type Content =
  | { readonly _tag: "Typed"; readonly message: RelayMessage }
  | { readonly _tag: "Silent" }
  | { readonly _tag: "Unknown"; readonly payloadType: string }
  | { readonly _tag: "Undecodable"; readonly reason: string }

type Arrival = Book.Arrival<Content>

export interface DeliveriesOptions {
  /** Shown in relay lines (the alias when there is one) and in events; undefined when unknown. */
  readonly workspaceId: string | undefined
  readonly workspaceAlias: string | undefined
}

const deadLetterLimit = 500
/** How many agents that are no longer here are remembered, so that the engine is told to stop (design 5.7). */
const goneLimit = 10_000

const sizeOf = (message: RelayMessage): number => Buffer.byteLength(message.text) + 256

const make = (options: DeliveriesOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    /** Arrivals and the passing of time surface messages one after the other, so that an agent's order is the book's. */
    const surfacing = yield* Effect.makeSemaphore(1)

    let book: Book.DeliveryBook<Content> = Book.empty()
    let typing = true
    const context = options.workspaceAlias ?? options.workspaceId
    const inboxes = new Map<AgentId, Inbox>()
    const starting = new Set<AgentId>()
    const gone = new Map<AgentId, DeadReason>()
    const deadLetters: Array<DeadLetter> = []
    const reportedTypes = new Set<string>()
    let announced = RecentIds.make(1_000)

    const acker = yield* makeAcker({
      due: () => Book.dueAcks(book),
      sent: (ack) => {
        book = Book.ackSent(book, ack)
      }
    })
    const asker = yield* makeReplayAsker({
      open: () => Book.hasOpenHole(book),
      nextTickMillis: () => Book.nextTickMillis(book),
      tick: (now) => surfacing.withPermits(1)(step((current) => Book.tick(current, now)))
    })

    const inboxOf = (agentId: AgentId, name: Delivery["agent"]): Inbox => {
      const known = inboxes.get(agentId)
      if (known !== undefined) return known
      const inbox = new Inbox(agentId, name)
      inboxes.set(agentId, inbox)
      return inbox
    }

    /** Applies a step of the book: the state at once, the decisions in order. */
    const step = (change: (book: Book.DeliveryBook<Content>) => Book.Step<Content>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const [next, decisions] = change(book)
        book = next
        return Effect.forEach(decisions, decide, { discard: true })
      })

    const decide = (decision: Book.Decision<Content>): Effect.Effect<void> => {
      switch (decision._tag) {
        case "Surface":
          return surface(decision.arrival, decision.numbered)
        case "ReAck":
          return acker.repeat(decision)
        case "AskReplay":
          return asker.ask
        case "Held":
          return asker.wake
        case "Refused":
          return Effect.logWarning(
            `inbox of ${decision.arrival.agent} is full: seq ${decision.arrival.seq} left with the engine`
          )
        case "BelowCursor":
          return Effect.logWarning(
            `${decision.arrival.agent}: unknown delivery ${decision.arrival.deliveryId} at seq ${decision.arrival.seq}, cursor ${decision.cursor}: delivered`
          )
        case "HoleClosed":
          return Effect.logInfo(
            `seq ${decision.from} to ${decision.to} of agent ${decision.agentId} do not exist at the engine`
          )
        case "Settled":
          return Effect.logDebug(`agent ${decision.agentId} starts after seq ${decision.baseline}`)
        case "Duplicate":
          return Effect.logDebug(`duplicate ${decision.arrival.deliveryId} for ${decision.arrival.agent}`)
      }
    }

    const confirm = (o: { readonly agentId: AgentId; readonly seq: number; readonly numbered: boolean }) =>
      step((current) => Book.confirm(current, o)).pipe(Effect.zipRight(acker.wake))

    const bury = Effect.fn("Deliveries.bury")(function* (
      letter: Omit<DeadLetter, "atMillis">,
      o: { readonly agentId: AgentId; readonly numbered: boolean }
    ) {
      deadLetters.push({ ...letter, atMillis: yield* Clock.currentTimeMillis })
      if (deadLetters.length > deadLetterLimit) deadLetters.shift()
      yield* confirm({ agentId: o.agentId, seq: letter.seq, numbered: o.numbered })
    })

    const buryMessage = Effect.fn("Deliveries.buryMessage")(function* (
      delivery: Delivery,
      numbered: boolean,
      reason: DeadReason
    ) {
      const { agent, agentId, deliveryId, message, seq } = delivery
      yield* events.publish({
        kind: "message_delivery_failed",
        name: agent,
        delivery_id: deliveryId,
        event_id: message.id,
        from: message.from,
        to: agent,
        attempts: 0,
        lastError: reason
      })
      yield* bury({ deliveryId, agent, messageId: message.id, seq, reason }, { agentId, numbered })
    })

    const surface = (arrival: Arrival, numbered: boolean): Effect.Effect<void> => {
      const { agent, agentId, content, deliveryId, seq } = arrival
      switch (content._tag) {
        case "Silent":
          return confirm({ agentId, seq, numbered })
        case "Unknown":
          return reportType(content.payloadType).pipe(Effect.zipRight(confirm({ agentId, seq, numbered })))
        case "Undecodable":
          return alerts
            .raise(new Undecodable({ agent, seq, reason: content.reason }), agent)
            .pipe(
              Effect.zipRight(
                bury({ deliveryId, agent, messageId: undefined, seq, reason: "undecodable" }, { agentId, numbered })
              )
            )
        case "Typed":
          return receive(
            { deliveryId, agentId, agent, seq: Seq.make(seq), origin: "engine", message: content.message },
            numbered
          )
      }
    }

    const reportType = (payloadType: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (reportedTypes.has(payloadType) || reportedTypes.size >= 100) return Effect.void
        reportedTypes.add(payloadType)
        return alerts.raise(new UnknownPayloadType({ payloadType }), payloadType)
      })

    const announce = (message: RelayMessage) =>
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
          workspace_id: options.workspaceId ?? null,
          workspace_alias: options.workspaceAlias ?? null
        })
      })

    const receive = Effect.fn("Deliveries.receive")(function* (delivery: Delivery, numbered: boolean) {
      const { agent, agentId, message } = delivery
      yield* announce(message)
      const reason = gone.get(agentId)
      if (reason !== undefined) return yield* buryMessage(delivery, numbered, reason)
      const inbox = inboxOf(agentId, agent)
      inbox.add({ delivery, numbered, receivedAtMillis: yield* Clock.currentTimeMillis, bytes: sizeOf(message) })
      if (inbox.worker !== undefined) return yield* pump(inbox)
      if (!starting.has(agentId)) yield* alerts.raise(new UnknownWorker({ agent }), agent)
    })

    /** Hands over what the worker may have; synchronous up to the worker's queue, so the order is the inbox's. */
    const pump = (inbox: Inbox): Effect.Effect<void> =>
      Effect.gen(function* () {
        for (;;) {
          const { worker } = inbox
          const entry = worker === undefined || !typing ? undefined : inbox.hand()
          if (worker === undefined || entry === undefined) return
          const submitted = yield* Effect.either(
            worker.submit({
              delivery: entry.delivery,
              onTyping: typingBegins(entry),
              onOutcome: (outcome) => settled(inbox, entry, outcome)
            })
          )
          if (Either.isLeft(submitted)) {
            // Its exit is on the way, or its queue is full: the next outcome pumps again.
            inbox.takeBack(entry)
            return yield* Effect.logDebug(`${inbox.name} takes no more now: ${submitted.left.message}`)
          }
        }
      })

    const typingBegins = ({ delivery }: Entry) =>
      Effect.flatMap(Clock.currentTimeMillis, (timestamp) =>
        events.publish({
          kind: "delivery_typing",
          name: delivery.agent,
          delivery_id: delivery.deliveryId,
          event_id: delivery.message.id,
          timestamp
        })
      )

    const settled = (inbox: Inbox, entry: Entry, outcome: InjectionOutcome): Effect.Effect<void> =>
      Effect.gen(function* () {
        if (outcome._tag === "NotSubmitted") return inbox.takeBack(entry)
        const { agent, agentId, deliveryId, message, seq } = entry.delivery
        inbox.remove(entry)
        yield* events.publish({
          kind: "message_delivery_confirmed",
          name: agent,
          delivery_id: deliveryId,
          event_id: message.id,
          from: message.from,
          to: agent
        })
        yield* confirm({ agentId, seq, numbered: entry.numbered })
        if (inbox.size < inboxLimits.rows / 2) yield* step((current) => Book.roomAgain(current, agentId))
        yield* pump(inbox)
      })

    const arrive = (arrival: Arrival) =>
      Effect.gen(function* () {
        const nowMillis = yield* Clock.currentTimeMillis
        yield* step((current) => {
          const inbox = inboxes.get(arrival.agentId)
          const heldBack = Book.heldBack(current, arrival.agentId)
          const hasRoom = inbox === undefined ? heldBack < inboxLimits.rows : inbox.hasRoom(heldBack)
          return Book.observe(current, arrival, { hasRoom, nowMillis })
        })
      }).pipe(surfacing.withPermits(1))

    const contentOf = (frame: Extract<NodeFrame, { _tag: "Deliver" }>["frame"]): Content => {
      const reading = readPayload(frame, context)
      return reading._tag === "Typed"
        ? { _tag: "Typed", message: reading.message }
        : reading._tag === "Silent"
          ? { _tag: "Silent" }
          : { _tag: "Unknown", payloadType: reading.payloadType }
    }

    const observeUndecodable = Effect.fn("Deliveries.observeUndecodable")(function* (
      frame: Extract<NodeFrame, { _tag: "Undecodable" }>["frame"]
    ) {
      const agentId = frame.agentId ?? (frame.agent === undefined ? undefined : Book.ownerOf(book, frame.agent))
      const agent = frame.agent ?? (agentId === undefined ? undefined : Book.agentOf(book, agentId)?.name)
      if (agentId === undefined || agent === undefined) {
        return yield* Effect.logWarning(`unreadable delivery of an unknown agent ignored: ${frame.reason}`)
      }
      // Without a readable delivery id the position stands in for it, so that a replay of the same frame is recognised.
      const deliveryId = frame.deliveryId ?? DeliveryId.make(`undecodable_${agentId}_${frame.seq}`)
      yield* arrive({
        deliveryId,
        agentId,
        agent,
        seq: frame.seq,
        content: { _tag: "Undecodable", reason: frame.reason }
      })
    })

    const observe = (frame: Exclude<NodeFrame, { _tag: "Invoke" }>): Effect.Effect<void> => {
      switch (frame._tag) {
        case "Deliver": {
          const { agent, agent_id, delivery_id, seq } = frame.frame
          return arrive({ deliveryId: delivery_id, agentId: agent_id, agent, seq, content: contentOf(frame.frame) })
        }
        case "Undecodable":
          return observeUndecodable(frame.frame)
        case "ReplayStarts":
          return Effect.suspend(() => {
            book = Book.replayStarts(book, frame.atMillis)
            return asker.wake
          })
        case "SessionReady":
          return acker.wake.pipe(Effect.zipRight(asker.wake))
        case "SessionLost":
          return Effect.void
      }
    }

    const agentRegistered: Deliveries["Type"]["agentRegistered"] = ({ ackedSeq, agentId, name }) =>
      Effect.map(Clock.currentTimeMillis, (nowMillis) => {
        book = Book.registered(book, { agentId, name, cursor: ackedSeq, nowMillis })
        gone.delete(agentId)
        starting.add(agentId)
      })

    const agentUndone = (agentId: AgentId) => Effect.sync(() => void starting.delete(agentId))

    const localId = (worker: Worker) => worker.agentId ?? AgentId.make(`local:${worker.name}:${worker.generation}`)

    const workerStarted = Effect.fn("Deliveries.workerStarted")(function* (worker: Worker) {
      const inbox = inboxOf(localId(worker), worker.name)
      inbox.name = worker.name
      inbox.worker = worker
      starting.delete(inbox.agentId)
      gone.delete(inbox.agentId)
      yield* alerts.resolve("UnknownWorker", worker.name)
      yield* alerts.resolve("DeliveryDead", worker.name)
      yield* pump(inbox)
    })

    const workerGone: Deliveries["Type"]["workerGone"] = Effect.fn("Deliveries.workerGone")(function* ({
      reason,
      worker
    }) {
      const agentId = localId(worker)
      const inbox = inboxes.get(agentId)
      // A successor may already live under this id: its messages are not ours to bury.
      if (inbox === undefined || inbox.worker !== worker) return 0
      const left = inbox.list()
      inboxes.delete(agentId)
      inbox.worker = undefined
      gone.set(agentId, reason)
      for (const oldest of gone.keys()) {
        if (gone.size <= goneLimit) break
        gone.delete(oldest)
      }
      if (left.length === 0) return 0
      for (const { entry } of left) yield* buryMessage(entry.delivery, entry.numbered, reason)
      yield* events.publish({ kind: "delivery_dropped", name: worker.name, count: left.length, reason })
      if (reason === "worker_exited") {
        const last = left[left.length - 1]!.entry.delivery
        yield* alerts.raise(new DeliveryDead({ agent: worker.name, deliveryId: last.deliveryId, reason }), worker.name)
      }
      return left.length
    })

    const sendLocal: Deliveries["Type"]["sendLocal"] = Effect.fn("Deliveries.sendLocal")(function* (o: LocalSend) {
      const agentId = localId(o.to)
      if (gone.has(agentId)) return yield* new UnknownWorker({ agent: o.to.name })
      const inbox = inboxOf(agentId, o.to.name)
      if (!inbox.hasRoom(0)) return yield* new QueueFull({ agent: o.to.name, limit: inboxLimits.rows })
      const message: RelayMessage = {
        id: MessageId.make(o.messageId),
        from: o.from,
        target: o.target,
        text: o.text,
        mode: o.mode,
        ...(o.threadId === undefined ? {} : { threadId: o.threadId }),
        ...(o.priority === undefined ? {} : { priority: o.priority }),
        ...(context === undefined || o.origin === "initial_task" ? {} : { workspace: context })
      }
      const deliveryId = yield* makeDeliveryId
      const entry: Entry = {
        delivery: { deliveryId, agentId, agent: o.to.name, seq: Seq.make(0), origin: o.origin, message },
        numbered: false,
        receivedAtMillis: yield* Clock.currentTimeMillis,
        bytes: sizeOf(message)
      }
      if (o.origin === "initial_task") inbox.addFirst(entry)
      else inbox.add(entry)
      yield* pump(inbox)
      return deliveryId
    })

    const pending = Effect.sync(() =>
      [...inboxes.values()].flatMap((inbox) =>
        inbox.list().map(({ entry: { delivery, receivedAtMillis }, handed }) => ({
          deliveryId: delivery.deliveryId,
          messageId: delivery.message.id,
          agent: delivery.agent,
          agentId: delivery.agentId,
          from: delivery.message.from,
          target: delivery.message.target,
          seq: delivery.seq,
          receivedAtMillis,
          state: handed ? ("handed" as const) : ("waiting" as const)
        }))
      )
    )

    return Deliveries.of({
      observe,
      agentRegistered,
      agentUndone,
      workerStarted,
      workerGone,
      announce,
      sendLocal,
      pending,
      deadLetters: Effect.sync(() => [...deadLetters]),
      stopTyping: Effect.sync(() => {
        typing = false
      }),
      flushAcks: acker.flush
    })
  })

export const layer = (options: DeliveriesOptions) => Layer.scoped(Deliveries, make(options))
