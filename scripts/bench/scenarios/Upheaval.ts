/**
 * What typing notices of the node session: messages sent over the local API to an idle, ready program, while the session
 * is quiet, is torn down over and over, is refused and mints, and is flooded by the engine.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { nowMillis } from "../Clock.ts"
import { type Figure, measured } from "../Figures.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { type Stage, StageFailed } from "../Stage.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "local-p50", title: "POST /api/send → text, p50, session quiet", unit: "ms" },
  { id: "local-p99", title: "… p99", unit: "ms" },
  { id: "reconnecting", title: "p99 while reconnecting, in times of quiet", unit: "×", budget: 1.5 },
  { id: "minting", title: "p99 while refused and minting", unit: "×", budget: 1.5 },
  { id: "flooded", title: "p99 while flooded with frames", unit: "×", budget: 1.5 }
]

const agent = "listener"
const turns = 10
let sent = 0

const localSend = (stage: Stage): Effect.Effect<number, StageFailed> =>
  Effect.gen(function* () {
    sent += 1
    const id = `local${sent}`
    const from = nowMillis()
    yield* stage.broker
      .expect("POST", "/api/send", { to: agent, from: "bench", text: `please have a look [end ${id}]` })
      .pipe(Effect.mapError(({ message }) => new StageFailed({ reason: message })))
    yield* stage.recorders.awaitEnter([id])
    yield* Effect.sleep("15 millis")
    return (stage.recorders.trace(id).text ?? Number.NaN) - from
  })

/** Upheavals by name; each is done again and again until it is ended. */
const upheavals: { readonly [name: string]: (stage: Stage) => Effect.Effect<unknown> } = {
  reconnecting: ({ engine }) =>
    Effect.sync(() => engine.faults.dropSockets()).pipe(Effect.zipRight(Effect.sleep("300 millis"))),
  minting: ({ engine }) =>
    Effect.sync(() => {
      for (const { name } of engine.nodes()) engine.faults.invalidateNodeToken(name)
      engine.faults.dropSockets()
    }).pipe(Effect.zipRight(Effect.sleep("300 millis"))),
  flooded: ({ engine }) =>
    Effect.forEach(
      engine.nodes(),
      ({ name }) =>
        Effect.replicateEffect(
          engine.sendRaw(name, { v: 1, type: "context.update", filler: "x".repeat(1_000) }),
          20
        ).pipe(Effect.ignore),
      { discard: true }
    ).pipe(Effect.zipRight(Effect.sleep("50 millis")))
}

export const upheaval: Scenario = staged(
  { name: "upheaval", figures, onlyInFull: true },
  ({ context, stage, subject: { who } }) =>
    Effect.gen(function* () {
      const count = context.quick ? 40 : 500
      yield* stage.addRecorders([agent])
      yield* Effect.replicateEffect(localSend(stage), context.quick ? 50 : 150)
      // In turns, each next to a quiet one of its own: a machine that is busy for a while is busy for both.
      const turn = Effect.replicateEffect(localSend(stage), count / turns)
      const during = (name: string) =>
        Effect.gen(function* () {
          const quiet: Array<number> = []
          const found: Array<number> = []
          for (let n = 0; n < turns; n++) {
            quiet.push(...(yield* turn))
            const fiber = yield* Effect.fork(Effect.forever(upheavals[name]!(stage)))
            found.push(...(yield* turn))
            yield* Fiber.interrupt(fiber)
            stage.engine.faults.heal()
            yield* Effect.sleep("1 second")
          }
          const [p50, p99] = [percentile(found, 50), percentile(found, 99)]
          context.note(
            `Upheaval, ${who}, ${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; quiet in between p99 ${percentile(quiet, 99).toFixed(2)} ms.`
          )
          return { quiet, figure: measured(name, who, p99 / percentile(quiet, 99), count) }
        })
      const all = yield* Effect.forEach(["reconnecting", "minting", "flooded"], during)
      const quiet = all.flatMap((each) => each.quiet)
      return [
        measured("local-p50", who, percentile(quiet, 50), quiet.length),
        measured("local-p99", who, percentile(quiet, 99), quiet.length),
        ...all.map(({ figure }) => figure)
      ]
    })
)
