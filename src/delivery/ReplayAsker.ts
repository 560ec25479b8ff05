/**
 * Drives the book's time: settling, holes that a replay left open, and asking the engine for a replay while a hole is
 * open. Sleeps while there is nothing to wait for. Time that passed while this process stood still (the machine slept, or was
 * too busy) is no quiet: what came meanwhile is still to be read, and gets a moment for that.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import { NodeControl } from "../node/NodeControl.ts"

/** How soon an ask that was refused ("not now") is repeated. */
const askAgainMillis = 1_000
/** A timer that fires so much late tells of a standstill; and how long reading gets then. */
const lateMillis = 500

export const makeReplayAsker = (o: {
  readonly open: () => boolean
  readonly nextTickMillis: () => number | undefined
  readonly tick: (nowMillis: number) => Effect.Effect<void>
}) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    const wake = Effect.asVoid(wakeUps.offer())
    let wanted = false
    let plannedMillis = Number.POSITIVE_INFINITY

    yield* Effect.gen(function* () {
      if ((yield* Clock.currentTimeMillis) - plannedMillis > lateMillis) yield* Effect.sleep(lateMillis)
      const now = yield* Clock.currentTimeMillis
      yield* o.tick(now)
      if (wanted || o.open()) wanted = !(yield* node.requestReplay)
      const due = [o.nextTickMillis(), wanted || o.open() ? now + askAgainMillis : undefined].filter(
        (at) => at !== undefined
      )
      const wait = Math.max(1, Math.min(...due) - now)
      plannedMillis = now + wait
      yield* due.length === 0 ? wakeUps.take : Effect.raceFirst(wakeUps.take, Effect.sleep(wait))
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever,
      Effect.forkScoped
    )

    return {
      wake,
      ask: Effect.suspend(() => {
        wanted = true
        return wake
      })
    }
  })
