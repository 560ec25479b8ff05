/** A hundred thousand messages for one program that never reads: what they cost in memory, and how long a bystander waits behind them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { nowMillis } from "../Clock.ts"
import { type Figure, measured, missing } from "../Figures.ts"
import { journeys } from "../Messages.ts"
import { isSupported, unsupported, usageOf } from "../ProcessTree.ts"
import { type Scenario, staged } from "../Scenario.ts"

const figures: ReadonlyArray<Figure> = [
  { id: "flood-memory", title: "100,000 for one that never reads: memory above rest, highest", unit: "MB" },
  { id: "flood-wait", title: "… sent at once: until a bystander's next one is acked", unit: "ms" }
]

const count = 100_000
const batch = 500
const patience = "30 seconds"

export const flood: Scenario = staged({ name: "flood", figures, onlyInFull: true }, ({ context, stage, subject }) =>
  Effect.gen(function* () {
    yield* stage.addRecorders(["bystander"])
    yield* stage.addAgents(["stalled"], "stalled")
    yield* journeys(stage, "bystander", 10)
    const memory = () => usageOf(stage.broker.pid).rssMegabytes
    const before = memory()
    let highest = before
    yield* Effect.sync(() => {
      highest = Math.max(highest, memory())
    }).pipe(Effect.repeat(Schedule.spaced("200 millis")), Effect.forkScoped)

    const from = nowMillis()
    for (let sent = 0; sent < count; sent += batch) {
      yield* Effect.replicateEffect(stage.send("stalled"), batch, { discard: true })
      yield* Effect.sleep(0)
    }
    const last = yield* stage.send("bystander")
    const acked = yield* Effect.timeoutOption(stage.acked(last), patience)
    context.note(
      `Flood, ${subject.who}: ${stage.engine.cursor("stalled")} of ${count} were acked for the program that read none.`
    )
    return [
      isSupported
        ? measured("flood-memory", subject.who, highest - before)
        : missing("flood-memory", subject.who, unsupported),
      Option.isSome(acked)
        ? measured("flood-wait", subject.who, acked.value - from)
        : missing("flood-wait", subject.who, `not acked within ${patience} of the flood`)
    ]
  })
)
