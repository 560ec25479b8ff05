/**
 * What `Deliveries` keeps in memory beside the inboxes: the book, how far its rows are on disk, which agents start and
 * which are gone. Changed in one synchronous step each; whatever has to be ordered is ordered by `surfacing`.
 */

import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { DeadReason } from "../domain/Receipt.ts"
import { Store, type StoredState } from "../store/Store.ts"
import * as Book from "./DeliveryBook.ts"
import type { Content } from "./FramesIn.ts"

// The agents that ended here, the latest `limit` of them. Plain data structure: no clock, no effects.
//
// Invariants: 1. at most `limit` are remembered · 2. who is given up for a newer one is named by `add`, once, oldest first ·
// 3. who came back is not among them.

interface Departed {
  /** Why messages for it are dead letters; undefined when it did not end here, or was never started. */
  readonly reasonOf: (agentId: AgentId) => DeadReason | undefined
  /** `reason` undefined: it was registered and its spawn undone. Returns those that are forgotten for it. */
  readonly add: (agentId: AgentId, reason: DeadReason | undefined) => ReadonlyArray<AgentId>
  readonly cameBack: (agentId: AgentId) => void
}

export const makeDeparted = (limit: number): Departed => {
  const reasons = new Map<AgentId, DeadReason | undefined>()
  return {
    reasonOf: (agentId) => reasons.get(agentId),
    add: (agentId, reason) => {
      const known = reasons.get(agentId)
      reasons.delete(agentId)
      reasons.set(agentId, reason ?? known)
      const forgotten: Array<AgentId> = []
      for (const oldest of reasons.keys()) {
        if (reasons.size <= limit) break
        reasons.delete(oldest)
        forgotten.push(oldest)
      }
      return forgotten
    },
    cameBack: (agentId) => void reasons.delete(agentId)
  }
}

// The book as a former run left it: cursors, and what was surfaced and not confirmed. Pure.

export const restoreBook = <C>(state: StoredState): Book.DeliveryBook<C> => {
  const unconfirmed = new Map<AgentId, Array<number>>()
  for (const { agentId, numbered, seq } of state.open) {
    if (numbered) unconfirmed.set(agentId, [...(unconfirmed.get(agentId) ?? []), seq])
  }
  const seen = new Map<AgentId, Array<StoredState["recent"][number]>>()
  for (const each of state.recent) {
    const known = seen.get(each.agentId)
    if (known === undefined) seen.set(each.agentId, [each])
    else known.push(each)
  }
  const restored = state.cursors.reduce((book, { acked, agentId, name, received }) => {
    const recent = seen.get(agentId) ?? []
    // A row that was written after the cursor moves `received` on: rows come in the order of their numbers.
    const numbers = [...(unconfirmed.get(agentId) ?? []), ...recent.map(({ seq }) => seq)]
    return Book.restore(book, {
      agentId,
      name,
      acked,
      received: numbers.reduce((highest, seq) => Math.max(highest, seq), received),
      unconfirmed: unconfirmed.get(agentId) ?? [],
      seen: recent.map(({ deliveryId }) => deliveryId)
    })
  }, Book.empty<C>())
  // An ack carries a name, and whose it is by now the disk cannot know: while no broker ran, or in the writes that a crash
  // took, it may have been given to another identity. The engine's first frame or the next register says so.
  return { ...restored, names: HashMap.empty() }
}

export interface DeliveriesOptions {
  /** Shown in relay lines (the alias when there is one) and in events; undefined when unknown. */
  readonly workspaceId: string | undefined
  readonly workspaceAlias: string | undefined
  /** Agents that ended here and are remembered. */
  readonly departedLimit?: number
}

/**
 * How many agents that are no longer here are remembered, so that the engine is told to stop. As many as
 * the store keeps cursors of: beyond that a broker that runs for months would only grow.
 */
const departedLimit = 10_000

interface StateOptions extends Pick<DeliveriesOptions, "departedLimit"> {
  readonly former: StoredState
  /** Messages wait for it: it is not over, however long ago it ended. */
  readonly isWaitedFor: (agentId: AgentId) => boolean
}

export const makeState = ({ departedLimit: limit = departedLimit, former, isWaitedFor }: StateOptions) =>
  Effect.gen(function* () {
    const store = yield* Store
    /** Arrivals and the passing of time surface messages one after the other, so that an agent's order is the book's. */
    const surfacing = yield* Effect.makeSemaphore(1)
    let book: Book.DeliveryBook<Content> = restoreBook(former)
    /**
     * Per agent, the highest number that has its row or needs none. While decisions are carried out the book is ahead of
     * it, and a stored cursor that was ahead of its rows would be an ack for nothing after a crash.
     */
    const surfaced = new Map(Book.all(book).map(({ agentId, received }) => [agentId, received]))
    const starting = new Set<AgentId>()
    const elsewhere = new Set<AgentName>()
    const departed = makeDeparted(limit)

    const surfacedTo = (agentId: AgentId, acked: number) => Math.max(acked, surfaced.get(agentId) ?? acked)

    return {
      surfacing,
      /** Spawned, or started again, and without a worker yet. */
      starting,
      /** Names that the engine says are active on another node: nothing is typed to their workers here. */
      elsewhere,
      book: () => book,
      change: (next: (book: Book.DeliveryBook<Content>) => Book.DeliveryBook<Content>) => {
        book = next(book)
      },
      /** As `change`, for what also decides. */
      take: (change: (book: Book.DeliveryBook<Content>) => Book.Step<Content>) => {
        const [next, decisions] = change(book)
        book = next
        return decisions
      },
      surfacedTo,
      isSurfaced: (agentId: AgentId, seq: number) =>
        Effect.sync(() => void surfaced.set(agentId, Math.max(seq, surfaced.get(agentId) ?? 0))),
      saveCursor: (agentId: AgentId) =>
        Effect.suspend(() => {
          const agent = Book.agentOf(book, agentId)
          if (agent === undefined || agent.baseline._tag === "Settling") return Effect.void
          const { acked, name } = agent
          return store.cursor({ agentId, name, received: surfacedTo(agentId, acked), acked })
        }),
      goneBecause: departed.reasonOf,
      hasCome: departed.cameBack,
      /** `reason` undefined: it was registered and its spawn undone. */
      hasGone: (agentId: AgentId, reason: DeadReason | undefined) => {
        // It was deregistered: the engine replays nothing of it to this node.
        book = Book.left(book, agentId)
        for (const oldest of departed.add(agentId, reason)) {
          if (isWaitedFor(oldest)) continue
          book = Book.forget(book, oldest)
          surfaced.delete(oldest)
        }
      },
      /** Which id an ack under this name would go to. */
      idOf: (name: AgentName) => Book.ownerOf(book, name)
    }
  })

export type State = Effect.Effect.Success<ReturnType<typeof makeState>>
