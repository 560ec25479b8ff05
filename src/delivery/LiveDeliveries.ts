/**
 * `Deliveries`: the book decides, the handover gives to workers, the store remembers, the acker tells the engine. One
 * consumer calls `observe`; outcomes come from the workers' fibers. Here the parts in `live/` are put together.
 */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryDead, UnknownWorker } from "../domain/Errors.ts"
import { Events } from "../events/Events.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { type DeliveryRecord, Store, type StoredState } from "../store/Store.ts"
import { makeAcker } from "./Acker.ts"
import { makeAgentLife } from "./AgentLife.ts"
import { makeCounters } from "./Counters.ts"
import { type BurialOptions, makeBurial, settleLetterAlerts } from "./DeadLetters.ts"
import { type AgentMailbox, Deliveries, type DeliveryTrace } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import { makeFramesIn, makeSteps, makeSurfacing, type Step } from "./FramesIn.ts"
import { type Handover, makeHandover } from "./Handover.ts"
import { makeHolding } from "./Holding.ts"
import { type Entry, type Inbox, inboxLimits } from "./Inbox.ts"
import { makeJourneys } from "./Journeys.ts"
import { makeGiving } from "./LocalSend.ts"
import { type DeliveriesOptions, makeState, type State } from "./Mailboxes.ts"
import * as SentHere from "./SentHere.ts"
import { type Waiting, watchStuck } from "./StuckWatch.ts"

// What a former run left: its agents ended with it, their messages wait.

export const resume = (
  former: StoredState,
  { handover, state }: { readonly handover: Handover; readonly state: State }
) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    for (const record of former.open) handover.restore(record)
    for (const { agentId, state: ended } of former.agents) {
      if (agentId === undefined || ended === "live") continue
      state.hasGone(agentId, ended === "released" ? "agent_released" : "worker_exited")
    }
    const waitedFor = handover.all().filter(({ size }) => size > 0)
    for (const { name } of waitedFor) yield* alerts.raise(new UnknownWorker({ agent: name }), name)
    // A former run's alerts about messages that expired meanwhile.
    const names = new Set<string>(waitedFor.map(({ name }) => name))
    for (const { code, subject } of yield* alerts.list) {
      if (code === "UnknownWorker" && !names.has(subject)) yield* alerts.resolve(code, subject, "stale")
    }
  })

// What people and programs are shown of messages under way: read only, and readable whatever is wedged.

const waitingReason = (inbox: Inbox, handed: boolean) =>
  inbox.worker === undefined
    ? Effect.succeed("no_worker" as const)
    : Effect.map(inbox.worker.status, ({ waiting }) => (handed ? waiting : (waiting ?? ("busy" as const))))

