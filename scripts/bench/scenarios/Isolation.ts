/**
 * What an idle, ready program notices of its neighbours: four that never read their terminals and have messages waiting,
 * then two that flood theirs.
 */
import * as Effect from "effect/Effect"
import { type Figure, measured, missing } from "../Figures.ts"
import { journeys, warmUp } from "../Messages.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "quiet-p99", title: "bystander, frame → text, p99, quiet", unit: "ms" },
  { id: "stalled-p99", title: "… with 4 that never read", unit: "ms" },
  { id: "stalled-quiet", title: "… in times of quiet", unit: "×", budget: 2 },
  { id: "stalled-cpu", title: "CPU, 4 that never read", unit: "% of a core", budget: 2 },
  { id: "flood-p99", title: "bystander, p99, with 2 that flood", unit: "ms", budget: 10 }
]

const agent = "bystander"
/** More than the kernel keeps for a terminal that nobody reads. */
const backlog = 200

export const isolation: Scenario = staged(
  { name: "isolation", figures, onlyInFull: true },
  ({ context, stage, subject: { who } }) =>
    Effect.gen(function* () {
      const count = context.quick ? 25 : 40
      const p99 = Effect.map(journeys(stage, agent, count), (samples) =>
        percentile(
          samples.map(({ text }) => text),
          99
        )
      )
      yield* stage.addRecorders([agent])
      yield* warmUp(stage, agent, context.quick ? 2_000 : 6_000)
      const quiet = yield* p99

      const stalled = ["stalled-1", "stalled-2", "stalled-3", "stalled-4"]
      yield* stage.addAgents(stalled, "stalled")
      yield* Effect.forEach(stalled, (name) => Effect.replicateEffect(stage.send(name), backlog))
      yield* Effect.sleep("2 seconds")
      const millis = context.quick ? 2_000 : 8_000
      const before = usageOf(stage.broker.pid).cpuMillis
      yield* Effect.sleep(millis)
      const used = usageOf(stage.broker.pid).cpuMillis - before
      const besideStalled = yield* p99

      yield* stage.addAgents(["flood-1", "flood-2"], "flood")
      const besideFlood = yield* p99
      return [
        measured("quiet-p99", who, quiet, count),
        measured("stalled-p99", who, besideStalled, count),
        measured("stalled-quiet", who, besideStalled / quiet, count),
        isSupported ? measured("stalled-cpu", who, (used / millis) * 100) : missing("stalled-cpu", who, unsupported),
        measured("flood-p99", who, besideFlood, count)
      ]
    })
)
