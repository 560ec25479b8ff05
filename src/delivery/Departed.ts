/**
 * The agents that ended here, the latest `limit` of them. Plain data structure: no clock, no effects.
 *
 * Invariants: 1. at most `limit` are remembered · 2. who is given up for a newer one is named by `add`, once, oldest first ·
 * 3. who came back is not among them.
 */
import type { AgentId } from "../domain/Ids.ts"
import type { DeadReason } from "../domain/Receipt.ts"

export interface Departed {
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
