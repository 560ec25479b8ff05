/** What the broker's processes take at rest: memory with 1, 10 and 30 agents, time on a core with 20. */
import * as Effect from "effect/Effect"
import { type Figure, measured, missing } from "../Figures.ts"
import { isSupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { median } from "../Statistics.ts"

const counts = [1, 10, 30] as const

const memoryFigures: ReadonlyArray<Figure> = [
  { id: "memory-1", title: "memory, 1 agent", unit: "MB" },
  { id: "memory-10", title: "memory, 10 agents", unit: "MB", budget: 95 },
  { id: "memory-30", title: "memory, 30 agents", unit: "MB", budget: 130 }
]
const cpuFigures: ReadonlyArray<Figure> = [
  // "0" is: not more than a heartbeat costs.
  { id: "cpu-20", title: "CPU, 20 idle agents", unit: "% of a core", budget: 0.5 }
]

const noProc = "only measured where there is /proc"
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `idle-${from + index}`)

export const memory: Scenario = staged(
  { name: "memory", figures: memoryFigures, limitMillis: 60_000 },
  ({ context, stage, subject }) =>
    Effect.gen(function* () {
      if (!isSupported) return memoryFigures.map(({ id }) => missing(id, subject.who, noProc))
      const results = []
      let there = 0
      for (const count of counts) {
        yield* stage.addIdle(names(there, count))
        there = count
        yield* Effect.sleep(context.quick ? "1 second" : "3 seconds")
        const samples = yield* Effect.replicateEffect(
          Effect.zipLeft(
            Effect.sync(() => usageOf(stage.broker.pid).rssMegabytes),
            Effect.sleep("100 millis")
          ),
          3
        )
        results.push(measured(`memory-${count}`, subject.who, median(samples), samples.length))
      }
      return results
    })
)

export const cpu: Scenario = staged(
  { name: "cpu", figures: cpuFigures, limitMillis: 60_000 },
  ({ context, stage, subject }) =>
    Effect.gen(function* () {
      if (!isSupported) return cpuFigures.map(({ id }) => missing(id, subject.who, noProc))
      yield* stage.addIdle(names(0, 20))
      // Readiness, presence and start-up timers are through.
      yield* Effect.sleep(context.quick ? "3 seconds" : "5 seconds")
      const millis = context.quick ? 4_000 : 15_000
      const before = usageOf(stage.broker.pid).cpuMillis
      yield* Effect.sleep(millis)
      const used = usageOf(stage.broker.pid).cpuMillis - before
      return [measured("cpu-20", subject.who, (used / millis) * 100)]
    })
)
