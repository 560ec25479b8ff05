/** Puts messages aside that will never be typed: a record that says why, on disk, before anything counts them as done. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryDead } from "../domain/Errors.ts"
import type { AgentId, AgentName, DeliveryId, MessageId } from "../domain/Ids.ts"
import type { RelayMessage } from "../domain/Message.ts"
import type { DeadReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import { type DeadLetterRecord, Store } from "../store/Store.ts"
import type { Counters } from "./Counters.ts"
import type { Handover } from "./Handover.ts"
import type { Entry, Inbox } from "./Inbox.ts"
import type { Journeys } from "./Journeys.ts"
import type { State } from "./Mailboxes.ts"

type Letter = Omit<DeadLetterRecord, "atMillis">

export const letterOf = (
  o: {
    readonly deliveryId: DeliveryId
    readonly agent: AgentName
    readonly agentId: AgentId
    readonly seq: number
    readonly messageId: MessageId | undefined
  },
  reason: DeadReason,
  message: RelayMessage | undefined
): Letter => ({
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

export interface BurialOptions {
  readonly state: State
  readonly counters: Counters
  readonly journeys: Journeys
  readonly confirm: (o: {
    readonly agentId: AgentId
    readonly seq: number
    readonly numbered: boolean
  }) => Effect.Effect<void>
}

export const makeBurial = ({ confirm, counters, journeys, state }: BurialOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const store = yield* Store

    const bury = Effect.fnUntraced(function* (letter: Letter, { numbered }: { readonly numbered: boolean }) {
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

    const entry = Effect.fnUntraced(function* (entry: Entry, reason: DeadReason) {
      const message = entry.message ?? Option.getOrUndefined(yield* store.message(entry.deliveryId))
      yield* bury(letterOf(entry, reason, message), entry)
    })

    /** All that waits for an agent that is no more; how many. */
    const inbox = Effect.fnUntraced(function* (
      inbox: Inbox,
      reason: "agent_released" | "worker_exited",
      handover: Handover
    ) {
      state.hasGone(inbox.agentId, reason)
      const left = handover.dissolve(inbox)
      // Together: their letters share a commit, and one ack says it all.
      yield* Effect.forEach(left, (each) => entry(each, reason), { concurrency: "unbounded", discard: true })
      const last = left.at(-1)
      if (last === undefined) return 0
      const { name } = inbox
      yield* events.publish({ kind: "delivery_dropped", name, count: left.length, reason })
      if (reason === "worker_exited") {
        yield* alerts.raise(new DeliveryDead({ agent: name, deliveryId: last.deliveryId, reason }), name)
      }
      return left.length
    })

    return { bury, entry, inbox }
  })

export type Burial = Effect.Effect.Success<ReturnType<typeof makeBurial>>

// Alerts about dead letters tell the truth: they go when nothing of what they are about is left to be done.

/** A release is somebody's wish, and no reason to wake anybody. */
const alarming: Readonly<Record<DeadReason, "DeliveryDead" | "Undecodable" | undefined>> = {
  agent_released: undefined,
  worker_exited: "DeliveryDead",
  program_failed: "DeliveryDead",
  pty_write_failed: "DeliveryDead",
  refused: "DeliveryDead",
  inbox_full: "DeliveryDead",
  lost: "DeliveryDead",
  undecodable: "Undecodable"
}

/** Resolves the alerts of agents whose dead letters were all sent again, purged, or dropped for their age. */
export const settleLetterAlerts = Effect.gen(function* () {
  const alerts = yield* Alerts
  const store = yield* Store
  const raised = (yield* alerts.list).filter(({ code }) => code === "DeliveryDead" || code === "Undecodable")
  if (raised.length === 0) return
  const left = new Set(
    (yield* store.deadLetters)
      .filter(({ redeliveredAs }) => redeliveredAs === undefined)
      .map(({ agent, reason }) => `${alarming[reason]} ${agent}`)
  )
  for (const { code, subject } of raised) {
    if (!left.has(`${code} ${subject}`)) yield* alerts.resolve(code, subject)
  }
})
