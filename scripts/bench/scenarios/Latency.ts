/** An idle, ready program that shows what it reads: from the engine's frame to text, Enter and ack. */
import * as Effect from "effect/Effect"
import { type Figure, measured, missing } from "../Figures.ts"
import { type Journey, journeys, warmUp } from "../Messages.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "text-p50", title: "frame → text, p50", unit: "ms", budget: 2 },
  { id: "text-p99", title: "frame → text, p99", unit: "ms", budget: 10 },
  { id: "enter-p50", title: "frame → Enter, p50", unit: "ms" },
  { id: "enter-p99", title: "frame → Enter, p99", unit: "ms" },
  // The guard of a program of no known family is 0: what is left is our own time.
  { id: "shown-enter-p99", title: "text shown → Enter, p99", unit: "ms", budget: 20 },
  { id: "ack-p50", title: "frame → ack, p50", unit: "ms" },
  { id: "ack-p99", title: "frame → ack, p99", unit: "ms" },
  { id: "cpu-message", title: "CPU time of the broker per message", unit: "ms" }
]

const agent = "listener"

export const latency: Scenario = staged({ name: "latency", figures }, ({ context, stage, subject: { who } }) =>
  Effect.gen(function* () {
    const { note, quick } = context
    yield* stage.addRecorders([agent])
    yield* warmUp(stage, agent, quick ? 2_000 : 6_000)
    const floor = yield* Effect.replicateEffect(
      Effect.zipLeft(stage.recorders.ping(agent), Effect.sleep("5 millis")),
      50
    )
    const cpuBefore = usageOf(stage.broker.pid).cpuMillis
    const samples = yield* journeys(stage, agent, quick ? 20 : 150)
    const cpu = (usageOf(stage.broker.pid).cpuMillis - cpuBefore) / samples.length
    if (who === "ours") {
      const [p50, p99] = [percentile(floor, 50).toFixed(2), percentile(floor, 99).toFixed(2)]
      note(`The floor: a byte on a socket to the same program, no broker in between: p50 ${p50} ms, p99 ${p99} ms.`)
      note("Ours acks when the message was submitted; 9.1.6 when a worker was told, before it is typed.")
    }
    const result = (id: string, key: keyof Journey, rank: number) =>
      measured(
        id,
        who,
        percentile(
          samples.map((sample) => sample[key]),
          rank
        ),
        samples.length
      )
    return [
      result("text-p50", "text", 50),
      result("text-p99", "text", 99),
      result("enter-p50", "enter", 50),
      result("enter-p99", "enter", 99),
      result("shown-enter-p99", "shownEnter", 99),
      result("ack-p50", "ack", 50),
      result("ack-p99", "ack", 99),
      isSupported ? measured("cpu-message", who, cpu, samples.length) : missing("cpu-message", who, unsupported)
    ]
  })
)
