/**
 * The delivery rows of a store in memory: by id, oldest first, with what is needed to find them by agent. Only their own
 * rules; which write leads to which change is `Contents`'s.
 */
import type { AgentId, AgentName, DeliveryId } from "../domain/Ids.ts"
import type { DeliveryRecord, DeliveryState } from "./Store.ts"
import type { Write } from "./Writes.ts"

const unacked: ReadonlySet<DeliveryState> = new Set(["waiting", "typing", "submitted"])
export const isOpen = ({ state }: DeliveryRecord) => state === "waiting" || state === "typing"
export const isEnded = ({ state }: DeliveryRecord) => state === "acked" || state === "dead"

/** All but the newest `kept`. */
export const tooMany = <A>(values: Iterable<A>, kept: number): ReadonlyArray<A> => {
  const all = [...values]
  return all.slice(0, Math.max(0, all.length - kept))
}

export class DeliveryRows {
  private readonly deliveries = new Map<DeliveryId, DeliveryRecord>()
  private readonly ofAgent = new Map<AgentName, Set<DeliveryId>>()
  private readonly unackedOf = new Map<AgentId, Set<DeliveryId>>()

  all(): ReadonlyArray<DeliveryRecord> {
    return [...this.deliveries.values()]
  }

  get(deliveryId: string): DeliveryRecord | undefined {
    return this.deliveries.get(deliveryId as DeliveryId)
  }

  /** Numbered rows of this agent that no ack has covered yet. */
  unacked(agentId: AgentId): ReadonlyArray<DeliveryId> {
    return [...(this.unackedOf.get(agentId) ?? [])]
  }

  /** The ids are live: they follow what is put and dropped. */
  byAgent(): ReadonlyMap<AgentName, ReadonlySet<DeliveryId>> {
    return this.ofAgent
  }

  received({ atMillis, delivery, numbered }: Extract<Write, { _tag: "Received" }>): void {
    const { agent, agentId, deliveryId, message, origin, seq } = delivery
    if (this.deliveries.has(deliveryId)) return
    this.put({
      deliveryId,
      agentId,
      agent,
      seq,
      numbered,
      origin,
      messageId: message.id,
      from: message.from,
      target: message.target,
      state: "waiting",
      message,
      receivedAtMillis: atMillis,
      typingAtMillis: undefined,
      submittedAtMillis: undefined,
      evidence: undefined,
      channel: undefined,
      unproven: undefined,
      ackedAtMillis: undefined,
      deadReason: undefined
    })
  }

  private put(record: DeliveryRecord): void {
    const { agent, agentId, deliveryId, state } = record
    this.deliveries.set(deliveryId, record)
    const named = this.ofAgent.get(agent)
    if (named === undefined) this.ofAgent.set(agent, new Set([deliveryId]))
    else named.add(deliveryId)
    const open = this.unackedOf.get(agentId)
    if (!unacked.has(state)) open?.delete(deliveryId)
    else if (open === undefined) this.unackedOf.set(agentId, new Set([deliveryId]))
    else open.add(deliveryId)
  }

  change(deliveryId: DeliveryId, allowed: (record: DeliveryRecord) => boolean, to: Partial<DeliveryRecord>): void {
    const record = this.deliveries.get(deliveryId)
    if (record === undefined || !allowed(record)) return
    const next = { ...record, ...to }
    this.put(isEnded(next) ? { ...next, message: undefined } : next)
  }

  drop({ agent, agentId, deliveryId }: DeliveryRecord): void {
    this.deliveries.delete(deliveryId)
    this.ofAgent.get(agent)?.delete(deliveryId)
    this.unackedOf.get(agentId)?.delete(deliveryId)
  }

  recordsOf(ids: Iterable<DeliveryId>): ReadonlyArray<DeliveryRecord> {
    return [...ids].flatMap((id) => this.deliveries.get(id) ?? [])
  }

  /** All but the newest `kept` rows of the agent, as far as they have ended. */
  trimAgent(agent: AgentName, kept: number): void {
    const ids = this.ofAgent.get(agent)
    if (ids === undefined || ids.size <= kept) return
    for (const record of this.recordsOf(tooMany(ids, kept))) {
      if (isEnded(record)) this.drop(record)
    }
  }
}
