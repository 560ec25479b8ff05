/**
 * The inboxes of all agents, and how their messages get to the workers: in order, a window at a time, each with its
 * durable marks (*typing* before the first byte, *submitted* before anything counts it as done).
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type AgentId, type AgentName, type DeliveryId, Seq } from "../domain/Ids.ts"

import type { Delivery, RelayMessage } from "../domain/Message.ts"
import type { DeadReason, InjectionOutcome } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { Worker } from "../injection/Worker.ts"
import { type DeliveryRecord, Store } from "../store/Store.ts"
import { type Entry, Inbox } from "./Inbox.ts"
import type { Journeys } from "./Journeys.ts"

export interface HandoverOptions {
  readonly journeys: Journeys
  /** The agent has it. */
  readonly onSubmitted: (entry: Entry, inbox: Inbox) => Effect.Effect<void>
  /** It will never be delivered; `lost`: memory let its text go and the store could not keep it. */
  readonly onGivenUp: (entry: Entry, inbox: Inbox, reason: DeadReason) => Effect.Effect<void>
}

/** How long a program may take to say what its session holds. Low: repeats are marked that need not be; high: messages wait. */
const lookUpMillis = "10 seconds"

const sizeOf = (message: RelayMessage): number => Buffer.byteLength(message.text) + 256

