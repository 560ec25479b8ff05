/**
 * What sixteen idle, ready programs notice of their neighbours, twenty agents in all: first nothing, then four that never
 * read their terminals and have messages waiting, then two more that flood theirs. Always the same sixteen, asked in turn.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { nowMillis } from "../Clock.ts"
import { type Figure, measured, missing } from "../Figures.ts"
import { journeys, warmUp } from "../Messages.ts"
import { isSupported, type Usage, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import type { Stage } from "../Stage.ts"
import { median, percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "quiet-p99", title: "16 bystanders, frame → text, p99, quiet", unit: "ms" },
  { id: "stalled-p99", title: "… with 4 that never read", unit: "ms" },
  { id: "stalled-quiet", title: "… in times of quiet", unit: "×", budget: 2 },
  { id: "stalled-1-cpu", title: "CPU, 1 that never reads", unit: "% of a core", budget: 2 },
  { id: "stalled-cpu", title: "CPU, 4 that never read", unit: "% of a core", budget: 2 },
  { id: "flood-p99", title: "bystanders, p99, with 2 that flood besides", unit: "ms", budget: 10 },
  { id: "flood-cpu", title: "CPU beside 2 that flood", unit: "% of a core" },
  { id: "flood-rss", title: "memory beside 2 that flood, highest", unit: "MB" },
  { id: "flood-growth", title: "… last third above first third", unit: "MB" }
]

const bystanders = Array.from({ length: 16 }, (_, index) => `bystander-${index}`)
const stalled = ["stalled-1", "stalled-2", "stalled-3", "stalled-4"]
/** More than the kernel keeps for a terminal that nobody reads. */
const backlog = 200

/**
 * One message at a time, to each bystander in its turn: at least two rounds, at most as many as asked for, and none is
 * begun after `millis`: a broker that takes a second per message has its figure from fewer.
 */
const ask = (stage: Stage, o: { readonly rounds: number; readonly millis: number }) =>
  Effect.gen(function* () {
    const endsAt = nowMillis() + o.millis
    const texts: Array<number> = []
    for (let round = 0; round < o.rounds && (round < 2 || nowMillis() < endsAt); round++)
      for (const name of bystanders) texts.push(...(yield* journeys(stage, name, 1)).map(({ text }) => text))
    return texts
  })

const stall = (stage: Stage, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* stage.addAgents(names, "stalled")
    yield* Effect.forEach(names, (name) => Effect.replicateEffect(stage.send(name), backlog))
    yield* Effect.sleep("2 seconds")
  })

interface Sample extends Usage {
  readonly at: number
}

/** What the broker takes, four times a second while `work` is done. */
const watched = <A, E, R>(pid: number, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const samples: Array<Sample> = []
    const look = Effect.sync(() => void samples.push({ ...usageOf(pid), at: nowMillis() }))
    yield* look
    const fiber = yield* Effect.fork(Effect.repeat(look, Schedule.spaced("250 millis")))
    const value = yield* work
    yield* Fiber.interrupt(fiber)
    yield* look
    return [value, samples] as const
  })

const cpuOf = (samples: ReadonlyArray<Sample>): number => {
  const [first, last] = [samples[0], samples.at(-1)]
  return first === undefined || last === undefined
    ? Number.NaN
    : ((last.cpuMillis - first.cpuMillis) / (last.at - first.at)) * 100
}

const growthOf = (samples: ReadonlyArray<Sample>): number => {
  const megabytes = samples.map(({ rssMegabytes }) => rssMegabytes)
  const third = Math.max(1, Math.floor(megabytes.length / 3))
  return median(megabytes.slice(-third)) - median(megabytes.slice(0, third))
}

export const isolation: Scenario = staged(
  { name: "isolation", figures, onlyInFull: true },
  ({ context, stage, subject: { who } }) =>
    Effect.gen(function* () {
      const { quick } = context
      const pace = { rounds: quick ? 3 : 12, millis: quick ? 3_000 : 9_000 }
      const { pid } = stage.broker
      const cpu = (id: string, samples: ReadonlyArray<Sample>) =>
        isSupported ? measured(id, who, cpuOf(samples), samples.length) : missing(id, who, unsupported)
      const rest = Effect.sleep(quick ? "2 seconds" : "5 seconds")

      yield* stage.addRecorders(bystanders)
      context.say(`isolation, ${who}: all started`)
      yield* warmUp(stage, bystanders[0]!, quick ? 2_000 : 6_000)
      yield* ask(stage, { rounds: 2, millis: 1_000 })
      context.say(`isolation, ${who}: quiet`)
      const quiet = yield* ask(stage, pace)

      yield* stall(stage, stalled.slice(0, 1))
      const [, besideOne] = yield* watched(pid, rest)
      yield* stall(stage, stalled.slice(1))
      const [, besideFour] = yield* watched(pid, rest)
      context.say(`isolation, ${who}: beside four that never read`)
      const withStalled = yield* ask(stage, pace)

      context.say(`isolation, ${who}: beside two that flood`)
      yield* stage.addAgents(["flood-1", "flood-2"], "flood")
      // Its own buffers, and the terminals' histories, are full before memory is looked at.
      yield* Effect.sleep("2 seconds")
      const [withFlood, beside] = yield* watched(pid, Effect.zipLeft(ask(stage, pace), rest))

      const p99 = (texts: ReadonlyArray<number>) => percentile(texts, 99)
      const p50s = [quiet, withStalled, withFlood].map((texts) => percentile(texts, 50).toFixed(2))
      context.note(
        `Isolation, ${who}: p50 of the bystanders quiet, beside stalled, beside flooding: ${p50s.join(", ")} ms.`
      )
      const memory = (id: string, value: number) =>
        isSupported ? measured(id, who, value, beside.length) : missing(id, who, unsupported)
      return [
        measured("quiet-p99", who, p99(quiet), quiet.length),
        measured("stalled-p99", who, p99(withStalled), withStalled.length),
        measured("stalled-quiet", who, p99(withStalled) / p99(quiet), withStalled.length),
        cpu("stalled-1-cpu", besideOne),
        cpu("stalled-cpu", besideFour),
        measured("flood-p99", who, p99(withFlood), withFlood.length),
        cpu("flood-cpu", beside),
        memory("flood-rss", Math.max(...beside.map(({ rssMegabytes }) => rssMegabytes))),
        memory("flood-growth", growthOf(beside))
      ]
    })
)
