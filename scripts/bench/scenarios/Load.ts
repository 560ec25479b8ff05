/** Many messages at once: a hundred for one program, and twenty for each of ten. From the first frame to the last Enter. */
import * as Effect from "effect/Effect"
import { type Figure, measured } from "../Figures.ts"
import { type Scenario, staged } from "../Scenario.ts"
import type { Sent, Stage } from "../Stage.ts"

/** A few messages first, so that everything on the path was used once. */
const warmUp = (stage: Stage, agents: ReadonlyArray<string>) =>
  Effect.forEach(
    agents,
    (agent) =>
      Effect.replicateEffect(
        Effect.flatMap(stage.send(agent), ({ id }) => stage.recorders.awaitEnter([id])),
        3
      ),
    { discard: true, concurrency: "unbounded" }
  )

const until = (stage: Stage, sent: ReadonlyArray<Sent>) =>
  Effect.map(stage.recorders.awaitEnter(sent.map(({ id }) => id)), () => {
    const enters = sent.map(({ id }) => stage.recorders.trace(id).enter ?? Number.NaN)
    return Math.max(...enters) - Math.min(...sent.map(({ frame }) => frame))
  })

const queuedFigures: ReadonlyArray<Figure> = [
  { id: "queued-100", title: "100 messages for one program, all submitted", unit: "ms", budget: 500 }
]

export const queued: Scenario = staged({ name: "queued", figures: queuedFigures }, ({ stage, subject }) =>
  Effect.gen(function* () {
    yield* stage.addRecorders(["listener"])
    yield* warmUp(stage, ["listener"])
    const sent = yield* Effect.replicateEffect(stage.send("listener"), 100)
    return [measured("queued-100", subject.who, yield* until(stage, sent))]
  })
)

const silentFigures: ReadonlyArray<Figure> = [
  { id: "silent-100", title: "the same, a program that shows nothing", unit: "ms" }
]

export const silent: Scenario = staged(
  { name: "silent", figures: silentFigures, onlyInFull: true },
  ({ stage, subject }) =>
    Effect.gen(function* () {
      yield* stage.addRecorders(["listener"], ["--silent"])
      yield* warmUp(stage, ["listener"])
      const sent = yield* Effect.replicateEffect(stage.send("listener"), 100)
      return [measured("silent-100", subject.who, yield* until(stage, sent))]
    })
)

const burstFigures: ReadonlyArray<Figure> = [
  { id: "burst-10x20", title: "10 agents × 20 messages, all submitted", unit: "ms", budget: 500 }
]

export const burst: Scenario = staged({ name: "burst", figures: burstFigures }, ({ stage, subject }) =>
  Effect.gen(function* () {
    const agents = Array.from({ length: 10 }, (_, index) => `listener-${index}`)
    yield* stage.addRecorders(agents)
    yield* warmUp(stage, agents)
    const rounds = yield* Effect.replicateEffect(
      Effect.forEach(agents, (agent) => stage.send(agent)),
      20
    )
    return [measured("burst-10x20", subject.who, yield* until(stage, rounds.flat()))]
  })
)
