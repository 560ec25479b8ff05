/**
 * `Deliveries`: the book decides, the handover gives to workers, the store remembers, the acker tells the engine. One
 * consumer calls `observe`; outcomes come from the workers' fibers.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import {
  DeliveryDead,
  QueueFull,
  Undecodable,
  UnknownDeadLetter,
  UnknownPayloadType,
  UnknownWorker
} from "../domain/Errors.ts"
import { AgentId, DeliveryId, MessageId, Seq } from "../domain/Ids.ts"
import type { Delivery, RelayMessage } from "../domain/Message.ts"
import type { DeadReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { NodeFrame } from "../node/NodeControl.ts"
import { type DeadLetterRecord, type DeliveryRecord, Store } from "../store/Store.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import type { Worker } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { makeAcker } from "./Acker.ts"
import { makeCounters } from "./Counters.ts"
import { Deliveries, type DeliveryTrace, type LocalSend } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import { makeDeparted } from "./Departed.ts"
import { makeHandover } from "./Handover.ts"
import { makeHolding } from "./Holding.ts"
import { type Entry, type Inbox, inboxLimits } from "./Inbox.ts"
import { makeDeliveryId } from "./ids.ts"
import { makeJourneys } from "./Journeys.ts"
import { settleLetterAlerts } from "./letterAlerts.ts"
import { type Content, contentOf, undecodable } from "./Reading.ts"
import * as RecentIds from "./RecentIds.ts"
import { makeReplayAsker } from "./ReplayAsker.ts"
import { restoreBook } from "./restoreBook.ts"
import * as SentHere from "./SentHere.ts"
import { watchStuck } from "./StuckWatch.ts"

type Arrival = Book.Arrival<Content>

export interface DeliveriesOptions {
  /** Shown in relay lines (the alias when there is one) and in events; undefined when unknown. */
  readonly workspaceId: string | undefined
  readonly workspaceAlias: string | undefined
  /** Agents that ended here and are remembered. */
  readonly departedLimit?: number
}

/**
 * How many agents that are no longer here are remembered, so that the engine is told to stop (design 5.7). As many as
 * the store keeps cursors of: beyond that a broker that runs for months would only grow.
 */
const departedLimit = 10_000

