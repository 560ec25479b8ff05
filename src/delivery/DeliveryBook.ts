import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { AgentId, AgentName, DeliveryId } from "../domain/Ids.ts"
import * as Ranges from "./Ranges.ts"
import * as RecentIds from "./RecentIds.ts"

// What every `deliver` frame means and how far each agent may be acked: the rules of `docs/delivery.md` as functions over data.
// No I/O and no clock; the service `Deliveries` owns both.
//
// Invariants, per agent id:
// 1. `acked` ≤ `confirmedEnd` ≤ `received`; all three only grow. An ack never exceeds `confirmedEnd`.
// 2. `confirmedEnd` is the end of the run, from the baseline on, of numbers that were surfaced and confirmed or proved not to exist.
// 3. An arrival is surfaced at most once: `delivery_id` decides what is a duplicate, never the number.
// 4. Numbered arrivals are surfaced in the order of their numbers; what lies beyond a hole is held.
// 5. A hole is closed only by a replay that began after the frame beyond it was held and that brought that frame again and
// not the missing one, or brought neither before nothing of any agent came for `replayQuietMillis` (the engine has
// dropped both).
// Only a replay that began while the agent was here counts: of an agent that is away the engine sends nothing to this node.
// 6. A refused arrival (no room) is neither surfaced nor remembered as seen, and its number is never taken for a hole in the same replay.
// What comes after it in that replay is refused as well: both are brought by the next one, and what waits for the first takes no room.
// 7. `seq: 0` moves nothing.
// 8. Acks carry a name: only the id that owns the name now is acked; after a change of id the first ack waits `identityGraceMillis`.

// What the book knows of each agent, what it may decide, and its limits.

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

// Arrivals in the order of their numbers; holes in that order (invariants 4 to 6).

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

// What is confirmed, and how far each agent may be acked (invariants 1, 2 and 8).

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

// Which agents are here, under which id, and since when a replay speaks of them.

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

// An agent of which the engine did not say where it stands: which number is the first.

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

// One `deliver` frame: first sight, copy, event or too much.

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

// Replays and the passing of time: what they prove, and whether one has to be asked for.

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
