/**
 * Drives the book's time: settling, holes that a replay left open, and asking the engine for a replay while a hole is
 * open. Sleeps while there is nothing to wait for.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import { NodeControl } from "../node/NodeControl.ts"

/** How soon an ask that was refused ("not now") is repeated. */
const askAgainMillis = 1_000

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

    yield* Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      yield* o.tick(now)
      if (wanted || o.open()) wanted = !(yield* node.requestReplay)
      const due = [o.nextTickMillis(), wanted || o.open() ? now + askAgainMillis : undefined].filter(
        (at) => at !== undefined
      )
      if (due.length === 0) yield* wakeUps.take
      else yield* Effect.raceFirst(wakeUps.take, Effect.sleep(Math.max(1, Math.min(...due) - now)))
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
