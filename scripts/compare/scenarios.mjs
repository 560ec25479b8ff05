// The three scenarios. Each gives rows {title, tally, millis?}; whatever the scenario is, the tally means the same.
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { openStage } from "./stage.mjs"

const burstSize = 40
const moments = [30, 100, 300, 1_000, 3_000]
/** How long a broker may take to bring what it owes. */
const owedMillis = 15_000

/** What the engine believes at the moment of death, and what the program has read by then. */
const burst = (o) =>
  Effect.forEach(moments, (millis) =>
    Effect.gen(function* () {
      o.say(`burst, killed after ${millis} ms`)
      const stage = yield* openStage(o)
      yield* stage.start({ first: true })
      yield* stage.post(burstSize)
      yield* Effect.sleep(millis)
      yield* stage.stop("SIGKILL")
      yield* stage.awaitQuiet(3_000, 10_000)
      return { title: `${burstSize} messages, killed after ${millis} ms`, tally: stage.tally() }
    }).pipe(Effect.scoped)
  )

const restart = (o) =>
  Effect.forEach(["SIGKILL", "SIGTERM"], (signal) =>
    Effect.gen(function* () {
      const how = signal === "SIGKILL" ? "killed" : "stopped in order"
      o.say(`restart, ${how}`)
      const stage = yield* openStage(o)
      yield* stage.start({ first: true })
      yield* stage.post(20)
      yield* Effect.sleep(1_000)
      yield* stage.stop(signal)
      yield* stage.start()
      yield* stage.post(10)
      const millis = yield* stage.awaitReads(owedMillis)
      return { title: `20 messages, ${how} after 1 s, started again, 10 new ones`, tally: stage.tally(), millis }
    }).pipe(Effect.scoped)
  )

const crash = (o) =>
  Effect.gen(function* () {
    const stage = yield* openStage(o)
    for (let round = 1; round <= o.rounds; round++) {
      o.say(`crash ${round} of ${o.rounds}`)
      yield* stage.start({ first: round === 1 })
      yield* stage.post(6)
      yield* Effect.sleep(yield* Random.nextIntBetween(0, 1_000))
      yield* stage.stop("SIGKILL")
    }
    yield* stage.start()
    const millis = yield* stage.awaitReads(owedMillis)
    return [{ title: `${o.rounds} crashes at random moments, 6 messages before each`, tally: stage.tally(), millis }]
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(o.seed)))

export const scenarios = {
  burst: { title: "A burst, then kill -9", run: burst, limitMillis: () => 180_000, mayBeMissing: true },
  restart: { title: "A restart, then new messages", run: restart, limitMillis: () => 150_000, mayBeMissing: false },
  crash: {
    title: "kill -9 again and again",
    run: crash,
    limitMillis: ({ rounds }) => 60_000 + rounds * 15_000,
    mayBeMissing: false
  }
}
