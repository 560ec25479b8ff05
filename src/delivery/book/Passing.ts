/** Replays and the passing of time: what they prove, and whether one has to be asked for. Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Ranges from "../Ranges.ts"
import { isAway, isCovered } from "./Presence.ts"
import { coversSettling, settle } from "./Settling.ts"
import {
  type AgentBook,
  type Decision,
  type DeliveryBook,
  longestReplayMillis,
  longestSettleMillis,
  lowest,
  put,
  replayQuietMillis,
  restless,
  type Step,
  settleQuietMillis
} from "./State.ts"
import { closeHole, refusedBelow } from "./Surfacing.ts"

/** A reply arrived after which the engine sends every unacked message of the node again. */
export const replayStarts = <C>(book: DeliveryBook<C>, nowMillis: number): DeliveryBook<C> =>
  restless(book).reduce<DeliveryBook<C>>(
    (next, agent) => (agent.refused.length === 0 ? next : put(next, { ...agent, refused: Ranges.empty })),
    { ...book, replay: book.replay + 1, replaySinceMillis: nowMillis }
  )

/** The session is gone, and with it the rest of a replay that had begun. */
export const sessionLost = <C>(book: DeliveryBook<C>): DeliveryBook<C> => ({ ...book, replaySinceMillis: undefined })

const settleDueMillis = <C>(book: DeliveryBook<C>, agent: AgentBook<C>): number | undefined => {
  const { baseline } = agent
  const since = book.replaySinceMillis
  if (baseline._tag === "Known" || since === undefined || HashMap.isEmpty(baseline.collected)) return undefined
  if (!coversSettling(book, agent)) return undefined
  const busyUntil = Math.min(book.lastFrameMillis, Math.max(baseline.firstMillis, since) + longestSettleMillis)
  return Math.max(baseline.lastMillis, since, busyUntil) + settleQuietMillis
}

const holeDueMillis = <C>(book: DeliveryBook<C>, agent: AgentBook<C>): number | undefined => {
  const first = lowest(agent.beyond)
  const held = first === undefined ? undefined : Option.getOrUndefined(HashMap.get(agent.beyond, first))
  const since = book.replaySinceMillis
  if (
    held === undefined ||
    since === undefined ||
    held.replay >= book.replay ||
    !isCovered(book, agent) ||
    refusedBelow(agent, held.arrival.seq)
  )
    return undefined
  const busyUntil = Math.min(book.lastFrameMillis, held.atMillis + longestReplayMillis)
  return Math.max(since, busyUntil) + replayQuietMillis
}

/** Settles every agent that has been quiet for `settleQuietMillis`, and closes holes that a finished replay left open. */
export const tick = <C>(book: DeliveryBook<C>, nowMillis: number): Step<C> => {
  let next = book
  const decisions: Array<Decision<C>> = []
  for (const agent of restless(book)) {
    const settling = settleDueMillis(book, agent)
    const hole = holeDueMillis(book, agent)
    const [changed, more] =
      settling !== undefined && settling <= nowMillis
        ? settle(agent, book.replay)
        : hole !== undefined && hole <= nowMillis
          ? closeHole(agent)
          : [agent, []]
    next = changed === agent ? next : put(next, changed)
    decisions.push(...more)
  }
  return [next, decisions]
}

/** When `tick` has something to do next. */
export const nextTickMillis = <C>(book: DeliveryBook<C>): number | undefined => {
  let due: number | undefined
  for (const agent of restless(book)) {
    for (const at of [settleDueMillis(book, agent), holeDueMillis(book, agent)]) {
      if (at !== undefined && (due === undefined || at < due)) due = at
    }
  }
  return due
}

const waitsForReplay = <C>(book: DeliveryBook<C>, agent: AgentBook<C>): boolean => {
  const { baseline } = agent
  if (isAway(agent)) return false
  if (baseline._tag === "Settling") return !HashMap.isEmpty(baseline.collected) && !coversSettling(book, agent)
  const first = lowest(agent.beyond)
  const held = first === undefined ? undefined : Option.getOrUndefined(HashMap.get(agent.beyond, first))
  return held !== undefined && (held.replay >= book.replay || !isCovered(book, agent))
}

/** Some agent that is here waits for a replay that has not begun since. */
export const hasOpenHole = <C>(book: DeliveryBook<C>): boolean => {
  for (const agent of restless(book)) {
    if (waitsForReplay(book, agent)) return true
  }
  return false
}
