/** Placeholder until store/ has its adapters; not to be committed. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type AgentRecord, type DeadLetterRecord, Store } from "../store/Store.ts"

export const tempStore = Layer.sync(Store, () => {
  const agents = new Map<string, AgentRecord>()
  let letters: Array<DeadLetterRecord> = []
  return Store.of({
    load: Effect.succeed({ open: [], submitted: [], cursors: [], recent: [], agents: [], invocations: [] }),
    health: Effect.succeed({ _tag: "Degraded", reason: "placeholder", sinceMillis: 0 }),
    received: () => Effect.void,
    typing: () => Effect.void,
    waiting: () => Effect.void,
    submitted: () => Effect.void,
    acked: () => Effect.void,
    cursor: () => Effect.void,
    buried: (letter) => Effect.sync(() => void letters.unshift(letter)),
    message: () => Effect.succeedNone,
    find: () => Effect.succeed([]),
    recentDeliveries: () => Effect.succeed([]),
    deadLetters: Effect.sync(() => letters),
    deadLetter: (id) => Effect.sync(() => Option.fromNullable(letters.find((letter) => letter.deliveryId === id))),
    redelivered: () => Effect.void,
    purgeDeadLetters: () =>
      Effect.sync(() => {
        const count = letters.length
        letters = []
        return count
      }),
    agent: (record) => Effect.sync(() => void agents.set(record.name, record)),
    findAgent: (name) => Effect.sync(() => Option.fromNullable(agents.get(name))),
    invocationOpened: () => Effect.void,
    invocationAnswered: () => Effect.void,
    flush: Effect.void
  })
})
