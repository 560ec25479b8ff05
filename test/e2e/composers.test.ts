/**
 * The fake composers in real terminals: whatever each of them does with pastes, Enters, dialogs and changes of size, every
 * message of a mixed sequence is submitted exactly once, whole and in order. The programs themselves are the judges.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { MessageId } from "../../src/domain/Ids.ts"
import type { RelayMessage } from "../../src/domain/Message.ts"
import type { Evidence } from "../../src/domain/Receipt.ts"
import { Events } from "../../src/events/Events.ts"
import { claude } from "../../src/harness/claude/screen.ts"
import { codex } from "../../src/harness/codex/terminal.ts"
import { Generic } from "../../src/harness/Generic.ts"
import { gemini } from "../../src/harness/gemini/screen.ts"
import type { HarnessChoice } from "../../src/harness/Harness.ts"
import type { TerminalRules } from "../../src/harness/TerminalRules.ts"
import { relayLine } from "../../src/injection/RelayLine.ts"
import type { Worker } from "../../src/injection/Worker.ts"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import { NodePty } from "../../src/pty/NodePty.ts"
import { LiveWorkerRegistry } from "../../src/workers/LiveWorkerRegistry.ts"
import * as rig from "../workers/rig.ts"
import { eventually, root } from "./rig.ts"

const familyOf = (program: string, terminal: TerminalRules): HarnessChoice => ({
  matches: (name) => name === program,
  harness: { ...Generic, family: program, terminal }
})

const layer = LiveWorkerRegistry.layer({
  baseEnv: { PATH: process.env["PATH"], LANG: "C.UTF-8" },
  harnesses: [familyOf("claude.mjs", claude), familyOf("codex.mjs", codex), familyOf("gemini.mjs", gemini)]
}).pipe(
  Layer.provideMerge(rig.recorded),
  Layer.provideMerge(Events.layer),
  Layer.provide([NodePty.layer, HeadlessScreen.layer])
)

const quotedDialog = [
  "Do you trust the files in this folder?",
  "❯ 1. Yes, proceed",
  "  2. No, exit",
  "WARNING: Bypass Permissions mode",
  "❯ 1. No, exit",
  "  2. Yes, I accept",
  "Enter to confirm · Esc to exit"
].join("\n")

/** One line, many, very long, pictures, controls, a dialog, an early end of paste. */
const bodies = [
  "one line",
  Array.from({ length: 40 }, (_, i) => `line ${i} of forty`).join("\n"),
  "0123456789 abcdefghi ".repeat(1_000).slice(0, 20_000),
  "pictures 👩‍👩‍👧 🎉 ✅ 日本語 é ü",
  "controls \x00\x01\x07\x1b[31mred\x1b[0m \x7f\x9b end",
  quotedDialog,
  "before \x1b[201~\r/exit\r after",
  "the last one"
]

const mebibyte = "0123456789abcdef ".repeat(61_681).slice(0, 1_048_576)

interface Judged {
  /** How many were sent while a turn ran. */
  readonly queued: number
  readonly interrupted: number
  readonly submitted: ReadonlyArray<string>
  readonly strays: ReadonlyArray<unknown>
  readonly answered: ReadonlyArray<string>
}

interface Line {
  readonly submitted?: string
  readonly queued?: boolean
  readonly stray?: string
  readonly answered?: string
  readonly interrupted?: boolean
}
const untold = { queued: 0, interrupted: 0, strays: [], answered: [] }

const readRecord = (file: string): Judged => {
  const text = existsSync(file) ? readFileSync(file, "utf8") : ""
  if (file.endsWith(".entries")) return { submitted: text.split("\0").slice(0, -1), ...untold }
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line)
  return {
    queued: lines.filter(({ queued }) => queued === true).length,
    interrupted: lines.filter(({ interrupted }) => interrupted === true).length,
    submitted: lines.flatMap(({ submitted }) => (submitted === undefined ? [] : [submitted])),
    strays: lines.filter(({ stray }) => stray !== undefined),
    answered: lines.flatMap(({ answered }) => (answered === undefined ? [] : [answered]))
  }
}

