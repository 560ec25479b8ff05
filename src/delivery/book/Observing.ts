/** One `deliver` frame: first sight, copy, event or too much. Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as RecentIds from "../RecentIds.ts"
import { isCovered } from "./Presence.ts"
import { observeSettling } from "./Settling.ts"
import {
  type AgentBook,
  type Arrival,
  agentOf,
  type Decision,
  type DeliveryBook,
  fresh,
  heldLimit,
  put,
  type Step
} from "./State.ts"
import { closeHoles, refuse, refusedBelow, surfaceFrom } from "./Surfacing.ts"

export interface ObserveOptions {
  /** The agent's inbox takes one more. */
  readonly hasRoom: boolean
  /** The texts that are held back for it take no more than they may. Default: true. */
  readonly mayHold?: boolean
  readonly nowMillis: number
}

const observeAgain = <C>(
  agent: AgentBook<C>,
  arrival: Arrival<C>,
  book: DeliveryBook<C>
): readonly [AgentBook<C>, Array<Decision<C>>] => {
  const { replay } = book
  const duplicate: Decision<C> = { _tag: "Duplicate", arrival }
  const held = Option.getOrUndefined(HashMap.get(agent.beyond, arrival.seq))
  if (held !== undefined && held.arrival.deliveryId === arrival.deliveryId) {
    if (replay <= held.replay || !isCovered(book, agent)) return [agent, [duplicate]]
    // An ordered replay has come to `arrival.seq`: what exists below it has come by now.
    const [next, decisions] = closeHoles(agent, arrival.seq)
    return [next, [duplicate, ...decisions]]
  }
  if (arrival.seq > agent.acked || agent.reAckedIn === replay) return [agent, [duplicate]]
  return [
    { ...agent, reAckedIn: replay },
    [duplicate, { _tag: "ReAck", agentId: agent.agentId, name: agent.name, upTo: agent.acked }]
  ]
}

const observeNumbered = <C>(
  agent: AgentBook<C>,
  arrival: Arrival<C>,
  o: ObserveOptions,
  book: DeliveryBook<C>
): readonly [AgentBook<C>, Array<Decision<C>>] => {
  const { replay } = book
  if (agent.baseline._tag === "Settling")
    return observeSettling({ ...agent, baseline: agent.baseline }, arrival, o, book)
  if (RecentIds.has(agent.seen, arrival.deliveryId)) return observeAgain(agent, arrival, book)
  if (!o.hasRoom) return refuse(agent, arrival)
  const seen = RecentIds.add(agent.seen, arrival.deliveryId)
  if (arrival.seq <= agent.received || HashMap.has(agent.beyond, arrival.seq)) {
    return [
      { ...agent, seen },
      [
        { _tag: "BelowCursor", arrival, cursor: agent.received },
        { _tag: "Surface", arrival, numbered: false }
      ]
    ]
  }
  if (arrival.seq === agent.received + 1) return surfaceFrom(agent, arrival)
  const isFull = HashMap.size(agent.beyond) >= heldLimit || o.mayHold === false
  if (refusedBelow(agent, arrival.seq) || isFull) return refuse(agent, arrival)
  return [
    { ...agent, seen, beyond: HashMap.set(agent.beyond, arrival.seq, { arrival, replay, atMillis: o.nowMillis }) },
    [
      { _tag: "Held", arrival },
      { _tag: "AskReplay", agentId: agent.agentId, missing: [agent.received + 1, arrival.seq - 1] }
    ]
  ]
}

const observeEvent = <C>(agent: AgentBook<C>, arrival: Arrival<C>): readonly [AgentBook<C>, Array<Decision<C>>] =>
  RecentIds.has(agent.seenEvents, arrival.deliveryId)
    ? [agent, [{ _tag: "Duplicate", arrival }]]
    : [
        { ...agent, seenEvents: RecentIds.add(agent.seenEvents, arrival.deliveryId) },
        [{ _tag: "Surface", arrival, numbered: false }]
      ]

/** One `deliver` frame. An agent that was never registered here gets a book too: its messages wait. */
export const observe = <C>(book: DeliveryBook<C>, arrival: Arrival<C>, o: ObserveOptions): Step<C> => {
  const agent = agentOf(book, arrival.agentId) ?? fresh<C>(arrival.agentId, arrival.agent, undefined, o.nowMillis)
  const names = HashMap.has(book.names, arrival.agent)
    ? book.names
    : HashMap.set(book.names, arrival.agent, arrival.agentId)
  const [next, decisions] = arrival.seq === 0 ? observeEvent(agent, arrival) : observeNumbered(agent, arrival, o, book)
  const lastFrameMillis = arrival.seq === 0 ? book.lastFrameMillis : o.nowMillis
  return [{ ...put(book, next), names, lastFrameMillis }, decisions]
}
