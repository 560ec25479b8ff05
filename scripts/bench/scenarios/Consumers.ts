/**
 * Fifty clients of the event stream and one that never reads, while twenty programs write: what the readers miss, what the
 * broker keeps for the one, and what it costs a bystander's messages.
 */
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import { type Figure, measured, missing } from "../Figures.ts"
import { type Journey, journeys, warmUp } from "../Messages.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import type { Stage } from "../Stage.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "consumers-quiet", title: "20 writing programs, no consumers: frame → text, p99", unit: "ms" },
  { id: "consumers-text", title: "… 50 consumers and one that never reads: frame → text, p99", unit: "ms" },
  { id: "consumers-memory", title: "… memory that the consumers cost, highest", unit: "MB" },
  { id: "consumers-rate", title: "… events to all consumers together", unit: "/s" }
]

const readers = 50
const writers = 20

interface Reader {
  readonly close: () => void
  readonly seen: () => {
    readonly durable: number
    readonly events: number
    readonly holes: number
    readonly gaps: number
  }
}

/** Counts what comes, and what is missing between numbers. */
const connect = (stage: Stage, reads: boolean) =>
  Effect.acquireRelease(
    Effect.async<Reader>((resume) => {
      const { apiKey, url } = stage.broker
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, { headers: { "x-api-key": apiKey } })
      const seen = { durable: 0, events: 0, holes: 0, gaps: 0 }
      let last: number | undefined
      socket.on("message", (data) => {
        const text = data.toString()
        seen.events += 1
        if (text.startsWith('{"kind":"replay_gap"')) {
          seen.gaps += 1
          return
        }
        const seq = /"seq":(\d+)\}$/.exec(text)?.[1]
        if (seq === undefined) return
        seen.durable += 1
        if (last !== undefined) seen.holes += Math.max(0, Number(seq) - last - 1)
        last = Number(seq)
      })
      socket.on("error", () => socket.terminate())
      socket.on("open", () => {
        if (!reads) socket.pause()
        resume(Effect.succeed({ close: () => socket.terminate(), seen: () => ({ ...seen }) }))
      })
    }),
    (reader) => Effect.sync(reader.close)
  )

const p99 = (samples: ReadonlyArray<Journey>) =>
  percentile(
    samples.map(({ text }) => text),
    99
  )

export const consumers: Scenario = staged(
  { name: "consumers", figures, onlyInFull: true },
  ({ context, stage, subject: { who } }) =>
    Effect.gen(function* () {
      const samples = context.quick ? 50 : 150
      yield* stage.addRecorders(["bystander"])
      yield* stage.addAgents(
        Array.from({ length: writers }, (_, n) => `writer${n}`),
        "stream"
      )
      yield* warmUp(stage, "bystander", 3_000)
      const quiet = p99(yield* journeys(stage, "bystander", samples))
      const memory = () => usageOf(stage.broker.pid).rssMegabytes
      const before = memory()
      const all = yield* Effect.replicateEffect(connect(stage, true), readers)
      yield* connect(stage, false)
      let highest = before
      yield* Effect.sync(() => {
        highest = Math.max(highest, memory())
      }).pipe(Effect.delay("250 millis"), Effect.forever, Effect.forkScoped)
      const from = performance.now()
      const loaded = p99(yield* journeys(stage, "bystander", samples))
      const seconds = (performance.now() - from) / 1_000
      yield* Effect.sleep("1 second")
      const counts = all.map((reader) => reader.seen())
      const sum = (of: (count: (typeof counts)[number]) => number) =>
        counts.reduce((total, each) => total + of(each), 0)
      context.note(
        `Consumers, ${who}: ${readers} readers had ${sum(({ events }) => events)} events, ${sum(({ durable }) => durable)} of them numbered; ` +
          `${sum(({ holes }) => holes)} numbers are missing, ${sum(({ gaps }) => gaps)} gap notices.`
      )
      return [
        measured("consumers-quiet", who, quiet, samples),
        measured("consumers-text", who, loaded, samples),
        isSupported
          ? measured("consumers-memory", who, highest - before)
          : missing("consumers-memory", who, unsupported),
        measured("consumers-rate", who, sum(({ events }) => events) / seconds)
      ]
    })
)
