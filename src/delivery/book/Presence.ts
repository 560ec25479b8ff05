/** Which agents are here, under which id, and since when a replay speaks of them. Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import type { AgentId, AgentName, DeliveryId } from "../../domain/Ids.ts"
import * as Ranges from "../Ranges.ts"
import * as RecentIds from "../RecentIds.ts"
import {
  type AgentBook,
  agentOf,
  type DeliveryBook,
  fresh,
  identityGraceMillis,
  ownerOf,
  put,
  rememberedDeliveries
} from "./State.ts"

export const isAway = <C>({ coveredFrom }: AgentBook<C>): boolean => coveredFrom === Number.POSITIVE_INFINITY

/** The latest replay speaks of this agent. */
export const isCovered = <C>({ replay }: Pick<DeliveryBook<C>, "replay">, { coveredFrom }: AgentBook<C>): boolean =>
  replay >= coveredFrom

/** The engine no longer has this agent at this node: nothing follows from what a replay does not bring of it (5). */
export const left = <C>(book: DeliveryBook<C>, agentId: AgentId): DeliveryBook<C> => {
  const agent = agentOf(book, agentId)
  return agent === undefined ? book : put(book, { ...agent, coveredFrom: Number.POSITIVE_INFINITY })
}

/** It is here again, from the next replay on (5). */
export const returned = <C>(book: DeliveryBook<C>, agentId: AgentId): DeliveryBook<C> => {
  const agent = agentOf(book, agentId)
  return agent === undefined || (agent.coveredFrom > 0 && !isAway(agent))
    ? book
    : put(book, { ...agent, coveredFrom: book.replay + 1 })
}

/** As if it had never been heard of: for agents that ended so long ago that nothing of theirs is expected any more. */
export const forget = <C>(book: DeliveryBook<C>, agentId: AgentId): DeliveryBook<C> => {
  const agent = agentOf(book, agentId)
  if (agent === undefined) return book
  return {
    ...book,
    agents: HashMap.remove(book.agents, agentId),
    restless: HashSet.remove(book.restless, agentId),
    names: ownerOf(book, agent.name) === agentId ? HashMap.remove(book.names, agent.name) : book.names
  }
}

/**
 * The engine gave `name` to `agentId`; `cursor` is its own ack cursor when it told. A former owner of the name keeps
 * its records and is acked no more (8); a known agent keeps its cursors, because the mailbox goes on.
 */
export const registered = <C>(
  book: DeliveryBook<C>,
  o: {
    readonly agentId: AgentId
    readonly name: AgentName
    readonly cursor: number | undefined
    readonly nowMillis: number
  }
): DeliveryBook<C> => {
  const owner = ownerOf(book, o.name)
  const known = agentOf(book, o.agentId)
  const changed = owner !== undefined && owner !== o.agentId
  const agent = known ?? fresh<C>(o.agentId, o.name, o.cursor, o.nowMillis)
  const there = put(book, {
    ...agent,
    name: o.name,
    ackNotBeforeMillis: changed ? o.nowMillis + identityGraceMillis : agent.ackNotBeforeMillis
  })
  return {
    ...returned(there, o.agentId),
    names: HashMap.set(book.names, o.name, o.agentId)
  }
}

/** What a store kept of one agent: `received` and `acked` as they were, and what was surfaced and not yet confirmed. */
export interface Restored {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly received: number
  readonly acked: number
  readonly unconfirmed: ReadonlyArray<number>
  /** Delivery ids that a replay may bring again, oldest first. */
  readonly seen: ReadonlyArray<DeliveryId>
}

/**
 * The book of a broker that restarts. Everything up to `received` was surfaced or does not exist, so what is not
 * `unconfirmed` is confirmed, and its ack may leave. The agents ended with the former run: they are away.
 */
export const restore = <C>(book: DeliveryBook<C>, o: Restored): DeliveryBook<C> => {
  const open = [...new Set(o.unconfirmed)].filter((seq) => seq > o.acked && seq <= o.received).sort((a, b) => a - b)
  let confirmed = Ranges.empty
  let from = o.acked + 1
  for (const seq of [...open, o.received + 1]) {
    if (seq > from) confirmed = Ranges.add(confirmed, from, seq - 1)
    from = seq + 1
  }
  const [confirmedEnd, rest] = Ranges.runFrom(confirmed, o.acked)
  const agent: AgentBook<C> = {
    ...fresh<C>(o.agentId, o.name, o.acked, 0),
    coveredFrom: Number.POSITIVE_INFINITY,
    received: Math.max(o.received, o.acked),
    confirmedEnd,
    confirmed: rest,
    seen: o.seen.reduce(RecentIds.add, RecentIds.make(rememberedDeliveries))
  }
  return { ...put(book, agent), names: HashMap.set(book.names, o.name, o.agentId) }
}