export const makeViews = ({ handover, state }: { readonly handover: Handover; readonly state: State }) =>
  Effect.gen(function* () {
    const store = yield* Store

    const traced = (record: DeliveryRecord): Effect.Effect<DeliveryTrace> => {
      const found =
        record.state === "waiting" || record.state === "typing" ? handover.entry(record.deliveryId) : undefined
      return found === undefined
        ? Effect.succeed({ record, waiting: undefined })
        : Effect.map(waitingReason(found.inbox, found.handed), (waiting) => ({ record, waiting }))
    }

    const pending: Deliveries["Type"]["pending"] = Effect.suspend(() =>
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

    const mailboxes: Deliveries["Type"]["mailboxes"] = Effect.sync(() =>
      Book.all(state.book()).map(({ acked, agentId, confirmedEnd, name, received }): AgentMailbox => {
        const inbox = handover.find(agentId)
        return {
          agent: name,
          agentId,
          received,
          confirmed: confirmedEnd,
          acked,
          waiting: inbox?.size ?? 0,
          held: Book.heldBack(state.book(), agentId),
          hosted: inbox?.worker !== undefined
        }
      })
    )

    /** The first message of each inbox. */
    const heads: Effect.Effect<ReadonlyArray<Waiting>> = Effect.suspend(() =>
      Effect.forEach(
        handover.all().flatMap((inbox) => {
          const [next] = inbox.list()
          return next === undefined ? [] : [{ inbox, ...next }]
        }),
        ({ entry, handed, inbox }) =>
          Effect.map(waitingReason(inbox, handed), (reason) => ({
            agent: inbox.name,
            agentId: inbox.agentId,
            next: entry.deliveryId,
            receivedAtMillis: entry.receivedAtMillis,
            count: inbox.size,
            // No gate is closed and still nothing moves: it is being typed, into a program that does not read.
            reason: reason ?? ("busy" as const)
          }))
      )
    )

    return {
      heads,
      pending,
      mailboxes,
      trace: (id: string) => Effect.flatMap(store.find(id), Effect.forEach(traced)),
      recent: (o: Parameters<Deliveries["Type"]["recent"]>[0]) =>
        Effect.flatMap(store.recentDeliveries(o), Effect.forEach(traced))
    }
  })

// Drives the book's time: settling, holes that a replay left open, and asking the engine for a replay while a hole is
// open. Sleeps while there is nothing to wait for. Time that passed while this process stood still (the machine slept, or was
// too busy) is no quiet: what came meanwhile is still to be read, and gets a moment for that.

/** How soon an ask that was refused ("not now") is repeated. */
const askAgainMillis = 1_000
/** A timer that fires so much late tells of a standstill; and how long reading gets then. */
const lateMillis = 500

export const makeReplayAsker = (o: {
  readonly open: () => boolean
  readonly nextTickMillis: () => number | undefined
  readonly tick: (nowMillis: number) => Effect.Effect<void>
}) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    const wake = Effect.asVoid(wakeUps.offer())
    let wanted = false
    let plannedMillis = Number.POSITIVE_INFINITY

    yield* Effect.gen(function* () {
      if ((yield* Clock.currentTimeMillis) - plannedMillis > lateMillis) yield* Effect.sleep(lateMillis)
      const now = yield* Clock.currentTimeMillis
      yield* o.tick(now)
      if (wanted || o.open()) wanted = !(yield* node.requestReplay)
      const due = [o.nextTickMillis(), wanted || o.open() ? now + askAgainMillis : undefined].filter(
        (at) => at !== undefined
      )
      const wait = Math.max(1, Math.min(...due) - now)
      plannedMillis = now + wait
      yield* due.length === 0 ? wakeUps.take : Effect.raceFirst(wakeUps.take, Effect.sleep(wait))
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    return {
      wake,
      ask: Effect.suspend(() => {
        wanted = true
        return wake
      })
    }
  })

export type { DeliveriesOptions } from "./Mailboxes.ts"

const make = (options: DeliveriesOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const store = yield* Store
    const counters = makeCounters()
    const journeys = yield* makeJourneys
    const sentHere = SentHere.make()
    const context = options.workspaceAlias ?? options.workspaceId
    const former = yield* store.load
    const state: State = yield* makeState({
      ...options,
      former,
      isWaitedFor: (agentId): boolean => handover.find(agentId) !== undefined
    })

    // The parts know each other in a ring. A part that comes later is reached through these, and nothing moves before all are there.
    const wakeAcker = Effect.suspend(() => acker.wake)
    const wakeClock = Effect.suspend(() => asker.wake)
    const step: Step = makeSteps({
      ...{ state, counters, wakeClock },
      surface: (arrival, numbered) => surface(arrival, numbered),
      repeatAck: (agentId) => acker.repeat(agentId),
      askReplay: Effect.suspend(() => asker.ask)
    })
    const confirm: BurialOptions["confirm"] = (o) =>
      step((book) => Book.confirm(book, o)).pipe(Effect.zipRight(wakeAcker))

    const burial = yield* makeBurial({ state, counters, journeys, confirm })

    /** An entry has left its inbox: what was refused for want of room is asked for again. */
    const left = ({ agentId }: Entry, inbox: Inbox): Effect.Effect<void> =>
      inbox.size < inboxLimits.rows / 2 ? step((book) => Book.roomAgain(book, agentId)) : Effect.void

    const onSubmitted = (entry: Entry, inbox: Inbox): Effect.Effect<void> =>
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
        yield* left(entry, inbox)
      })

    const handover = yield* makeHandover({
      journeys,
      onSubmitted,
      onGivenUp: (entry, inbox, reason) => {
        const { agent, deliveryId } = entry
        return alerts
          .raise(new DeliveryDead({ agent, deliveryId, reason }), agent)
          .pipe(Effect.zipRight(burial.entry(entry, reason)), Effect.zipRight(left(entry, inbox)))
      }
    })
    const { announce, surface } = yield* makeSurfacing({
      ...{ options, state, counters, burial, confirm, handover },
      complete: sentHere.complete
    })

    const acker = yield* makeAcker({
      due: (nowMillis) => {
        state.change((book) => Book.graceFrom(book, nowMillis))
        return Book.dueAcks(state.book())
      },
      repeatable: (agentId) => {
        const agent = Book.agentOf(state.book(), agentId)
        return agent === undefined || state.idOf(agent.name) !== agentId ? undefined : agent
      },
      sent: (ack) =>
        Effect.gen(function* () {
          state.change((book) => Book.ackSent(book, ack))
          counters.add("acks")
          const atMillis = yield* Clock.currentTimeMillis
          journeys.acked(ack.agentId, ack.upTo, atMillis)
          yield* store.acked(
            {
              agentId: ack.agentId,
              name: ack.name,
              received: state.surfacedTo(ack.agentId, ack.upTo),
              acked: ack.upTo
            },
            atMillis
          )
        })
    })
    const asker = yield* makeReplayAsker({
      open: () => Book.hasOpenHole(state.book()),
      nextTickMillis: () => Book.nextTickMillis(state.book()),
      tick: (now) => state.surfacing.withPermits(1)(step((book) => Book.tick(book, now)))
    })
    const settleAlerts = settleLetterAlerts.pipe(
      Effect.provideService(Store, store),
      Effect.provideService(Alerts, alerts)
    )
    const observe = yield* makeFramesIn({ state, counters, step, handover, context, wakeAcker, wakeClock })
    const life = yield* makeAgentLife({ state, burial, handover, wakeAcker, wakeClock })
    const giving = yield* makeGiving({ state, counters, handover, context, settleAlerts })
    const { heads, ...views } = yield* makeViews({ state, handover })

    yield* resume(former, { state, handover })
    // Letters may have been dropped for their age.
    yield* settleAlerts
    yield* watchStuck(heads)

    return Deliveries.of({
      observe,
      announce,
      ...life,
      ...giving,
      ...views,
      posting: (post, call) =>
        Effect.acquireUseRelease(
          Effect.sync(() => sentHere.begin(post)),
          () => call,
          (_, exit) => Effect.sync(() => sentHere.settle(post, Exit.isSuccess(exit) ? exit.value.messageId : undefined))
        ),
      counters: Effect.sync(counters.read),
      settle: handover.settle,
      deadLetters: store.deadLetters,
      ...makeHolding(handover),
      purgeDeadLetters: (deliveryId) => Effect.zipLeft(store.purgeDeadLetters(deliveryId), settleAlerts),
      stopTyping: handover.stop,
      flushAcks: acker.flush
    })
  })

export const layer = (options: DeliveriesOptions) => Layer.scoped(Deliveries, make(options))
