/** The service over a group commit: which calls are durable is decided here, for all adapters. */
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as GroupCommit from "../sqlite/GroupCommit.ts"
import type { Limits } from "./Limits.ts"
import { nothing, type Reads } from "./Reads.ts"
import { Store, type StoreHealth } from "./Store.ts"
import { bytesOf, type Write } from "./Writes.ts"

export type Commits = GroupCommit.GroupCommit<Write, Reads>

/** The writes and reads of this store through one queue. */
export const commitsOf = (
  backend: GroupCommit.Backend<Write, Reads>,
  { batchBytes, batchWrites }: Pick<Limits, "batchBytes" | "batchWrites">
) => GroupCommit.make(backend, { batchBytes, batchWrites, bytesOf, nothing })

export const storeOf = ({
  commits,
  health
}: {
  readonly commits: Commits
  readonly health: Effect.Effect<StoreHealth>
}) => {
  const { committed, durable, flush, read, write } = commits
  return Store.of({
    load: read((reads) => reads.load()),
    health,
    flush,

    received: (delivery, { atMillis, numbered }) => write({ _tag: "Received", delivery, numbered, atMillis }),
    typing: (deliveryIds, atMillis) => committed({ _tag: "Typing", deliveryIds, atMillis }),
    waiting: (deliveryIds) => write({ _tag: "Waiting", deliveryIds }),
    unproven: (deliveryId, reason) => write({ _tag: "Unproven", deliveryId, reason }),
    submitted: (o) => durable({ _tag: "Submitted", ...o }),
    acked: (cursor, atMillis) => write({ _tag: "Acked", cursor, atMillis }),
    cursor: (cursor) => write({ _tag: "Cursor", cursor }),
    message: (deliveryId) => read((reads) => Option.fromNullable(reads.message(deliveryId))),
    find: (id) => read((reads) => reads.find(id)),
    recentDeliveries: (o) => read((reads) => reads.recentDeliveries(o)),

    buried: (letter) => durable({ _tag: "Buried", letter }),
    deadLetters: read((reads) => reads.deadLetters()),
    deadLetter: (deliveryId) => read((reads) => Option.fromNullable(reads.deadLetter(deliveryId))),
    redelivered: (o) => write({ _tag: "Redelivered", ...o }),
    purgeDeadLetters: (deliveryId) =>
      read((reads) => reads.countDeadLetters(deliveryId), { _tag: "LettersPurged", deliveryId }),

    agent: (record) => write({ _tag: "Agent", record }),
    findAgent: (name) => read((reads) => Option.fromNullable(reads.findAgent(name))),

    crashes: read((reads) => reads.crashes()),
    crashed: (crash) => write({ _tag: "Crashed", crash }),

    invocationOpened: (o) => durable({ _tag: "InvocationOpened", ...o }),
    invocationAnswered: (o) => durable({ _tag: "InvocationAnswered", ...o }),
    invocationForgotten: (invocationId) => write({ _tag: "InvocationForgotten", invocationId }),

    undoOwed: (record) => write({ _tag: "UndoOwed", record }),
    undone: (name) => write({ _tag: "Undone", name }),

    alert: (record) => write({ _tag: "Alert", record }),
    alerts: read((reads) => reads.alerts()),

    lastEventNumber: read((reads) => reads.lastEventNumber()),
    eventsNumbered: (upTo) => durable({ _tag: "EventsNumbered", upTo })
  })
}
