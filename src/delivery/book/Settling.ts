/** An agent of which the engine did not say where it stands: which number is the first. Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as RecentIds from "../RecentIds.ts"
import type { ObserveOptions } from "./Observing.ts"
import { isCovered } from "./Presence.ts"
import {
  type AgentBook,
  type Arrival,
  type Baseline,
  type Decision,
  type DeliveryBook,
  heldLimit,
  lowest,
  settleQuietMillis
} from "./State.ts"
import { askAboutHole, refuse, surfaceFrom } from "./Surfacing.ts"

/** Ends settling: the lowest collected arrival is the first one, whatever came before it is the engine's past. */
export const settle = <C>(agent: AgentBook<C>, replay: number): readonly [AgentBook<C>, Array<Decision<C>>] => {
  if (agent.baseline._tag === "Known") return [agent, []]
  const { collected } = agent.baseline
  const first = lowest(collected)
  if (first === undefined) return [agent, []]
  // A refused number below the collected ones exists too: it is not the engine's past (6).
  const cursor = Math.min(first, agent.refused[0]?.[0] ?? first) - 1
  const start: AgentBook<C> = {
    ...agent,
    baseline: { _tag: "Known" },
    received: cursor,
    confirmedEnd: cursor,
    acked: cursor,
    beyond: HashMap.map(collected, (held) => ({ ...held, replay }))
  }
  const settled: Decision<C> = { _tag: "Settled", agentId: agent.agentId, baseline: cursor }
  if (cursor + 1 < first) return [start, [settled, ...askAboutHole(start)]]
  const [next, decisions] = surfaceFrom(
    { ...start, beyond: HashMap.remove(start.beyond, first) },
    Option.getOrThrow(HashMap.get(collected, first)).arrival
  )
  return [next, [settled, ...decisions, ...askAboutHole(next)]]
}

/**
 * A replay began after the first arrival was collected, or just before it, so that it may be a part of that replay: then
 * quiet means that nothing older comes. Of a frame that comes alone, long after the last replay, nobody knows what it left out.
 */
export const coversSettling = <C>(book: DeliveryBook<C>, agent: AgentBook<C>): boolean =>
  agent.baseline._tag === "Settling" &&
  isCovered(book, agent) &&
  book.replaySinceMillis !== undefined &&
  book.replaySinceMillis + settleQuietMillis >= agent.baseline.firstMillis

export const observeSettling = <C>(
  agent: AgentBook<C> & { readonly baseline: Extract<Baseline<C>, { _tag: "Settling" }> },
  arrival: Arrival<C>,
  o: ObserveOptions,
  book: DeliveryBook<C>
): readonly [AgentBook<C>, Array<Decision<C>>] => {
  const { collected } = agent.baseline
  const { replay } = book
  if (RecentIds.has(agent.seen, arrival.deliveryId)) {
    const held = Option.getOrUndefined(HashMap.get(collected, arrival.seq))
    return held !== undefined && held.replay < replay && isCovered(book, agent)
      ? settle(agent, replay)
      : [agent, [{ _tag: "Duplicate", arrival }]]
  }
  if (arrival.seq === 1) {
    const start: AgentBook<C> = {
      ...agent,
      baseline: { _tag: "Known" },
      beyond: collected
    }
    const [next, decisions] = surfaceFrom(start, arrival)
    return [next, [{ _tag: "Settled", agentId: agent.agentId, baseline: 0 }, ...decisions, ...askAboutHole(next)]]
  }
  if (!o.hasRoom || HashMap.size(collected) >= heldLimit || o.mayHold === false) return refuse(agent, arrival)
  const next: AgentBook<C> = {
    ...agent,
    seen: RecentIds.add(agent.seen, arrival.deliveryId),
    baseline: {
      _tag: "Settling",
      collected: HashMap.set(collected, arrival.seq, { arrival, replay, atMillis: o.nowMillis }),
      firstMillis: HashMap.isEmpty(collected) ? o.nowMillis : agent.baseline.firstMillis,
      lastMillis: o.nowMillis
    }
  }
  const held: Decision<C> = { _tag: "Held", arrival }
  return [
    next,
    coversSettling(book, next) ? [held] : [held, { _tag: "AskReplay", agentId: agent.agentId, missing: undefined }]
  ]
}
