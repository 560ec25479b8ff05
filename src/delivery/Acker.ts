/**
 * Sends the acks that are due: one per agent however many messages were confirmed meanwhile, in the order in which they
 * became due, again after a reconnect when the link was away. Holds no truth of its own: that is the book's.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import { Events } from "../events/Events.ts"
import { NodeControl } from "../node/NodeControl.ts"
import type { DueAck } from "./DeliveryBook.ts"

export const makeAcker = (o: {
  readonly due: () => ReadonlyArray<DueAck>
  readonly sent: (ack: DueAck) => Effect.Effect<void>
}) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const events = yield* Events
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    const lock = yield* Effect.makeSemaphore(1)
    const wake = Effect.asVoid(wakeUps.offer())

    /** When the next ack may leave that has to wait; undefined when none waits for time. */
    const sendDue = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      let later: number | undefined
      for (const ack of o.due()) {
        if (ack.notBeforeMillis > now) {
          later = Math.min(later ?? ack.notBeforeMillis, ack.notBeforeMillis)
          continue
        }
        yield* node.ack({ agent: ack.name, upToSeq: ack.upTo })
        yield* o.sent(ack)
        yield* events.publish({ kind: "engine_acked", name: ack.name, up_to_seq: ack.upTo, timestamp: now })
      }
      return later
    }).pipe(
      // Without a link nothing is lost: the ack stays due, and a ready session wakes us.
      Effect.catchTag("LinkLost", (error) => Effect.as(Effect.logDebug(`acks wait: ${error.message}`), undefined)),
      lock.withPermits(1)
    )

    yield* Effect.gen(function* () {
      yield* wakeUps.take
      yield* Effect.yieldNow()
      const later = yield* sendDue
      if (later === undefined) return
      const now = yield* Clock.currentTimeMillis
      yield* Effect.forkScoped(Effect.delay(wake, Math.max(0, later - now)))
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    return {
      wake,
      /** An ack that left once and does not seem to have arrived. */
      repeat: (ack: { readonly name: DueAck["name"]; readonly upTo: number }) =>
        node
          .ack({ agent: ack.name, upToSeq: ack.upTo })
          .pipe(Effect.catchTag("LinkLost", (error) => Effect.logDebug(`ack not repeated: ${error.message}`))),
      /** Everything due now has left, or the link is away. */
      flush: Effect.asVoid(sendDue)
    }
  })
