/** What is confirmed, and how far each agent may be acked (invariants 1, 2 and 8). Part of `DeliveryBook`. */
import type { AgentId, AgentName } from "../../domain/Ids.ts"
import { agentOf, type DeliveryBook, identityGraceMillis, ownerOf, put, restless, type Step } from "./State.ts"
import { confirmRange } from "./Surfacing.ts"

/** The agent has it (or it was put aside with a record). Unnumbered arrivals repeat the current ack, at most. */
export const confirm = <C>(
  book: DeliveryBook<C>,
  o: { readonly agentId: AgentId; readonly seq: number; readonly numbered: boolean }
): Step<C> => {
  const agent = agentOf(book, o.agentId)
  if (agent === undefined || o.seq === 0) return [book, []]
  if (!o.numbered) {
    const owns = ownerOf(book, agent.name) === agent.agentId
    return [
      book,
      owns && agent.acked > 0 ? [{ _tag: "ReAck", agentId: agent.agentId, name: agent.name, upTo: agent.acked }] : []
    ]
  }
  if (o.seq > agent.received) return [book, []]
  return [put(book, confirmRange(agent, o.seq, o.seq)), []]
}

export interface DueAck {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly upTo: number
  /** Not before this moment (8). */
  readonly notBeforeMillis: number
}

/** Acks that may leave: one per agent, the highest allowed. */
export const dueAcks = <C>(book: DeliveryBook<C>): ReadonlyArray<DueAck> => {
  const due: Array<DueAck> = []
  for (const agent of restless(book)) {
    if (agent.confirmedEnd <= agent.acked || ownerOf(book, agent.name) !== agent.agentId) continue
    due.push({
      agentId: agent.agentId,
      name: agent.name,
      upTo: agent.confirmedEnd,
      notBeforeMillis: agent.ackNotBeforeMillis
    })
  }
  return due
}

/** A clock that was put back keeps no ack waiting for longer than the grace (8). */
export const graceFrom = <C>(book: DeliveryBook<C>, nowMillis: number): DeliveryBook<C> => {
  const latest = nowMillis + identityGraceMillis
  return restless(book)
    .filter(({ ackNotBeforeMillis }) => ackNotBeforeMillis > latest)
    .reduce((next, agent) => put(next, { ...agent, ackNotBeforeMillis: latest }), book)
}

export const ackSent = <C>(
  book: DeliveryBook<C>,
  o: { readonly agentId: AgentId; readonly upTo: number }
): DeliveryBook<C> => {
  const agent = agentOf(book, o.agentId)
  return agent === undefined || o.upTo <= agent.acked
    ? book
    : put(book, { ...agent, acked: Math.min(o.upTo, agent.confirmedEnd) })
}

/** There is room again: whether a replay has to be asked for, and the book that no longer wants it. */
export const roomAgain = <C>(book: DeliveryBook<C>, agentId: AgentId): Step<C> => {
  const agent = agentOf(book, agentId)
  if (agent === undefined || !agent.wantsReplay) return [book, []]
  return [put(book, { ...agent, wantsReplay: false }), [{ _tag: "AskReplay", agentId, missing: undefined }]]
}
