/** One message at a time to an idle, ready program that shows what it reads: from the engine's frame to text, Enter and ack. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { type Figure, measured, missing } from "../Figures.ts"
import { isSupported, usageOf } from "../ProcessTree.ts"
import type { Scenario } from "../Scenario.ts"
import { staged } from "../Scenario.ts"
import type { Stage } from "../Stage.ts"
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

/** What is left when no broker is between: a byte on a socket to the same program. */
const floorOf = (stage: Stage) =>
  Effect.replicateEffect(Effect.zipLeft(stage.recorders.ping(agent), Effect.sleep("5 millis")), 50)

const oneMessage = (stage: Stage) =>
  Effect.gen(function* () {
    const sent = yield* stage.send(agent)
    const [ack] = yield* Effect.all([stage.acked(sent), stage.recorders.awaitEnter([sent.id])], {
      concurrency: "unbounded"
    })
    // The broker and the program are idle again when the next one comes.
    yield* Effect.sleep(yield* Random.nextIntBetween(5, 30))
    const { text = Number.NaN, shown = Number.NaN, enter = Number.NaN } = stage.recorders.trace(sent.id)
    return { text: text - sent.frame, enter: enter - sent.frame, shownEnter: enter - shown, ack: ack - sent.frame }
  })

export const latency: Scenario = staged(
  { name: "latency", figures, limitMillis: 90_000 },
  ({ context, stage, subject }) =>
    Effect.gen(function* () {
      const { quick } = context
      yield* stage.addRecorders([agent])
      yield* Effect.replicateEffect(oneMessage(stage), quick ? 10 : 30, { discard: true })
      const floor = yield* floorOf(stage)
      const cpuBefore = usageOf(stage.broker.pid).cpuMillis
      const samples = yield* Effect.replicateEffect(oneMessage(stage), quick ? 40 : 200)
      const cpu = (usageOf(stage.broker.pid).cpuMillis - cpuBefore) / samples.length
      if (subject.who === "ours") {
        const [p50, p99] = [percentile(floor, 50).toFixed(2), percentile(floor, 99).toFixed(2)]
        context.note(`No broker in between: a byte on a socket to the same program, p50 ${p50} ms, p99 ${p99} ms.`)
      } else {
        context.note(
          "9.1.6 acks when the message was handed to its worker, before it is typed; ours when it was submitted."
        )
      }
      const result = (id: string, values: ReadonlyArray<number>, rank: number) =>
        measured(id, subject.who, percentile(values, rank), values.length)
      const of = (key: keyof (typeof samples)[number]) => samples.map((sample) => sample[key])
      return [
        result("text-p50", of("text"), 50),
        result("text-p99", of("text"), 99),
        result("enter-p50", of("enter"), 50),
        result("enter-p99", of("enter"), 99),
        result("shown-enter-p99", of("shownEnter"), 99),
        result("ack-p50", of("ack"), 50),
        result("ack-p99", of("ack"), 99),
        isSupported
          ? measured("cpu-message", subject.who, cpu, samples.length)
          : missing("cpu-message", subject.who, "only measured where there is /proc")
      ]
    })
)
