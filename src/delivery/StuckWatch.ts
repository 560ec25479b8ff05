/**
 * Notices agents whose messages no longer move, and says why (`DeliveryStuck`).
 *
 * Invariants: 1. stuck is only who has messages that wait and has got none for as long as its waiting reason explains; a
 * long queue that moves is not stuck · 2. messages that somebody holds on purpose (`held`), that wait for an agent that is
 * not here (`UnknownWorker`) or lives elsewhere (`AgentLocationConflict`) are not stuck · 3. raised once per reason, and
 * resolved when a message moved or none waits.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Alerts } from "../alerts/Alerts.ts"
import { DeliveryStuck } from "../domain/errors/DeliveryStuck.ts"
import type { WaitingReason } from "../domain/Receipt.ts"

const lookMillis = 10_000
const second = 1_000

/** Undefined: never by this watch. A dialog is never timed past, so that somebody should know soon; `busy` ends by itself after 5 min. */
export const explainedMillis = (reason: WaitingReason): number | undefined => {
  switch (reason) {
    case "held":
    case "no_worker":
    case "location_conflict":
      return undefined
    case "dialog":
      return 60 * second
    case "busy":
      return 360 * second
    default:
      return 120 * second
  }
}

/** What waits for one agent now. */
export interface Waiting {
  readonly agent: string
  /** The delivery that is next, or being typed. */
  readonly next: string
  readonly receivedAtMillis: number
  readonly count: number
  readonly reason: WaitingReason | undefined
}

interface Watched {
  readonly next: string
  readonly sinceMillis: number
  /** The reason it was told for. */
  readonly told: WaitingReason | undefined
}

export type Watch = ReadonlyMap<string, Watched>

export interface Look {
  readonly watch: Watch
  readonly stuck: ReadonlyArray<{ readonly error: DeliveryStuck; readonly sinceMillis: number }>
  readonly moved: ReadonlyArray<string>
}

/** Pure: what a look shows, given what the last one showed. Seen first, a message has waited since it came. */
export const look = (before: Watch, now: ReadonlyArray<Waiting>, nowMillis: number): Look => {
  const watch = new Map<string, Watched>()
  const stuck: Array<Look["stuck"][number]> = []
  const moved: Array<string> = []
  for (const { agent, count, next, reason, receivedAtMillis } of now) {
    const known = before.get(agent)
    const same = known?.next === next
    // The next one after a move has waited since the move: nothing was wrong with it before.
    const sinceMillis = same ? known.sinceMillis : known === undefined ? receivedAtMillis : nowMillis
    const limit = reason === undefined ? undefined : explainedMillis(reason)
    const ageMillis = nowMillis - sinceMillis
    const isStuck = reason !== undefined && limit !== undefined && ageMillis >= limit
    const told = same ? known.told : undefined
    if (isStuck && told !== reason) {
      stuck.push({ error: new DeliveryStuck({ agent, reason, ageMillis, waiting: count }), sinceMillis })
    }
    if (known?.told !== undefined && !same) moved.push(agent)
    watch.set(agent, { next, sinceMillis, told: isStuck ? reason : told })
  }
  for (const [agent, { told }] of before) if (told !== undefined && !watch.has(agent)) moved.push(agent)
  return { watch, stuck, moved }
}

/** Looks from time to time until the scope ends. */
export const watchStuck = (waiting: Effect.Effect<ReadonlyArray<Waiting>>) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    let watch: Watch = new Map()
    yield* Effect.gen(function* () {
      yield* Effect.sleep(lookMillis)
      const seen = look(watch, yield* waiting, yield* Clock.currentTimeMillis)
      watch = seen.watch
      for (const agent of seen.moved) yield* alerts.resolve("DeliveryStuck", agent)
      for (const { error, sinceMillis } of seen.stuck) yield* alerts.raise(error, error.agent, { sinceMillis })
    }).pipe(Effect.forever, Effect.forkScoped)
  })
