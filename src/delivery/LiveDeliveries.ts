/**
 * `Deliveries`: the book decides, the handover gives to workers, the store remembers, the acker tells the engine. One
 * consumer calls `observe`; outcomes come from the workers' fibers. Here the parts in `live/` are put together.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryDead } from "../domain/Errors.ts"
import { Events } from "../events/Events.ts"
import { Store } from "../store/Store.ts"
import { makeAcker } from "./Acker.ts"
import { makeAgentLife } from "./AgentLife.ts"
import { makeCounters } from "./Counters.ts"
import { type BurialOptions, makeBurial } from "./DeadLetters.ts"
import { Deliveries } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import { makeFramesIn } from "./FramesIn.ts"
import { makeHandover } from "./Handover.ts"
import { makeHolding } from "./Holding.ts"
import { type Entry, type Inbox, inboxLimits } from "./Inbox.ts"
import { makeJourneys } from "./Journeys.ts"
import { makeGiving } from "./LocalSend.ts"
import { settleLetterAlerts } from "./letterAlerts.ts"
import { resume } from "./live/resume.ts"
import { makeSteps, type Step } from "./live/Steps.ts"
import { makeSurfacing } from "./live/Surfacing.ts"
import { makeViews } from "./live/Views.ts"
import { type DeliveriesOptions, makeState, type State } from "./Mailboxes.ts"
import { makeReplayAsker } from "./ReplayAsker.ts"
import * as SentHere from "./SentHere.ts"
import { watchStuck } from "./StuckWatch.ts"

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
      deadLetters: store.deadLetters,
      ...makeHolding(handover),
      purgeDeadLetters: (deliveryId) => Effect.zipLeft(store.purgeDeadLetters(deliveryId), settleAlerts),
      stopTyping: handover.stop,
      flushAcks: acker.flush
    })
  })

export const layer = (options: DeliveriesOptions) => Layer.scoped(Deliveries, make(options))
