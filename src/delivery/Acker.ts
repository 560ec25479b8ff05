/**
 * Sends the acks that are due: one per agent however many messages were confirmed meanwhile, in the order in which they
 * became due, again after a reconnect when the link was away. Holds no truth of its own: that is the book's.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type { AgentId } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"
import { NodeControl } from "../node/NodeControl.ts"
import type { AgentBook, DueAck } from "./DeliveryBook.ts"

/** How soon an ack is tried again whose name is being registered. */
const namingMillis = 250

export const makeAcker = (o: {
  readonly due: (nowMillis: number) => ReadonlyArray<DueAck>
  /** What an ack that is repeated says now; undefined when none may leave for this id any more. */
  readonly repeatable: (agentId: AgentId) => Pick<AgentBook<unknown>, "name" | "acked"> | undefined
  readonly sent: (ack: DueAck) => Effect.Effect<void>
}) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const events = yield* Events
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    const lock = yield* Effect.makeSemaphore(1)
    const repeats = new Set<AgentId>()
    const wake = Effect.asVoid(wakeUps.offer())

    /** When the next ack may leave that has to wait; undefined when none waits for time. */
    const sendDue = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      let later: number | undefined
      for (const ack of o.due(now)) {
        if (ack.notBeforeMillis > now) {
          later = Math.min(later ?? ack.notBeforeMillis, ack.notBeforeMillis)
          continue
        }
        const left = yield* node.ack({ agent: ack.name, agentId: ack.agentId, upToSeq: ack.upTo })
        if (left === "later") later = Math.min(later ?? Number.POSITIVE_INFINITY, now + namingMillis)
        if (left !== "sent") continue
        yield* o.sent(ack)
        yield* events.publish({ kind: "engine_acked", name: ack.name, up_to_seq: ack.upTo, timestamp: now })
      }
      // After the due ones, which make most repeats needless.
      for (const agentId of [...repeats]) {
        repeats.delete(agentId)
        const agent = o.repeatable(agentId)
        if (agent === undefined || agent.acked === 0) continue
        const left = yield* node.ack({ agent: agent.name, agentId, upToSeq: agent.acked })
        if (left !== "later") continue
        repeats.add(agentId)
        later = Math.min(later ?? Number.POSITIVE_INFINITY, now + namingMillis)
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
      /** An ack that left once and does not seem to have arrived. Never waits for the socket, and never says less than another. */
      repeat: (agentId: AgentId) =>
        Effect.suspend(() => {
          repeats.add(agentId)
          return wake
        }),
      /** Everything due now has left, or the link is away. */
      flush: Effect.asVoid(sendDue)
    }
  })
