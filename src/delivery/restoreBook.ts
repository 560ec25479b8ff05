/** The book as a former run left it: cursors, and what was surfaced and not confirmed. Pure. */
import * as HashMap from "effect/HashMap"
import type { AgentId } from "../domain/Ids.ts"
import type { StoredState } from "../store/Store.ts"
import * as Book from "./DeliveryBook.ts"

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
