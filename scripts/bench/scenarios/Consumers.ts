/**
 * Fifty clients of the event stream and one that never reads, while twenty programs write: what the readers miss, what the
 * broker keeps for the one, and what it costs a bystander's messages.
 */
import { type ChildProcess, fork } from "node:child_process"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type Figure, measured, missing } from "../Figures.ts"
import { type Journey, journeys, warmUp } from "../Messages.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { type Stage, StageFailed } from "../Stage.ts"
import { percentile } from "../Statistics.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "consumers-quiet-p50", title: "20 writing programs, no consumers: frame → text, p50", unit: "ms" },
  { id: "consumers-quiet", title: "… p99", unit: "ms" },
  { id: "consumers-text-p50", title: "… 50 consumers and one that never reads: frame → text, p50", unit: "ms" },
  { id: "consumers-text", title: "… p99", unit: "ms" },
  { id: "consumers-memory", title: "… memory that the consumers cost, highest", unit: "MB" },
  { id: "consumers-rate", title: "… events to all consumers together", unit: "/s" }
]

const readers = 50
const writers = 20

interface Counts {
  readonly events: number
  readonly numbered: number
  /** Numbers that are missing between those that came. */
  readonly missing: number
  readonly gaps: number
  readonly closed: number
}

const message = (child: ChildProcess) =>
  Effect.async<unknown, StageFailed>((resume) => {
    const ended = () => resume(Effect.fail(new StageFailed({ reason: "the event consumers ended" })))
    child.once("exit", ended)
    child.once("message", (value) => {
      child.off("exit", ended)
      resume(Effect.succeed(value))
    })
  })

/** All are open when this returns; ask for what the readers had. */
const connect = (stage: Stage, root: string) =>
  Effect.gen(function* () {
    const { apiKey, url } = stage.broker
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        fork(
          join(root, "fixtures", "programs", "bench-readers.mjs"),
          [`${url.replace("http", "ws")}/ws`, apiKey, String(readers), "1"],
          { stdio: ["ignore", "ignore", "inherit", "ipc"] }
        )
      ),
      (process) => Effect.sync(() => process.kill())
    )
    yield* message(child)
    return Effect.suspend(() => {
      child.send("counts")
      return Effect.map(message(child), (counts) => counts as Counts)
    })
  })

const at = (share: number, samples: ReadonlyArray<Journey>) =>
  percentile(
    samples.map(({ text }) => text),
    share
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
      const quiet = yield* journeys(stage, "bystander", samples)
      const memory = () => usageOf(stage.broker.pid).rssMegabytes
      const before = memory()
      const counts = yield* connect(stage, context.root)
      let highest = before
      yield* Effect.sync(() => {
        highest = Math.max(highest, memory())
      }).pipe(Effect.delay("250 millis"), Effect.forever, Effect.forkScoped)
      const from = performance.now()
      const earlier = yield* counts
      const loaded = yield* journeys(stage, "bystander", samples)
      const later = yield* counts
      const seconds = (performance.now() - from) / 1_000
      // whatever is under way gets there
      yield* Effect.sleep("1 second")
      const { closed, events, gaps, missing: holes, numbered } = yield* counts
      context.note(
        `Consumers, ${who}: ${readers} readers had ${events} events, ${numbered} of them numbered; ` +
          `${holes} numbers are missing, ${gaps} gap notices, ${closed} connections ended.`
      )
      return [
        measured("consumers-quiet-p50", who, at(50, quiet), samples),
        measured("consumers-quiet", who, at(99, quiet), samples),
        measured("consumers-text-p50", who, at(50, loaded), samples),
        measured("consumers-text", who, at(99, loaded), samples),
        isSupported
          ? measured("consumers-memory", who, highest - before)
          : missing("consumers-memory", who, unsupported),
        measured("consumers-rate", who, (later.events - earlier.events) / seconds)
      ]
    })
)
