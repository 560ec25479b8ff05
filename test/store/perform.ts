/** Writes as calls of the service, and everything that can be read of a store as one value. */
import * as Effect from "effect/Effect"
import type { Reads } from "../../src/store/Reads.ts"
import type { Store } from "../../src/store/Store.ts"
import type { Write } from "../../src/store/Writes.ts"

export const perform = (store: Store["Type"], write: Write): Effect.Effect<void> => {
  switch (write._tag) {
    case "Received":
      return store.received(write.delivery, write)
    case "Typing":
      return store.typing(write.deliveryIds, write.atMillis)
    case "Waiting":
      return store.waiting(write.deliveryIds)
    case "Unproven":
      return store.unproven(write.deliveryId, write.reason)
    case "Submitted":
      return store.submitted(write)
    case "Acked":
      return store.acked(write.cursor, write.atMillis)
    case "Cursor":
      return store.cursor(write.cursor)
    case "Buried":
      return store.buried(write.letter)
    case "Redelivered":
      return store.redelivered(write)
    case "LettersPurged":
      return Effect.asVoid(store.purgeDeadLetters(write.deliveryId))
    case "Agent":
      return store.agent(write.record)
    case "InvocationOpened":
      return store.invocationOpened(write)
    case "InvocationAnswered":
      return store.invocationAnswered(write)
    case "InvocationForgotten":
      return store.invocationForgotten(write.invocationId)
    case "UndoOwed":
      return store.undoOwed(write.record)
    case "Undone":
      return store.undone(write.name)
    case "Crashed":
      return store.crashed(write.crash)
    case "EventsNumbered":
      return store.eventsNumbered(write.upTo)
    case "Alert":
      return store.alert(write.record)
  }
}

export const isDurable = (write: Write): boolean =>
  ["Typing", "Submitted", "Buried", "InvocationOpened", "InvocationAnswered"].includes(write._tag)

const everything = { agent: undefined, limit: 1_000 }

export const viewOf = (store: Store["Type"]) =>
  Effect.all({
    state: store.load,
    deliveries: store.recentDeliveries(everything),
    letters: store.deadLetters,
    crashes: store.crashes,
    lastEventNumber: store.lastEventNumber,
    alerts: store.alerts
  })

export const viewOfReads = (reads: Reads) => ({
  state: reads.load(),
  deliveries: reads.recentDeliveries(everything),
  letters: reads.deadLetters(),
  crashes: reads.crashes(),
  lastEventNumber: reads.lastEventNumber(),
  alerts: reads.alerts()
})
