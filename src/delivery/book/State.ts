/** What the book knows of each agent, what it may decide, and its limits. Part of `DeliveryBook`. */
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { AgentId, AgentName, DeliveryId } from "../../domain/Ids.ts"
import * as Ranges from "../Ranges.ts"
import * as RecentIds from "../RecentIds.ts"

/** A frame as the book sees it; `content` is carried through untouched. */
export interface Arrival<C> {
  readonly deliveryId: DeliveryId
  readonly agentId: AgentId
  readonly agent: AgentName
  readonly seq: number
  readonly content: C
}

export interface Held<C> {
  readonly arrival: Arrival<C>
  /** The replay that was the latest when it was held. */
  readonly replay: number
  readonly atMillis: number
}

export type Baseline<C> =
  | { readonly _tag: "Known" }
  /** The engine did not say where it stands: arrivals are collected until the lowest is sure. */
  | {
      readonly _tag: "Settling"
      readonly collected: HashMap.HashMap<number, Held<C>>
      readonly firstMillis: number
      readonly lastMillis: number
    }

export interface AgentBook<C> {
  readonly agentId: AgentId
  readonly name: AgentName
  readonly baseline: Baseline<C>
  /** Everything up to here was surfaced, or does not exist. */
  readonly received: number
  readonly confirmedEnd: number
  /** Confirmed numbers above `confirmedEnd`. */
  readonly confirmed: Ranges.Ranges
  /** The highest ack that left. */
  readonly acked: number
  readonly ackNotBeforeMillis: number
  readonly beyond: HashMap.HashMap<number, Held<C>>
  /** Numbers refused since the last replay began. */
  readonly refused: Ranges.Ranges
  /** Something was refused and has to be asked for again when there is room. */
  readonly wantsReplay: boolean
  /**
   * The first replay that is sure to speak of this agent: earlier ones began while it was away. `Infinity`: it is away now.
   * 0: only frames say that it is here.
   */
  readonly coveredFrom: number
  /** The last replay in which a lost ack was repeated. */
  readonly reAckedIn: number
  readonly seen: RecentIds.RecentIds
  readonly seenEvents: RecentIds.RecentIds
}

export interface DeliveryBook<C> {
  readonly agents: HashMap.HashMap<AgentId, AgentBook<C>>
  /** Those of `agents` that wait for something: what is looked at often looks at these only, for the others may be thousands. */
  readonly restless: HashSet.HashSet<AgentId>
  /** Which id an ack under this name would go to. */
  readonly names: HashMap.HashMap<AgentName, AgentId>
  /** Counts the replays that began. */
  readonly replay: number
  /** Undefined: its session ended, so that nothing follows from what did not come any more. */
  readonly replaySinceMillis: number | undefined
  /** When the last numbered frame came, of whichever agent: a replay that goes on shows itself by them. */
  readonly lastFrameMillis: number
}

export type Decision<C> =
  /** Give it to the agent. `numbered`: `confirm` counts it; otherwise it moves no cursor. */
  | { readonly _tag: "Surface"; readonly arrival: Arrival<C>; readonly numbered: boolean }
  /** Repeat an ack that the engine seems not to have got. */
  | { readonly _tag: "ReAck"; readonly agentId: AgentId; readonly name: AgentName; readonly upTo: number }
  | { readonly _tag: "AskReplay"; readonly agentId: AgentId; readonly missing: Ranges.Range | undefined }
  | { readonly _tag: "Refused"; readonly arrival: Arrival<C> }
  /** For the log and the counters; nothing to do. */
  | { readonly _tag: "Duplicate"; readonly arrival: Arrival<C> }
  | { readonly _tag: "Held"; readonly arrival: Arrival<C> }
  | { readonly _tag: "BelowCursor"; readonly arrival: Arrival<C>; readonly cursor: number }
  | { readonly _tag: "HoleClosed"; readonly agentId: AgentId; readonly from: number; readonly to: number }
  | { readonly _tag: "Settled"; readonly agentId: AgentId; readonly baseline: number }

export type Step<C> = readonly [book: DeliveryBook<C>, decisions: ReadonlyArray<Decision<C>>]

/** Long enough for the engine's own depth (1,000 rows per agent) to be recognised on a replay. */
export const rememberedDeliveries = 1_024

