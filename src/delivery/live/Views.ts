/** What people and programs are shown of messages under way: read only, and readable whatever is wedged. */
import * as Effect from "effect/Effect"
import { type DeliveryRecord, Store } from "../../store/Store.ts"
import type { AgentMailbox, Deliveries, DeliveryTrace } from "../Deliveries.ts"
import * as Book from "../DeliveryBook.ts"
import type { Handover } from "../Handover.ts"
import type { Inbox } from "../Inbox.ts"
import type { State } from "../Mailboxes.ts"
import type { Waiting } from "../StuckWatch.ts"

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