const make = (options: DeliveriesOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const store = yield* Store
    const registry = yield* WorkerRegistry
    const counters = makeCounters()
    const journeys = yield* makeJourneys
    /** Arrivals and the passing of time surface messages one after the other, so that an agent's order is the book's. */
    const surfacing = yield* Effect.makeSemaphore(1)
    const context = options.workspaceAlias ?? options.workspaceId

    const former = yield* store.load
    let book: Book.DeliveryBook<Content> = restoreBook(former)
    let announced = RecentIds.make(1_000)
    /**
     * Per agent, the highest number that has its row or needs none. While decisions are carried out the book is ahead of
     * it, and a stored cursor that was ahead of its rows would be an ack for nothing after a crash.
     */
    const surfaced = new Map(Book.all(book).map(({ agentId, received }) => [agentId, received]))
    const starting = new Set<AgentId>()
    const departed = makeDeparted(options.departedLimit ?? departedLimit)
    const reportedTypes = new Set<string>()
    const sentHere = SentHere.make()

    const acker = yield* makeAcker({
      due: () => Book.dueAcks(book),
      repeatable: (agentId) => {
        const agent = Book.agentOf(book, agentId)
        return agent === undefined || Book.ownerOf(book, agent.name) !== agentId ? undefined : agent
      },
      sent: (ack) =>
        Effect.gen(function* () {
          book = Book.ackSent(book, ack)
          counters.add("acks")
          const atMillis = yield* Clock.currentTimeMillis
          journeys.acked(ack.agentId, ack.upTo, atMillis)
          yield* store.acked(
            { agentId: ack.agentId, name: ack.name, received: surfacedTo(ack.agentId, ack.upTo), acked: ack.upTo },
            atMillis
          )
        })
    })
    const asker = yield* makeReplayAsker({
      open: () => Book.hasOpenHole(book),
      nextTickMillis: () => Book.nextTickMillis(book),
      tick: (now) => surfacing.withPermits(1)(step((current) => Book.tick(current, now)))
    })
    const handover = yield* makeHandover({
      journeys,
      onSubmitted: (entry, inbox) => submitted(entry, inbox),
      onGivenUp: (entry, reason) => {
        const { agent, deliveryId } = entry
        return alerts
          .raise(new DeliveryDead({ agent, deliveryId, reason }), agent)
          .pipe(Effect.zipRight(buryEntry(entry, reason)))
      }
    })

    /** Applies a step of the book: the state at once, the decisions in order. */
    const step = (change: (book: Book.DeliveryBook<Content>) => Book.Step<Content>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const [next, decisions] = change(book)
        book = next
        return Effect.forEach(decisions, decide, { discard: true })
      })

    const surfacedTo = (agentId: AgentId, acked: number) => Math.max(acked, surfaced.get(agentId) ?? acked)

    const saveCursor = (agentId: AgentId) =>
      Effect.suspend(() => {
        const agent = Book.agentOf(book, agentId)
        if (agent === undefined || agent.baseline._tag === "Settling") return Effect.void
        const { acked, name } = agent
        return store.cursor({ agentId, name, received: surfacedTo(agentId, acked), acked })
      })

    const isSurfaced = (agentId: AgentId, seq: number) =>
      Effect.sync(() => void surfaced.set(agentId, Math.max(seq, surfaced.get(agentId) ?? 0)))

    const decide = (decision: Book.Decision<Content>): Effect.Effect<void> => {
      switch (decision._tag) {
        case "Surface": {
          const { arrival, numbered } = decision
          const done = surface(arrival, numbered)
          return numbered ? Effect.zipRight(done, isSurfaced(arrival.agentId, arrival.seq)) : done
        }
        case "ReAck":
          counters.add("acks_repeated")
          return acker.repeat(decision.agentId)
        case "AskReplay":
          counters.add("replays_wanted")
          return asker.ask
        case "Held":
          counters.add("held")
          return asker.wake
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
          return isSurfaced(decision.agentId, decision.to).pipe(
            Effect.zipRight(saveCursor(decision.agentId)),
            Effect.zipRight(
              Effect.logInfo(
                `seq ${decision.from} to ${decision.to} of agent ${decision.agentId} do not exist at the engine`
              )
            )
          )
        case "Settled":
          return isSurfaced(decision.agentId, decision.baseline).pipe(
            Effect.zipRight(saveCursor(decision.agentId)),
            Effect.zipRight(Effect.logDebug(`agent ${decision.agentId} starts after seq ${decision.baseline}`))
          )
        case "Duplicate":
          counters.add("duplicates")
          return Effect.void
      }
    }

    const confirm = (o: { readonly agentId: AgentId; readonly seq: number; readonly numbered: boolean }) =>
      step((current) => Book.confirm(current, o)).pipe(Effect.zipRight(acker.wake))

    const letterOf = (
      o: {
        readonly deliveryId: DeliveryId
        readonly agent: Delivery["agent"]
        readonly agentId: AgentId
        readonly seq: number
        readonly messageId: MessageId | undefined
      },
      reason: DeadReason,
      message: RelayMessage | undefined
    ): Omit<DeadLetterRecord, "atMillis"> => ({
      deliveryId: o.deliveryId,
      agent: o.agent,
      agentId: o.agentId,
      messageId: o.messageId,
      seq: o.seq,
      reason,
      message,
      raw: undefined,
      redeliveredAs: undefined
    })

    /** A record that says why, on disk, before anything counts it as done. */
    const bury = Effect.fn("Deliveries.bury")(function* (
      letter: Omit<DeadLetterRecord, "atMillis">,
      { numbered }: { readonly numbered: boolean }
    ) {
      counters.add(`dead_${letter.reason}`)
      const atMillis = yield* Clock.currentTimeMillis
      yield* store.buried({ ...letter, atMillis })
      journeys.buried(letter.deliveryId, letter.reason, atMillis)
      if (letter.messageId !== undefined) {
        yield* events.publish({
          kind: "message_delivery_failed",
          name: letter.agent,
          delivery_id: letter.deliveryId,
          event_id: letter.messageId,
          from: letter.message?.from ?? "",
          to: letter.agent,
          attempts: 0,
          lastError: letter.reason
        })
      }
      yield* confirm({ agentId: letter.agentId, seq: letter.seq, numbered })
    })

    const buryEntry = Effect.fnUntraced(function* (entry: Entry, reason: DeadReason) {
      const message = entry.message ?? Option.getOrUndefined(yield* store.message(entry.deliveryId))
      yield* bury(letterOf(entry, reason, message), entry)
    })

    const surface = (arrival: Arrival, numbered: boolean): Effect.Effect<void> => {
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
            .pipe(Effect.zipRight(bury({ ...letter, raw: content.raw }, { numbered })))
        }
        case "Typed":
          return receive(
            {
              ...{ deliveryId, agentId, agent, seq: Seq.make(seq), origin: "engine" as const },
              message: sentHere.complete(content.message)
            },
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

    const receive = Effect.fn("Deliveries.receive")(function* (delivery: Delivery, numbered: boolean) {
      const { agent, agentId, deliveryId, message, seq } = delivery
      counters.add("received")
      yield* announce(message)
      // Being started again: the engine sends what waited before we know its answer to the register.
      const starts = starting.has(agentId) || (yield* registry.starting).includes(agent)
      const reason = departed.reasonOf(agentId)
      if (reason !== undefined && !starts) {
        return yield* bury(letterOf({ deliveryId, agent, agentId, seq, messageId: message.id }, reason, message), {
          numbered
        })
      }
      const inbox = yield* handover.accept(delivery, numbered)
      if (inbox.worker === undefined && !starts) yield* alerts.raise(new UnknownWorker({ agent }), agent)
    })

    const submitted = (entry: Entry, inbox: Inbox): Effect.Effect<void> =>
      Effect.gen(function* () {
        counters.add("submitted")
        yield* events.publish({
          kind: "message_delivery_confirmed",
          name: entry.agent,
          delivery_id: entry.deliveryId,
          event_id: entry.messageId,
          from: entry.from,
          to: entry.agent
        })
        yield* confirm(entry)
        if (inbox.size < inboxLimits.rows / 2) yield* step((current) => Book.roomAgain(current, entry.agentId))
      })

    const arrive = (arrival: Arrival) =>
      Effect.gen(function* () {
        counters.add("frames")
        const nowMillis = yield* Clock.currentTimeMillis
        yield* step((current) => {
          const inbox = handover.find(arrival.agentId)
          const heldBack = Book.heldBack(current, arrival.agentId)
          const hasRoom = inbox === undefined ? heldBack < inboxLimits.rows : inbox.hasRoom(heldBack)
          return Book.observe(current, arrival, { hasRoom, nowMillis })
        })
      }).pipe(surfacing.withPermits(1))

    const observeUndecodable = Effect.fn("Deliveries.observeUndecodable")(function* (
      frame: Extract<NodeFrame, { _tag: "Undecodable" }>["frame"]
    ) {
      const agentId = frame.agentId ?? (frame.agent === undefined ? undefined : Book.ownerOf(book, frame.agent))
      const agent = frame.agent ?? (agentId === undefined ? undefined : Book.agentOf(book, agentId)?.name)
      if (agentId === undefined || agent === undefined) {
        counters.add("unreadable")
        Metrics.decodeFailures.add("undecodable")
        return yield* Effect.logWarning(`unreadable delivery of an unknown agent ignored: ${frame.reason}`)
      }
      // Without a readable delivery id the position stands in for it, so that a replay of the same frame is recognised.
      const deliveryId = frame.deliveryId ?? DeliveryId.make(`undecodable_${agentId}_${frame.seq}`)
      yield* arrive({ deliveryId, agentId, agent, seq: frame.seq, content: undecodable(frame.reason, frame.raw) })
    })

    const observe = (frame: Exclude<NodeFrame, { _tag: "Invoke" }>): Effect.Effect<void> => {
      switch (frame._tag) {
        case "Deliver": {
          const { agent, agent_id, delivery_id, seq } = frame.frame
          return arrive({
            deliveryId: delivery_id,
            agentId: agent_id,
            agent,
            seq,
            content: contentOf(frame.frame, context)
          })
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
        case "AgentPlace":
          return Effect.suspend(() => {
            const agentId = Book.ownerOf(book, frame.agent)
            if (agentId !== undefined) book = (frame.elsewhere ? Book.left : Book.returned)(book, agentId)
            return registry.find(frame.agent)
          }).pipe(
            Effect.flatMap(
              Option.match({
                onNone: () => Effect.void,
                onSome: (worker) => (frame.elsewhere ? worker.hold : worker.resume)
              })
            ),
            Effect.zipRight(asker.wake)
          )
        case "SessionLost":
          return Effect.sync(() => {
            book = Book.sessionLost(book)
          })
      }
    }

    const agentRegistered: Deliveries["Type"]["agentRegistered"] = ({ ackedSeq, agentId, name }) =>
      Effect.gen(function* () {
        const nowMillis = yield* Clock.currentTimeMillis
        book = Book.registered(book, { agentId, name, cursor: ackedSeq, nowMillis })
        departed.cameBack(agentId)
        starting.add(agentId)
        yield* saveCursor(agentId)
        yield* acker.wake
        yield* asker.wake
      })

    const localId = (worker: Worker) => worker.agentId ?? AgentId.make(`local:${worker.name}:${worker.generation}`)

    const workerStarted = Effect.fn("Deliveries.workerStarted")(function* (worker: Worker) {
      const inbox = handover.inboxOf(localId(worker), worker.name)
      inbox.name = worker.name
      inbox.worker = worker
      starting.delete(inbox.agentId)
      departed.cameBack(inbox.agentId)
      yield* alerts.resolve("UnknownWorker", worker.name)
      yield* handover.pump(inbox)
    })

    const remember = (agentId: AgentId, reason: DeadReason | undefined) => {
      // It was deregistered: the engine replays nothing of it to this node.
      book = Book.left(book, agentId)
      for (const oldest of departed.add(agentId, reason)) {
        // Messages wait for it: it is not over.
        if (handover.find(oldest) !== undefined) continue
        book = Book.forget(book, oldest)
        surfaced.delete(oldest)
      }
    }

    const agentUndone = (agentId: AgentId) =>
      Effect.sync(() => {
        starting.delete(agentId)
        remember(agentId, undefined)
      })

    const buryAll = Effect.fn("Deliveries.buryAll")(function* (
      inbox: Inbox,
      reason: "agent_released" | "worker_exited"
    ) {
      remember(inbox.agentId, reason)
      const left = handover.dissolve(inbox)
      // Together: their letters share a commit, and one ack says it all.
      yield* Effect.forEach(left, (entry) => buryEntry(entry, reason), { concurrency: "unbounded", discard: true })
      const last = left.at(-1)
      if (last === undefined) return 0
      const { name } = inbox
      yield* events.publish({ kind: "delivery_dropped", name, count: left.length, reason })
      if (reason === "worker_exited") {
        yield* alerts.raise(new DeliveryDead({ agent: name, deliveryId: last.deliveryId, reason }), name)
      }
      return left.length
    })

    const workerGone: Deliveries["Type"]["workerGone"] = ({ reason, worker }) =>
      Effect.suspend(() => {
        const inbox = handover.find(localId(worker))
        // A successor may already live under this id: its messages are not ours to bury.
        return inbox === undefined || inbox.worker !== worker ? Effect.succeed(0) : buryAll(inbox, reason)
      })

    const workerRestarting: Deliveries["Type"]["workerRestarting"] = (worker) =>
      Effect.sync(() => {
        const inbox = handover.find(localId(worker))
        if (inbox === undefined || inbox.worker !== worker) return
        inbox.worker = undefined
        starting.add(inbox.agentId)
      })

    const agentReleased: Deliveries["Type"]["agentReleased"] = ({ agentId, name }) =>
      Effect.gen(function* () {
        starting.delete(agentId)
        yield* alerts.resolve("UnknownWorker", name)
        const inbox = handover.inboxOf(agentId, name)
        return inbox.worker === undefined ? yield* buryAll(inbox, "agent_released") : 0
      })

    /** The one way in for what does not come from the engine: the same inbox, injector and records (design 5.10). */
    const give = Effect.fn("Deliveries.give")(function* (
      to: Worker,
      origin: Delivery["origin"],
      message: RelayMessage
    ) {
      const agentId = localId(to)
      if (departed.reasonOf(agentId) !== undefined) return yield* new UnknownWorker({ agent: to.name })
      const inbox = handover.find(agentId)
      if (inbox !== undefined && !inbox.hasRoom(Book.heldBack(book, agentId))) {
        return yield* new QueueFull({ agent: to.name, limit: inboxLimits.rows })
      }
      counters.add("local")
      const deliveryId = yield* makeDeliveryId
      yield* handover.accept({ deliveryId, agentId, agent: to.name, seq: Seq.make(0), origin, message }, false)
      return deliveryId
    })

    const sendLocal = (o: LocalSend) =>
      give(o.to, o.origin, {
        id: MessageId.make(o.messageId),
        from: o.from,
        target: o.target,
        text: o.text,
        mode: o.mode,
        ...(o.threadId === undefined ? {} : { threadId: o.threadId }),
        ...(o.priority === undefined ? {} : { priority: o.priority }),
        ...(context === undefined || o.origin === "initial_task" ? {} : { workspace: context })
      })

    const redeliver: Deliveries["Type"]["redeliver"] = Effect.fn("Deliveries.redeliver")(function* (deliveryId) {
      const letter = Option.getOrUndefined(yield* store.deadLetter(deliveryId))
      if (letter?.message === undefined) return yield* new UnknownDeadLetter({ deliveryId })
      const { agent, message } = letter
      const worker = handover.all().find(({ worker: each }) => each?.name === agent)?.worker
      if (worker === undefined) return yield* new UnknownWorker({ agent })
      const as = yield* give(worker, "local", message)
      yield* store.redelivered({ deliveryId: letter.deliveryId, as })
      yield* settleAlerts
      return as
    })

    const settleAlerts = Effect.provideService(settleLetterAlerts, Store, store).pipe(
      Effect.provideService(Alerts, alerts)
    )

    const waitingReason = (inbox: Inbox, handed: boolean) =>
      inbox.worker === undefined
        ? Effect.succeed("no_worker" as const)
        : Effect.map(inbox.worker.status, ({ waiting }) => (handed ? waiting : (waiting ?? ("busy" as const))))

    const traced = (record: DeliveryRecord): Effect.Effect<DeliveryTrace> => {
      const found =
        record.state === "waiting" || record.state === "typing" ? handover.entry(record.deliveryId) : undefined
      return found === undefined
        ? Effect.succeed({ record, waiting: undefined })
        : Effect.map(waitingReason(found.inbox, found.handed), (waiting) => ({ record, waiting }))
    }

    const pending = Effect.suspend(() =>
      Effect.forEach(
        handover.all().flatMap((inbox) => inbox.list().map((each) => ({ ...each, inbox }))),
        ({ entry, handed, inbox }) =>
          Effect.map(waitingReason(inbox, handed), (waiting) => ({
            deliveryId: entry.deliveryId,
            messageId: entry.messageId,
            agent: entry.agent,
            agentId: entry.agentId,
            from: entry.from,
            target: entry.target,
            seq: entry.seq,
            receivedAtMillis: entry.receivedAtMillis,
            state: handed ? ("handed" as const) : ("waiting" as const),
            waiting
          }))
      )
    )

    const mailboxes = Effect.sync(() =>
      Book.all(book).map(({ acked, agentId, confirmedEnd, name, received }) => {
        const inbox = handover.find(agentId)
        return {
          agent: name,
          agentId,
          received,
          confirmed: confirmedEnd,
          acked,
          waiting: inbox?.size ?? 0,
          held: Book.heldBack(book, agentId),
          hosted: inbox?.worker !== undefined
        }
      })
    )

    // What a former run left: its agents ended with it, their messages wait (design 5.8).
    for (const record of former.open) handover.restore(record)
    for (const { agentId, state } of former.agents) {
      if (agentId !== undefined && state !== "live")
        remember(agentId, state === "released" ? "agent_released" : "worker_exited")
    }
    for (const inbox of handover.all()) {
      if (inbox.size > 0) yield* alerts.raise(new UnknownWorker({ agent: inbox.name }), inbox.name)
    }
    // A former run's alerts about messages that expired meanwhile, and about letters that were dropped for their age.
    const waitedFor = new Set<string>(handover.all().flatMap(({ name, size }) => (size > 0 ? [name] : [])))
    for (const { code, subject } of yield* alerts.list) {
      if (code === "UnknownWorker" && !waitedFor.has(subject)) yield* alerts.resolve(code, subject, "stale")
    }
    yield* settleAlerts
    yield* watchStuck(
      Effect.suspend(() =>
        Effect.forEach(
          handover.all().flatMap((inbox) => {
            const [next] = inbox.list()
            return next === undefined ? [] : [{ inbox, ...next }]
          }),
          ({ entry, handed, inbox }) =>
            Effect.map(waitingReason(inbox, handed), (reason) => ({
              agent: inbox.name,
              next: entry.deliveryId,
              receivedAtMillis: entry.receivedAtMillis,
              count: inbox.size,
              // No gate is closed and still nothing moves: it is being typed, into a program that does not read.
              reason: reason ?? ("busy" as const)
            }))
        )
      )
    )

    return Deliveries.of({
      observe,
      agentRegistered,
      agentUndone,
      workerStarted,
      workerGone,
      workerRestarting,
      agentReleased,
      announce,
      posting: (post, call) =>
        Effect.acquireUseRelease(
          Effect.sync(() => sentHere.begin(post)),
          () => call,
          (_, exit) => Effect.sync(() => sentHere.settle(post, Exit.isSuccess(exit) ? exit.value.messageId : undefined))
        ),
      sendLocal,
      pending,
      mailboxes,
      counters: Effect.sync(counters.read),
      trace: (id) => Effect.flatMap(store.find(id), Effect.forEach(traced)),
      recent: (o) => Effect.flatMap(store.recentDeliveries(o), Effect.forEach(traced)),
      deadLetters: store.deadLetters,
      redeliver,
      ...makeHolding(handover),
      purgeDeadLetters: (deliveryId) => Effect.zipLeft(store.purgeDeadLetters(deliveryId), settleAlerts),
      stopTyping: handover.stop,
      flushAcks: acker.flush
    })
  })

export const layer = (options: DeliveriesOptions) => Layer.scoped(Deliveries, make(options))