export const makeHandover = (options: HandoverOptions) =>
  Effect.gen(function* () {
    const store = yield* Store
    const events = yield* Events
    const inboxes = new Map<AgentId, Inbox>()
    const pumping = new Set<Inbox>()
    const again = new Set<Inbox>()
    let typing = true
    /** Nothing is handed over before it is known what the session has already. */
    const lookingUp = new Set<Inbox>()

    const inboxOf = (agentId: AgentId, name: AgentName): Inbox => {
      const known = inboxes.get(agentId)
      if (known !== undefined) return known
      const inbox = new Inbox(agentId, name)
      inboxes.set(agentId, inbox)
      return inbox
    }

    const entryOf = (delivery: Delivery, numbered: boolean, receivedAtMillis: number): Entry => ({
      deliveryId: delivery.deliveryId,
      messageId: delivery.message.id,
      agentId: delivery.agentId,
      agent: delivery.agent,
      from: delivery.message.from,
      target: delivery.message.target,
      mode: delivery.message.mode,
      seq: delivery.seq,
      origin: delivery.origin,
      numbered,
      receivedAtMillis,
      bytes: sizeOf(delivery.message),
      mayBeRepeat: false,
      message: delivery.message
    })

    /** One row before it is anything else; then the worker's window. */
    const accept = Effect.fnUntraced(function* (delivery: Delivery, numbered: boolean) {
      const atMillis = yield* Clock.currentTimeMillis
      yield* store.received(delivery, { numbered, atMillis })
      options.journeys.received(delivery, numbered, atMillis)
      const inbox = inboxOf(delivery.agentId, delivery.agent)
      const entry = entryOf(delivery, numbered, atMillis)
      const health = yield* store.health
      if (delivery.origin === "initial_task") inbox.addFirst(entry)
      else inbox.add(entry, health._tag === "Ok")
      yield* pump(inbox)
      return inbox
    })

    /** A row of a former run. */
    const restore = (record: DeliveryRecord): void => {
      const inbox = inboxOf(record.agentId, record.agent)
      const { message } = record
      inbox.add(
        {
          deliveryId: record.deliveryId,
          messageId: record.messageId,
          agentId: record.agentId,
          agent: record.agent,
          from: record.from,
          target: record.target,
          mode: message?.mode ?? "wait",
          seq: record.seq,
          origin: record.origin,
          numbered: record.numbered,
          receivedAtMillis: record.receivedAtMillis,
          bytes: message === undefined ? 256 : sizeOf(message),
          mayBeRepeat: record.state === "typing",
          message
        },
        true
      )
    }

    const messageOf = (inbox: Inbox, entry: Entry): Effect.Effect<RelayMessage | undefined> =>
      entry.message !== undefined
        ? Effect.succeed(entry.message)
        : Effect.map(store.message(entry.deliveryId), (found) => {
            if (Option.isSome(found)) inbox.remember(entry, found.value, sizeOf(found.value))
            return Option.getOrUndefined(found)
          })

    const typingBegins = (entry: Entry) =>
      Effect.gen(function* () {
        const timestamp = yield* Clock.currentTimeMillis
        yield* store.typing([entry.deliveryId], timestamp)
        entry.mayBeRepeat = true
        options.journeys.typing(entry.deliveryId, timestamp)
        yield* events.publish({
          kind: "delivery_typing",
          name: entry.agent,
          delivery_id: entry.deliveryId,
          event_id: entry.messageId,
          timestamp
        })
      })

    const settled = (inbox: Inbox, entry: Entry, outcome: InjectionOutcome): Effect.Effect<void> =>
      Effect.gen(function* () {
        if (outcome._tag === "NotSubmitted") return inbox.takeBack(entry)
        if (outcome._tag === "GivenUp") {
          inbox.remove(entry)
          yield* options.onGivenUp(entry, inbox, outcome.reason)
          return yield* pump(inbox)
        }
        const { deliveryId } = entry
        const { atMillis, channel, evidence } = outcome
        yield* store.submitted({ deliveryId, evidence, channel, atMillis })
        options.journeys.submitted(deliveryId, evidence, atMillis)
        inbox.remove(entry)
        yield* options.onSubmitted(entry, inbox)
        yield* pump(inbox)
      })

    const submit = (worker: Worker, inbox: Inbox, entry: Entry, message: RelayMessage) =>
      worker.submit({
        delivery: {
          deliveryId: entry.deliveryId,
          agentId: entry.agentId,
          agent: worker.name,
          seq: Seq.make(entry.seq),
          origin: entry.origin,
          message
        },
        // Only a session that goes on has seen the first attempt; a fresh one is told nothing of it.
        possibleRepeat: entry.mayBeRepeat && worker.resumed,
        onTyping: typingBegins(entry),
        onUnproven: (reason) => store.unproven(entry.deliveryId, reason),
        onOutcome: (outcome) => settled(inbox, entry, outcome)
      })

    const pumpOnce = (inbox: Inbox): Effect.Effect<void> =>
      Effect.gen(function* () {
        for (;;) {
          const { worker } = inbox
          const entry = worker === undefined || !typing || lookingUp.has(inbox) ? undefined : inbox.hand()
          if (worker === undefined || entry === undefined) return
          const message = yield* messageOf(inbox, entry)
          if (message === undefined) {
            inbox.remove(entry)
            yield* options.onGivenUp(entry, inbox, "lost")
            continue
          }
          const submitted = yield* Effect.either(submit(worker, inbox, entry, message))
          if (Either.isRight(submitted)) continue
          // Its exit is on the way, or its queue is full: the next outcome pumps again.
          inbox.takeBack(entry)
          return yield* Effect.logDebug(`${inbox.name} takes no more now: ${submitted.left.message}`)
        }
      })

    /** One at a time per inbox, so that the order is the inbox's; a call meanwhile makes it go round once more. */
    const pump = (inbox: Inbox): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (pumping.has(inbox)) {
          again.add(inbox)
          return Effect.void
        }
        pumping.add(inbox)
        return Effect.ensuring(
          pumpOnce(inbox),
          Effect.sync(() => pumping.delete(inbox))
        ).pipe(Effect.zipRight(Effect.suspend(() => (again.delete(inbox) ? pump(inbox) : Effect.void))))
      })

    /**
     * What may have been put into this session by a former process is looked for in it first. What is found is had; what is
     * certainly not there needs no mark when it is put in again.
     */
    const lookUp = (inbox: Inbox, worker: Worker): Effect.Effect<void> =>
      Effect.gen(function* () {
        const asked = inbox.list().flatMap(({ entry }) => (entry.mayBeRepeat ? [entry] : []))
        if (asked.length === 0 || !worker.resumed) return
        const looked = yield* Effect.timeoutOption(worker.lookup(asked.map(({ messageId }) => messageId)), lookUpMillis)
        if (Option.isNone(looked) || !looked.value.answered) return
        const atMillis = yield* Clock.currentTimeMillis
        const { name } = (yield* worker.status).channel
        for (const entry of asked) {
          if (looked.value.found.has(entry.messageId)) {
            yield* settled(inbox, entry, { _tag: "Submitted", evidence: "looked_up", channel: name, atMillis })
          } else entry.mayBeRepeat = false
        }
      })

    /** A worker lives now: it is given what waits, once it is known what its session has of it. */
    const begin = (inbox: Inbox, worker: Worker): Effect.Effect<void> =>
      Effect.sync(() => lookingUp.add(inbox)).pipe(
        Effect.zipRight(lookUp(inbox, worker)),
        Effect.ensuring(Effect.sync(() => lookingUp.delete(inbox))),
        Effect.zipRight(pump(inbox))
      )

    /** As `Deliveries.settle`. One whose agent is not here, or is not given it yet, may have been put in by a former run. */
    const settle = (deliveryId: string, how: "confirm" | "retry"): Effect.Effect<boolean> =>
      Effect.gen(function* () {
        const found = entryOfId(deliveryId)
        if (found === undefined) return false
        const { entry, handed, inbox } = found
        if (handed && inbox.worker !== undefined) return yield* inbox.worker.settle(entry.deliveryId, how)
        if (!entry.mayBeRepeat) return false
        if (how === "retry") return true
        const atMillis = yield* Clock.currentTimeMillis
        yield* settled(inbox, entry, { _tag: "Submitted", evidence: "confirmed", channel: "person", atMillis })
        return true
      })
    const entryOfId = (deliveryId: string) => {
      for (const inbox of inboxes.values()) {
        const found = inbox.list().find(({ entry }) => entry.deliveryId === deliveryId)
        if (found !== undefined) return { ...found, inbox }
      }
      return undefined
    }

    return {
      begin,
      settle,
      /** The text of an entry, without keeping it in memory. */
      peek: (entry: Entry): Effect.Effect<RelayMessage | undefined> =>
        entry.message !== undefined
          ? Effect.succeed(entry.message)
          : Effect.map(store.message(entry.deliveryId), Option.getOrUndefined),
      accept,
      restore,
      pump,
      find: (agentId: AgentId) => inboxes.get(agentId),
      inboxOf,
      all: () => [...inboxes.values()],
      /** Takes the inbox away, with what was left in it. */
      dissolve: (inbox: Inbox): ReadonlyArray<Entry> => {
        inboxes.delete(inbox.agentId)
        inbox.worker = undefined
        return inbox.list().map(({ entry }) => entry)
      },
      entry: (deliveryId: DeliveryId) => entryOfId(deliveryId),
      stop: Effect.sync(() => {
        typing = false
      })
    }
  })

export type Handover = Effect.Effect.Success<ReturnType<typeof makeHandover>>