export const rememberedEvents = 512

export const settleQuietMillis = 1_000

/** Frames of other agents keep settling from ending for so long: a replay brings one agent after the other. */
export const longestSettleMillis = 10_000

export const identityGraceMillis = 1_000

/** A replay that brought nothing for this long is over: what it did not bring, the engine no longer has. */
export const replayQuietMillis = 10_000

/** Frames that still come after so long are not those of a replay, but a busy day's. */
export const longestReplayMillis = 5 * 60_000

/** Held per agent. Fewer than an inbox takes: when all that is held waits for one number, there is room for that number. */
export const heldLimit = 900

export const empty = <C>(): DeliveryBook<C> => ({
  agents: HashMap.empty(),
  restless: HashSet.empty(),
  names: HashMap.empty(),
  replay: 0,
  replaySinceMillis: undefined,
  lastFrameMillis: Number.NEGATIVE_INFINITY
})

export const agentOf = <C>(book: DeliveryBook<C>, agentId: AgentId): AgentBook<C> | undefined =>
  Option.getOrUndefined(HashMap.get(book.agents, agentId))

export const all = <C>(book: DeliveryBook<C>): ReadonlyArray<AgentBook<C>> => [...HashMap.values(book.agents)]

export const ownerOf = <C>(book: DeliveryBook<C>, name: AgentName): AgentId | undefined =>
  Option.getOrUndefined(HashMap.get(book.names, name))

/** No ack is due, nothing is held or was refused. */
const rests = <C>({ acked, baseline, beyond, confirmedEnd, refused }: AgentBook<C>): boolean =>
  confirmedEnd <= acked &&
  HashMap.isEmpty(beyond) &&
  refused.length === 0 &&
  (baseline._tag === "Known" || HashMap.isEmpty(baseline.collected))

export const put = <C>(book: DeliveryBook<C>, agent: AgentBook<C>): DeliveryBook<C> => ({
  ...book,
  agents: HashMap.set(book.agents, agent.agentId, agent),
  restless: (rests(agent) ? HashSet.remove : HashSet.add)(book.restless, agent.agentId)
})

export const restless = <C>(book: DeliveryBook<C>): ReadonlyArray<AgentBook<C>> =>
  [...book.restless].flatMap((agentId) => agentOf(book, agentId) ?? [])

export const fresh = <C>(
  agentId: AgentId,
  name: AgentName,
  cursor: number | undefined,
  nowMillis: number
): AgentBook<C> => ({
  agentId,
  name,
  baseline:
    cursor === undefined
      ? { _tag: "Settling", collected: HashMap.empty(), firstMillis: nowMillis, lastMillis: nowMillis }
      : { _tag: "Known" },
  received: cursor ?? 0,
  confirmedEnd: cursor ?? 0,
  confirmed: Ranges.empty,
  acked: cursor ?? 0,
  ackNotBeforeMillis: 0,
  beyond: HashMap.empty(),
  refused: Ranges.empty,
  wantsReplay: false,
  coveredFrom: 0,
  reAckedIn: -1,
  seen: RecentIds.make(rememberedDeliveries),
  seenEvents: RecentIds.make(rememberedEvents)
})

export const lowest = <V>(map: HashMap.HashMap<number, V>): number | undefined => {
  let found: number | undefined
  for (const key of HashMap.keys(map)) if (found === undefined || key < found) found = key
  return found
}

/** What waits in the book and not in an inbox: behind a hole, or until the baseline is known. */
export const heldBack = <C>(book: DeliveryBook<C>, agentId: AgentId): number => {
  const agent = agentOf(book, agentId)
  if (agent === undefined) return 0
  return HashMap.size(agent.beyond) + (agent.baseline._tag === "Settling" ? HashMap.size(agent.baseline.collected) : 0)
}

export const heldArrivals = <C>(book: DeliveryBook<C>, agentId: AgentId): ReadonlyArray<Arrival<C>> => {
  const agent = agentOf(book, agentId)
  if (agent === undefined) return []
  const collected = agent.baseline._tag === "Settling" ? [...HashMap.values(agent.baseline.collected)] : []
  return [...HashMap.values(agent.beyond), ...collected].map(({ arrival }) => arrival)
}
