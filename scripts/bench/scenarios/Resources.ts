/** What the broker's processes take at rest: memory with 1, 10, 30 and 100 agents, time on a core with 20. */
import * as Effect from "effect/Effect"
import { type Figure, measured, missing, type Result } from "../Figures.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { median } from "../Statistics.ts"

const cpuAgents = 20

const figures: ReadonlyArray<Figure> = [
  { id: "memory-1", title: "memory, 1 agent", unit: "MB" },
  { id: "memory-10", title: "memory, 10 agents", unit: "MB", budget: 95 },
  { id: "memory-30", title: "memory, 30 agents", unit: "MB", budget: 130 },
  { id: "memory-100", title: "memory, 100 agents", unit: "MB", budget: 250, onlyInFull: true },
  // "0" is: not more than heartbeats cost.
  { id: "cpu-20", title: `CPU, ${cpuAgents} idle agents`, unit: "% of a core", budget: 0.5 }
]

export const resources: Scenario = staged({ name: "resources", figures }, ({ context, stage, subject: { who } }) =>
  Effect.gen(function* () {
    if (!isSupported) return figures.map(({ id }) => missing(id, who, unsupported))
    const usage = Effect.sync(() => usageOf(stage.broker.pid))
    const { quick } = context
    const results: Array<Result> = []
    let there = 0
    const grow = (count: number) =>
      Effect.suspend(() => {
        const names = Array.from({ length: count - there }, (_, index) => `idle-${there + index}`)
        there = count
        return stage.addAgents(names, "idle")
      })

    for (const count of quick ? [1, 10, cpuAgents, 30] : [1, 10, cpuAgents, 30, 100]) {
      yield* grow(count)
      // Start-up, readiness and presence are through.
      yield* Effect.sleep(quick ? "600 millis" : "2 seconds")
      if (count === cpuAgents) {
        const millis = quick ? 2_000 : 10_000
        // V8 tidies its heap some seconds after work has ended, once: that is a cost of the start, not of being idle.
        if (!quick) yield* Effect.sleep("15 seconds")
        const before = (yield* usage).cpuMillis
        yield* Effect.sleep(millis)
        results.push(measured("cpu-20", who, (((yield* usage).cpuMillis - before) / millis) * 100))
        continue
      }
      const samples = yield* Effect.replicateEffect(Effect.zipLeft(usage, Effect.sleep("100 millis")), 3)
      const megabytes = median(samples.map(({ rssMegabytes }) => rssMegabytes))
      results.push(measured(`memory-${count}`, who, megabytes, samples.length))
    }
    return results
  })
)
