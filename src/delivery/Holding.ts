/**
 * The mode of an agent, what is held for it and how it is let go, over the whole of its inbox: the terminal's queue holds a
 * window of it only. Held messages are unacked.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { MessageId } from "../domain/Ids.ts"
import type { RelayMessage } from "../domain/Message.ts"
import type { DeliveryMode } from "../domain/Receipt.ts"
import type { Worker } from "../injection/Worker.ts"
import type { Handover } from "./Handover.ts"
import type { Inbox } from "./Inbox.ts"

/** A message that waits for somebody to let it go. */
export interface HeldMessage {
  readonly messageId: MessageId
  readonly message: RelayMessage
  readonly queuedAtMillis: number
}

export interface ModeChange {
  readonly previous: DeliveryMode
  /** Messages let go by the change. */
  readonly flushed: number
}

export const makeHolding = (handover: Handover) => {
  const inboxOf = (worker: Worker): Inbox | undefined => handover.all().find((inbox) => inbox.worker === worker)
  /** What waits behind the terminal's window. */
  const behind = (worker: Worker) =>
    inboxOf(worker)
      ?.list()
      .filter(({ handed }) => !handed).length ?? 0

  return {
    setMode: (worker: Worker, mode: DeliveryMode): Effect.Effect<ModeChange> =>
      Effect.suspend(() => worker.setMode(mode, behind(worker))),
    flush: (worker: Worker): Effect.Effect<number> => Effect.suspend(() => worker.flush(behind(worker))),
    held: (worker: Worker): Effect.Effect<ReadonlyArray<HeldMessage>> =>
      Effect.gen(function* () {
        if ((yield* worker.mode) === "auto_inject") return []
        const inTerminal = (yield* worker.pending).map(({ delivery, queuedAtMillis }) => ({
          messageId: delivery.message.id,
          message: delivery.message,
          queuedAtMillis
        }))
        const rest = (inboxOf(worker)?.list() ?? []).filter(({ handed }) => !handed)
        const texts = yield* Effect.forEach(rest, ({ entry }) =>
          Effect.map(handover.peek(entry), (message) =>
            Option.map(Option.fromNullable(message), (message) => ({
              messageId: entry.messageId,
              message,
              queuedAtMillis: entry.receivedAtMillis
            }))
          )
        )
        return [...inTerminal, ...texts.flatMap(Option.toArray)]
      })
  }
}