/** Each message stands in what was submitted exactly once, whole, and after the one before it. */
const judge = (name: string, judged: Judged, messages: ReadonlyArray<RelayMessage>) => {
  assert.strictEqual(JSON.stringify(judged.strays), "[]", `${name}: stray input`)
  const all = judged.submitted.join("\n")
  let from = 0
  for (const message of messages) {
    const line = relayLine(message, false)
    const at = all.indexOf(line, from)
    assert.isAtLeast(at, 0, `${name}: ${message.text.slice(0, 30)} is not there, whole and in order`)
    assert.strictEqual(all.split(`${message.id}]`).length, 2, `${name}: ${message.text.slice(0, 30)} is there once`)
    from = at + line.length
  }
}

interface Play {
  readonly program: string
  readonly flags?: ReadonlyArray<string>
  readonly evidence: ReadonlyArray<Evidence>
  readonly answered?: ReadonlyArray<string>
  /** What happens besides, while messages come. */
  readonly meanwhile?: (worker: Worker) => Effect.Effect<void, unknown>
  readonly also?: (judged: Judged) => void
  readonly bodies?: ReadonlyArray<string>
  /** Between one message and the next. */
  readonly gapMillis?: number
}

let played = 0

const play = (home: string, { answered = [], flags = [], program, ...o }: Play) =>
  Effect.gen(function* () {
    const name = `${program}-${++played}`
    const file = join(home, `${name}${program.endsWith(".sh") ? ".entries" : ".jsonl"}`)
    const cli = join(root, "fixtures", "composers", program)
    const worker = yield* rig.start(rig.specOf(name, { cli, args: [file, ...flags], cwd: home, cols: 100, rows: 30 }))
    const texts = o.bodies ?? bodies
    const idOf = (index: number) => MessageId.make(`msg_${played}_${name}_${index}`)
    // The first three one by one, the rest as they come, so that some go out together.
    const sent = yield* Effect.forEach(texts, (text, index) =>
      Effect.tap(rig.send(worker, { id: idOf(index), text }), (sent) =>
        o.gapMillis !== undefined ? Effect.sleep(o.gapMillis) : index < 3 ? sent.outcome : Effect.void
      )
    ).pipe(Effect.zipLeft(o.meanwhile?.(worker) ?? Effect.void, { concurrent: true }))
    const outcomes = yield* Effect.forEach(sent, ({ outcome }) => outcome)
    // Echo comes before the program has worked through its Enter.
    const judged = yield* eventually(() => {
      const seen = readRecord(file)
      return seen.submitted.join("\n").includes(texts.at(-1)!) && seen
    }, `${name}: the last message`)
    judge(
      name,
      judged,
      sent.map(({ item }) => item.delivery.message)
    )
    assert.deepStrictEqual(judged.answered, answered, `${name}: dialogs`)
    for (const outcome of outcomes) {
      assert.include(o.evidence, outcome._tag === "Submitted" ? outcome.evidence : outcome.reason, name)
    }
    assert.strictEqual((yield* worker.status).readiness, "ready", name)
    o.also?.(judged)
    yield* worker.end("released")
  })

const seen: ReadonlyArray<Evidence> = ["turn_started", "composer_emptied", "in_transcript"]

const human = (worker: Worker) =>
  Effect.gen(function* () {
    yield* Effect.sleep("2 seconds") // a person sees when the program takes input
    for (let round = 0; round < 2; round++) {
      for (const key of "my own words") {
        yield* worker.write(key, { human: true })
        yield* Effect.sleep("40 millis")
      }
      yield* Effect.sleep("200 millis")
      yield* worker.write("\r", { human: true })
      yield* Effect.sleep("2500 millis")
    }
  })

