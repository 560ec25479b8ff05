/** What does not come from the engine takes the same way: the same inbox, injector and records. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { QueueFull, UnknownDeadLetter, UnknownWorker } from "../domain/Errors.ts"
import { MessageId, Seq } from "../domain/Ids.ts"
import type { Delivery, RelayMessage } from "../domain/Message.ts"
import type { Worker } from "../injection/Worker.ts"
import { Store } from "../store/Store.ts"
import { inboxIdOf } from "./AgentLife.ts"
import type { Counters } from "./Counters.ts"
import type { Deliveries } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import type { Handover } from "./Handover.ts"
import { inboxLimits } from "./Inbox.ts"
import type { State } from "./Mailboxes.ts"
import { makeDeliveryId } from "./Outbox.ts"

export interface GivingOptions {
  readonly state: State
  readonly counters: Counters
  readonly handover: Handover
  /** The workspace as relay lines show it. */
  readonly context: string | undefined
  /** Alerts about dead letters, once one of them was sent again. */
  readonly settleAlerts: Effect.Effect<void>
}

export const makeGiving = ({ context, counters, handover, settleAlerts, state }: GivingOptions) =>
  Effect.gen(function* () {
    const store = yield* Store

    const give = Effect.fnUntraced(function* (to: Worker, origin: Delivery["origin"], message: RelayMessage) {
      const agentId = inboxIdOf(to)
      if (state.goneBecause(agentId) !== undefined) return yield* new UnknownWorker({ agent: to.name })
      const inbox = handover.find(agentId)
      if (inbox !== undefined && !inbox.hasRoom(Book.heldBack(state.book(), agentId))) {
        return yield* new QueueFull({ agent: to.name, limit: inboxLimits.rows })
      }
      counters.add("local")
      const deliveryId = yield* makeDeliveryId
      yield* handover.accept({ deliveryId, agentId, agent: to.name, seq: Seq.make(0), origin, message }, false)
      // The engine has no copy of it: whoever is told that it waits must find it there after a crash, too.
      yield* store.flush
      return deliveryId
    })

    const sendLocal: Deliveries["Type"]["sendLocal"] = (o) =>
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

    return { sendLocal, redeliver }
  })
