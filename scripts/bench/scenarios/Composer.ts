/**
 * A composer with the traps of Claude Code (fixtures/composers/claude.mjs): from the moment it shows the text to the Enter.
 * The harness's guard is part of that time, as the program would swallow an earlier Enter.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { claude } from "../../../src/harness/claude/screen.ts"
import { type Figure, measured } from "../Figures.ts"
import { type Scenario, staged } from "../Scenario.ts"
import { StageFailed } from "../Stage.ts"
import { percentile } from "../Statistics.ts"

/** The messages of a stage are shorter. */
const guardMillis = claude.enterGuard(1_024).gapMillis

const figures: ReadonlyArray<Figure> = [
  { id: "composer-enter-p50", title: "composer shows the text → Enter, p50", unit: "ms" },
  {
    id: "composer-enter-p99",
    title: `… p99 (guard ${guardMillis} ms, and 20)`,
    unit: "ms",
    budget: guardMillis + 20
  },
  { id: "composer-lost", title: "… Enters the composer swallowed, per message", unit: "×", budget: 0 }
]

const Line = Schema.parseJson(
  Schema.Struct({
    monotonicMillis: Schema.optional(Schema.Number),
    shown: Schema.optional(Schema.String),
    enter: Schema.optional(Schema.String),
    submitted: Schema.optional(Schema.String)
  })
)

interface Turn {
  /** The last thing shown before the first Enter → that Enter, milliseconds. */
  readonly waited: number
  readonly enters: number
}

/** One turn per text that was submitted. */
const turnsOf = (lines: ReadonlyArray<typeof Line.Type>): ReadonlyArray<Turn> => {
  const turns: Array<Turn> = []
  let shown = Number.NaN
  let waited: number | undefined
  let enters = 0
  for (const line of lines) {
    if (line.shown !== undefined) shown = line.monotonicMillis ?? Number.NaN
    if (line.enter !== undefined) {
      enters += 1
      waited ??= (line.monotonicMillis ?? Number.NaN) - shown
    }
    if (line.submitted === undefined || waited === undefined) continue
    turns.push({ waited, enters })
    waited = undefined
    enters = 0
  }
  return turns
}

const readRecord = (file: string) =>
  Effect.suspend(() =>
    Effect.forEach(existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [], (line) =>
      Schema.decode(Line)(line).pipe(Effect.mapError(({ message }) => new StageFailed({ reason: message })))
    )
  )

export const composer: Scenario = staged({ name: "composer", figures }, ({ context, stage, subject: { who } }) =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(context.place, "composer-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const record = join(directory, "record.jsonl")
    const program = join(context.root, "fixtures", "composers", "claude.mjs")
    const path = join(directory, "claude")
    // What a broker adds to the command line of this family is nothing to the fake.
    writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}" "${record}" --timed --busy 30\n`, {
      mode: 0o755
    })
    yield* stage.addProgram("claude", path)
    // Who types before the composer takes input loses the message (9.1.6 does): not what is measured here.
    yield* Effect.sleep("1 second")

    const count = context.quick ? 10 : 40
    /** Submitted and its turn over before the next one comes. */
    const one = (before: number) =>
      Effect.gen(function* () {
        yield* stage.send("claude")
        yield* Effect.map(readRecord(record), turnsOf).pipe(
          Effect.zipLeft(Effect.sleep("15 millis")),
          Effect.repeat({ until: (turns) => turns.length > before })
        )
        yield* Effect.sleep("80 millis")
      }).pipe(
        Effect.timeoutFail({
          duration: "15 seconds",
          onTimeout: () => new StageFailed({ reason: `message ${before + 1} was not submitted` })
        })
      )
    const warmUp = 10
    for (let n = 0; n < warmUp + count; n++) yield* one(n)

    const turns = turnsOf(yield* readRecord(record)).slice(warmUp)
    const waits = turns.map(({ waited }) => waited)
    const lost = turns.reduce((sum, { enters }) => sum + enters - 1, 0)
    return [
      measured("composer-enter-p50", who, percentile(waits, 50), turns.length),
      measured("composer-enter-p99", who, percentile(waits, 99), turns.length),
      measured("composer-lost", who, lost / turns.length, turns.length)
    ]
  })
)
