/**
 * Notices agents whose messages no longer move, and says why (`DeliveryStuck`).
 *
 * Invariants: 1. stuck is only who has messages that wait and has got none for as long as its waiting reason explains; a
 * long queue that moves is not stuck · 2. messages that somebody holds on purpose (`held`), that wait for an agent that is
 * not here (`UnknownWorker`) or lives elsewhere (`AgentLocationConflict`) are not stuck, and have not waited when that ends
 * · 3. raised once per reason, and resolved when a message moved, none waits, or 2 says so · 4. two mailboxes of one name are
 * two · 5. time in which this machine slept is nobody's.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryStuck } from "../domain/Errors.ts"
import type { AgentId } from "../domain/Ids.ts"
import type { WaitingReason } from "../domain/Receipt.ts"
import * as AwakeTime from "../node/AwakeTime.ts"

const lookMillis = 10_000
const second = 1_000

/** Undefined: never by this watch. A dialog is never timed past, so that somebody should know soon; `busy` ends by itself after 5 min. */
export const explainedMillis = (reason: WaitingReason): number | undefined => {
  switch (reason) {
    case "held":
    case "no_worker":
    case "location_conflict":
      return undefined
    case "asking":
      return 60 * second
    case "busy":
      return 360 * second
    default:
      return 120 * second
  }
}

/** What waits for one agent now. */
export interface Waiting {
  readonly agentId: AgentId
  readonly agent: string
  /** The delivery that is next, or being typed. */
  readonly next: string
  readonly receivedAtMillis: number
  readonly count: number
  readonly reason: WaitingReason | undefined
}

interface Watched {
  readonly agent: string
  readonly next: string
  readonly sinceMillis: number
  /** The reason it was told for. */
  readonly told: WaitingReason | undefined
}

export type Watch = ReadonlyMap<AgentId, Watched>

export interface Look {
  readonly watch: Watch
  readonly stuck: ReadonlyArray<{ readonly error: DeliveryStuck; readonly sinceMillis: number }>
  readonly moved: ReadonlyArray<string>
}

/**
 * Pure: what a look shows, given what the last one showed. Seen first, a message has waited since it came. `sleptMillis`: of
 * the time since the last look.
 */
export const look = (before: Watch, now: ReadonlyArray<Waiting>, nowMillis: number, sleptMillis = 0): Look => {
  const watch = new Map<AgentId, Watched>()
  const stuck: Array<Look["stuck"][number]> = []
  const moved: Array<string> = []
  for (const { agent, agentId, count, next, reason, receivedAtMillis } of now) {
    const known = before.get(agentId)
    const same = known?.next === next
    const limit = reason === undefined ? undefined : explainedMillis(reason)
    // The next one after a move has waited since the move: nothing was wrong with it before.
    const waits = same ? known.sinceMillis : known === undefined ? receivedAtMillis : nowMillis
    const sinceMillis = limit === undefined ? nowMillis : Math.min(waits + sleptMillis, nowMillis)
    const ageMillis = nowMillis - sinceMillis
    const isStuck = reason !== undefined && limit !== undefined && ageMillis >= limit
    const told = same && limit !== undefined ? known.told : undefined
    if (isStuck && told !== reason) {
      stuck.push({ error: new DeliveryStuck({ agent, reason, ageMillis, waiting: count }), sinceMillis })
    }
    if (known?.told !== undefined && told === undefined) moved.push(agent)
    watch.set(agentId, { agent, next, sinceMillis, told: isStuck ? reason : told })
  }
  for (const [agentId, { agent, told }] of before) if (told !== undefined && !watch.has(agentId)) moved.push(agent)
  return { watch, stuck, moved }
}

/** Looks from time to time until the scope ends. */
export const watchStuck = (waiting: Effect.Effect<ReadonlyArray<Waiting>>) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    let watch: Watch = new Map()
    let awake = AwakeTime.awakeFrom(yield* Clock.currentTimeMillis)
    yield* Effect.gen(function* () {
      yield* Effect.sleep(lookMillis)
      const now = yield* Clock.currentTimeMillis
      const since = AwakeTime.look(awake, now, lookMillis)
      awake = since.awake
      const seen = look(watch, yield* waiting, now, since.sleptMillis)
      watch = seen.watch
      for (const agent of seen.moved) yield* alerts.resolve("DeliveryStuck", agent)
      for (const { error, sinceMillis } of seen.stuck) yield* alerts.raise(error, error.agent, { sinceMillis })
    }).pipe(Effect.forever, Effect.forkScoped)
  })
