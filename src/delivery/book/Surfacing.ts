/** Arrivals in the order of their numbers; holes in that order (invariants 4 to 6). Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Ranges from "../Ranges.ts"
import * as RecentIds from "../RecentIds.ts"
import { type AgentBook, type Arrival, type Decision, lowest } from "./State.ts"

/** Marks the arrival as seen and surfaces it, then everything held that follows without a hole. */
export const surfaceFrom = <C>(agent: AgentBook<C>, first: Arrival<C>): readonly [AgentBook<C>, Array<Decision<C>>] => {
  const decisions: Array<Decision<C>> = [{ _tag: "Surface", arrival: first, numbered: true }]
  let { beyond } = agent
  let received = first.seq
  for (;;) {
    const next = Option.getOrUndefined(HashMap.get(beyond, received + 1))
    if (next === undefined) break
    beyond = HashMap.remove(beyond, received + 1)
    received += 1
    decisions.push({ _tag: "Surface", arrival: next.arrival, numbered: true })
  }
  return [{ ...agent, seen: RecentIds.add(agent.seen, first.deliveryId), beyond, received }, decisions]
}

export const confirmRange = <C>(agent: AgentBook<C>, from: number, to: number): AgentBook<C> => {
  if (to <= agent.confirmedEnd) return agent
  const [confirmedEnd, confirmed] = Ranges.runFrom(Ranges.add(agent.confirmed, from, to), agent.confirmedEnd)
  return { ...agent, confirmedEnd, confirmed }
}

/** The numbers between `received` and the first held arrival do not exist (5). */
export const closeHole = <C>(agent: AgentBook<C>): readonly [AgentBook<C>, Array<Decision<C>>] => {
  const first = lowest(agent.beyond)
  if (first === undefined) return [agent, []]
  const held = Option.getOrThrow(HashMap.get(agent.beyond, first))
  const from = agent.received + 1
  const closed = confirmRange(
    { ...agent, beyond: HashMap.remove(agent.beyond, first), received: first - 1 },
    from,
    first - 1
  )
  const [next, decisions] = surfaceFrom(closed, held.arrival)
  return [next, [{ _tag: "HoleClosed", agentId: agent.agentId, from, to: first - 1 }, ...decisions]]
}

/** Whether a number between `received` and `first` was refused in this replay: then it exists (6). */
export const refusedBelow = <C>(agent: AgentBook<C>, first: number): boolean =>
  agent.refused.some(([from, to]) => from < first && to > agent.received)

/** Closes every hole below `limit` that is proved to be one. */
export const closeHoles = <C>(agent: AgentBook<C>, limit: number): readonly [AgentBook<C>, Array<Decision<C>>] => {
  let next = agent
  const decisions: Array<Decision<C>> = []
  for (;;) {
    const first = lowest(next.beyond)
    if (first === undefined || first > limit || refusedBelow(next, first)) return [next, decisions]
    const [closed, more] = closeHole(next)
    next = closed
    decisions.push(...more)
  }
}

export const askAboutHole = <C>(agent: AgentBook<C>): Array<Decision<C>> => {
  const first = lowest(agent.beyond)
  return first === undefined
    ? []
    : [{ _tag: "AskReplay", agentId: agent.agentId, missing: [agent.received + 1, first - 1] }]
}

export const refuse = <C>(agent: AgentBook<C>, arrival: Arrival<C>): readonly [AgentBook<C>, Array<Decision<C>>] => [
  { ...agent, wantsReplay: true, refused: Ranges.add(agent.refused, arrival.seq, arrival.seq) },
  [{ _tag: "Refused", arrival }]
]