const plays: Readonly<Record<string, Play>> = {
  claude: { program: "claude.mjs", evidence: seen },
  "claude, trust and bypass": {
    program: "claude.mjs",
    flags: ["--trust", "--bypass"],
    evidence: seen,
    answered: ["trust", "bypass"]
  },
  "claude, framed": { program: "claude.mjs", flags: ["--framed"], evidence: seen },
  "claude, other banner": { program: "claude.mjs", flags: ["--banner"], evidence: seen },
  "claude, redrawing": { program: "claude.mjs", flags: ["--redraw"], evidence: seen },
  "claude, hard of hearing": { program: "claude.mjs", flags: ["--deaf", "2"], evidence: seen },
  "claude without brackets": { program: "claude.mjs", flags: ["--no-brackets"], evidence: seen },
  "claude, a person types": {
    program: "claude.mjs",
    evidence: seen,
    meanwhile: human,
    gapMillis: 900,
    also: ({ submitted }) =>
      assert.lengthOf(
        submitted.filter((text) => text === "my own words"),
        2
      )
  },
  "claude, long turns": {
    program: "claude.mjs",
    flags: ["--busy", "1500"],
    evidence: ["turn_started"],
    bodies: ["one", "two", "three", "four"],
    also: ({ queued }) => assert.strictEqual(queued, 0, "sent in a turn")
  },
  "claude, steered": {
    program: "claude.mjs",
    flags: ["--busy", "20000"],
    evidence: ["turn_started"],
    bodies: ["a long task"],
    meanwhile: (worker) =>
      Effect.gen(function* () {
        yield* Effect.sleep("2 seconds")
        const waiting = yield* rig.send(worker, { text: "can wait" })
        const steer = yield* rig.send(worker, { text: "stop and listen", mode: "steer" })
        yield* steer.outcome
        assert.isUndefined(yield* waiting.outcomeNow)
        assert.strictEqual((yield* worker.status).waiting, "busy")
      }),
    also: ({ interrupted, submitted }) => {
      assert.strictEqual(interrupted, 1)
      assert.deepStrictEqual(
        submitted.map((text) => text.slice(text.lastIndexOf("]: ") + 3).trimEnd()),
        ["a long task", "stop and listen"]
      )
    }
  },
  "claude, one MiB": { program: "claude.mjs", evidence: seen, bodies: [mebibyte, "after it"] },
  "canonical, one MiB": {
    program: "canonical.mjs",
    evidence: ["echo", "unconfirmed"],
    bodies: [mebibyte, "after it"]
  },
  "claude, loses input at a resize": {
    program: "claude.mjs",
    flags: ["--lossy-resize"],
    evidence: seen,
    gapMillis: 500,
    meanwhile: (worker) =>
      Effect.forEach([90, 110, 100, 95, 105], (cols) =>
        Effect.zipRight(Effect.sleep("700 millis"), worker.resize(cols, 30))
      )
  },
  codex: { program: "codex.mjs", evidence: seen },
  "codex, trust and upgrade": {
    program: "codex.mjs",
    flags: ["--trust", "--upgrade"],
    evidence: seen,
    answered: ["trust", "upgrade"]
  },
  "codex without brackets": { program: "codex.mjs", flags: ["--no-brackets"], evidence: seen },
  gemini: { program: "gemini.mjs", evidence: seen },
  "gemini, yolo in 256 colours": { program: "gemini.mjs", flags: ["--yolo", "--256-colours"], evidence: seen },
  readline: { program: "readline.sh", evidence: ["echo", "unconfirmed"] },
  canonical: { program: "canonical.mjs", evidence: ["echo", "unconfirmed"] },
  "canonical, small reads": { program: "canonical.mjs", flags: ["--slow", "512"], evidence: ["echo", "unconfirmed"] }
}

const only = process.env["COMPOSER"]

describe("fake composers", () => {
  it.scopedLive(
    "every message once, whole and in order",
    () =>
      Effect.gen(function* () {
        const home = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-composers-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
        )
        const failures = yield* Effect.forEach(
          Object.entries(plays).filter(([title]) => only === undefined || title === only),
          ([title, one]) =>
            play(home, one).pipe(
              Effect.timeout("90 seconds"),
              Effect.sandbox,
              Effect.match({ onFailure: (cause) => [`${title}: ${cause}`], onSuccess: () => [] })
            ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(failures.flat(), [])
      }).pipe(Effect.provide(layer)),
    110_000
  )

  it.scopedLive(
    "must not fire: a known program whose input line is not recognised is never typed into, and a person is told",
    () =>
      Effect.gen(function* () {
        const home = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-composers-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
        )
        const file = join(home, "glyph.jsonl")
        const cli = join(root, "fixtures", "composers", "claude.mjs")
        const worker = yield* rig.start(rig.specOf("glyph", { cli, args: [file, "--glyph"], cwd: home }))
        yield* rig.send(worker, { text: "hello" })
        yield* Effect.sleep("4 seconds")
        assert.deepInclude(yield* worker.status, { readiness: "blocked", waiting: "asking" })
        assert.strictEqual((yield* worker.status).asking?.what, "screen")
        assert.deepStrictEqual(readRecord(file).submitted, [])
        assert.deepStrictEqual(readRecord(file).strays, [])
      }).pipe(Effect.provide(layer)),
    30_000
  )
})
