/** Readiness, dialogs and gates of a program whose screen can be read, on a fake terminal and by the test clock. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { claude } from "../../src/harness/claude/screen.ts"
import { Generic } from "../../src/harness/Generic.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import * as rig from "../workers/rig.ts"

const layer = rig.fakeLayer({
  harnesses: [{ matches: (name) => name === "claude", harness: { ...Generic, family: "claude", terminal: claude } }]
})
const test = (title: string, body: Effect.Effect<void, unknown, rig.Services>) =>
  it.effect(title, () => Effect.provide(body, layer))

const marks: Readonly<Record<string, string>> = { "«": "\x1b[2m", "»": "\x1b[22m", "⟪": "\x1b[7m", "⟫": "\x1b[27m" }
const draw = (rows: ReadonlyArray<string>) =>
  `\x1b[H\x1b[2J${rows.join("\r\n").replace(/[«»⟪⟫]/g, (mark) => marks[mark] ?? mark)}`
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, "..", "..", "fixtures", "screens", "claude", `${name}.txt`), "utf8").split(
    "\n"
  )
const show = (process: FakeProcess, name: string) => Effect.zipRight(process.emit(draw(fixture(name))), rig.settle)

const rule = "─".repeat(60)
/** The composer with a text in it, below what was said. */
const box = (text: string, ...above: ReadonlyArray<string>) =>
  draw([...above, rule, ...text.split("\n").map((row, i) => `${i === 0 ? "❯" : " "} ${row}`), rule])

/** What was sent, as it stands above the composer. */
const said = (text: string) =>
  text
    .split("\n")
    .slice(-24)
    .map((row, i) => `${i === 0 ? "❯" : " "} ${row}`)

/** Shows what it is given in its composer, and begins a turn at Enter. */
const composing = (process: FakeProcess) => {
  let text = ""
  return process.onWrite((data) => {
    if (data === "\r") {
      const sent = said(text)
      text = ""
      return process.emit(box("", ...sent, "✻ Thinking… (0s · esc to interrupt)", ""))
    }
    if (data.length > 1) text = data
    // As high as half the screen.
    return process.emit(box(text.split("\n").slice(-24).join("\n")))
  })
}

const start = (name: string) => rig.startFake(rig.specOf("x", { cli: "claude" }), (process) => show(process, name))
const dialogs = (events: ReadonlyArray<{ kind: string }>) =>
  events.flatMap((event) => ("dialog" in event && "state" in event ? [`${event.dialog} ${event.state}`] : []))

describe("dialogs", () => {
  test(
    "must fire: the trust dialog of the start is answered once; nothing is typed before, and that is said",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("trust")
      yield* rig.send(worker)
      yield* rig.settle
      assert.deepStrictEqual(process.writes, ["\r"])
      assert.deepInclude(yield* worker.status, {
        readiness: "blocked",
        waiting: "asking",
        currentState: "blocked_on_send"
      })
      yield* show(process, "idle")
      yield* TestClock.adjust("300 millis")
      assert.deepInclude(yield* worker.status, { readiness: "ready" })
      assert.lengthOf(rig.relayLines(process.writes.join("")), 1)
      assert.deepStrictEqual(dialogs(events), ["trust opened", "trust answered", "trust closed"])
    })
  )

  test(
    "an answer of two keys stops when the dialog goes in between",
    Effect.gen(function* () {
      const { process } = yield* start("bypass")
      assert.deepStrictEqual(process.writes, ["\x1b[B"])
      yield* show(process, "idle")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(process.writes, ["\x1b[B"])
    })
  )

  test(
    "one that is left to people is never timed past, is told, and is over when the composer shows",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("permission")
      yield* rig.send(worker)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(process.writes, [])
      assert.deepInclude(yield* worker.status, { readiness: "blocked", waiting: "asking" })
      assert.strictEqual((yield* worker.status).asking?.what, "permission")
      yield* show(process, "idle")
      yield* TestClock.adjust("1 seconds")
      assert.deepInclude(yield* worker.status, { readiness: "ready", asking: undefined })
      assert.lengthOf(process.writes, 1)
      assert.deepStrictEqual(
        events.flatMap((event) => (event.kind.includes("person") ? [event.kind] : [])),
        ["agent_needs_person", "agent_person_answered"]
      )
    })
  )

  test(
    "must not fire: a screen of a known program without its composer is never typed into, however long it stands",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* process.emit(draw(["  Something new that nobody has rules for", "", "  Press space to go on"]))
      yield* rig.settle
      yield* rig.send(worker)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* worker.status).waiting, "not_ready")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(process.writes, [])
      assert.deepInclude(yield* worker.status, { waiting: "asking" })
      assert.deepInclude(
        events.find((event) => event.kind === "agent_needs_person"),
        { what: "screen", lines: ["  Something new that nobody has rules for", "  Press space to go on"] }
      )
    })
  )

  test(
    "must not fire: a message that quotes every dialog triggers no key, in the composer or above it",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* composing(process)
      const text = ["trust", "bypass", "mcp", "permission"].flatMap(fixture).join("\n")
      const sent = yield* rig.send(worker, { text })
      yield* TestClock.adjust("30 seconds")
      rig.assertSubmitted(yield* sent.outcomeNow, "turn_started")
      assert.deepStrictEqual(process.writes.slice(1), ["\r"])
      assert.deepStrictEqual(dialogs(events), [])
    })
  )

  test(
    "one that opens between a text and its Enter withholds the Enter; a person can answer it",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* rig.send(worker)
      yield* rig.settle
      assert.lengthOf(process.writes, 1)
      yield* show(process, "permission")
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(process.writes, 1)
      assert.strictEqual((yield* worker.status).waiting, "asking")
      yield* worker.write("1", { human: true })
      assert.deepStrictEqual(process.writes.slice(1), ["1"])
      yield* process.emit(box(process.writes[0]!.replace(/\x1b\[20[01]~/g, "")))
      yield* TestClock.adjust("1900 millis")
      assert.lengthOf(process.writes, 2)
      yield* TestClock.adjust("300 millis")
      assert.deepStrictEqual(process.writes.slice(2), ["\r"])
    })
  )
})

describe("keys and the screen they are for", () => {
  test(
    "an answer that waits for others' keys is not typed when the dialog has gone meanwhile; it is when it stands",
    Effect.gen(function* () {
      for (const isGone of [true, false]) {
        const { process, worker } = yield* rig.startFake(rig.specOf(isGone ? "gone" : "stands", { cli: "claude" }))
        yield* process.stopReading
        const before = yield* Effect.fork(worker.write("1"))
        yield* show(process, "trust")
        yield* TestClock.adjust("300 millis")
        if (isGone) yield* show(process, "idle")
        yield* process.readAgain
        yield* Fiber.join(before)
        yield* rig.settle
        assert.deepStrictEqual(process.writes, isGone ? ["1"] : ["1", "\r"])
      }
    })
  )

  for (const isGone of [false, true]) {
    test(
      `the Enter of a command is withheld while a dialog stands, and ${isGone ? "not typed when its line has gone" : "comes after it"}`,
      Effect.gen(function* () {
        const { process, worker } = yield* start("idle")
        yield* TestClock.adjust("300 millis")
        const asked = yield* Effect.fork(worker.setModel("opus"))
        yield* TestClock.adjust("50 millis")
        assert.deepStrictEqual(process.writes, ["/model opus"])
        yield* show(process, "permission")
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(process.writes, ["/model opus"])
        yield* worker.write("1", { human: true })
        yield* process.emit(box(isGone ? "" : "/model opus"))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(asked)
        assert.deepStrictEqual(process.writes, ["/model opus", "1", ...(isGone ? [] : ["\r"])])
      })
    )
  }
})

describe("gates of a screen", () => {
  test(
    "ready when the composer stands; a draft and a turn are waited for",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("draft")
      yield* TestClock.adjust("300 millis")
      yield* rig.send(worker)
      yield* rig.settle
      assert.deepInclude(yield* worker.status, { readiness: "ready", waiting: "composer_not_empty" })
      yield* show(process, "working")
      assert.strictEqual((yield* worker.status).waiting, "busy")
      assert.deepStrictEqual(process.writes, [])
      yield* show(process, "suggestion")
      assert.lengthOf(process.writes, 1)
      assert.deepStrictEqual(
        events.flatMap((event) => (event.kind === "agent_waiting" ? [event.reason] : [])),
        ["composer_not_empty", "busy"]
      )
    })
  )

  test(
    "a turn is waited for, however long it takes",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* show(process, "working")
      yield* rig.send(worker)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(process.writes, [])
      yield* show(process, "idle")
      assert.lengthOf(process.writes, 1)
    })
  )

  test(
    "steer interrupts the turn with one ESC, and is typed when the turn has ended",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* show(process, "working")
      yield* rig.send(worker, { text: "can wait" })
      yield* rig.send(worker, { text: "now", mode: "steer" })
      yield* rig.settle
      assert.deepStrictEqual(process.writes, ["\x1b"])
      yield* show(process, "idle")
      assert.lengthOf(process.writes, 2)
      assert.include(process.writes[1], "]: now")
    })
  )

  test(
    "steer at rest sends no ESC",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* rig.send(worker, { text: "now", mode: "steer" })
      yield* rig.settle
      assert.lengthOf(process.writes, 1)
      assert.include(process.writes[0], "]: now")
    })
  )

  test(
    "an Enter that was absorbed is repeated, the text is not",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      const sent = yield* rig.send(worker)
      yield* rig.settle
      const text = process.writes[0]!.replace(/\x1b\[20[01]~/g, "")
      yield* process.emit(box(text))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(process.writes.slice(1), ["\r", "\r"])
      yield* process.emit(box("", ...said(text)))
      yield* TestClock.adjust("1 seconds")
      rig.assertSubmitted(yield* sent.outcomeNow, "in_transcript")
      assert.lengthOf(process.writes, 3)
    })
  )

  test(
    "must not fire: a composer that is empty again is no proof; the message is unproven, blocks the next, and comes late",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      const sent = yield* rig.send(worker)
      yield* rig.settle
      const text = process.writes[0]!.replace(/\x1b\[20[01]~/g, "")
      yield* process.emit(box(text))
      yield* TestClock.adjust("150 millis")
      yield* process.emit(box(""))
      const after = yield* rig.send(worker, { text: "the next" })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(process.writes.slice(1), ["\r"])
      assert.isUndefined(yield* sent.outcomeNow)
      assert.isUndefined(yield* after.outcomeNow)
      assert.strictEqual((yield* worker.status).waiting, "unproven")
      assert.lengthOf(
        events.filter((event) => event.kind === "delivery_unproven"),
        1
      )
      yield* process.emit(box("", "✻ Thinking… (0s · esc to interrupt)", ""))
      yield* rig.settle
      rig.assertSubmitted(yield* sent.outcomeNow, "turn_started")
    })
  )

  test(
    "a person confirms one, or has it put in again",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      for (const how of ["confirm", "retry"] as const) {
        const sent = yield* rig.send(worker)
        yield* rig.settle
        const id = sent.item.delivery.deliveryId
        assert.isFalse(yield* worker.settle(id, how), "it is not unproven yet")
        const before = process.writes.length
        yield* process.emit(box(process.writes.at(-1)!.replace(/\x1b\[20[01]~/g, "")))
        yield* TestClock.adjust("150 millis")
        yield* process.emit(box(""))
        yield* TestClock.adjust("10 seconds")
        assert.isTrue(yield* worker.settle(id, how))
        yield* rig.settle
        if (how === "confirm") {
          rig.assertSubmitted(yield* sent.outcomeNow, "confirmed")
          assert.lengthOf(process.writes, before + 1)
        } else {
          assert.isUndefined(yield* sent.outcomeNow)
          assert.lengthOf(process.writes, before + 2)
          assert.include(process.writes.at(-1), sent.item.delivery.message.id)
        }
      }
    })
  )

  test(
    "nothing is typed for half a second after a resize",
    Effect.gen(function* () {
      const { process, worker } = yield* start("idle")
      yield* TestClock.adjust("300 millis")
      yield* worker.resize(100, 40)
      yield* rig.send(worker)
      yield* TestClock.adjust("499 millis")
      assert.deepStrictEqual(process.writes, [])
      yield* TestClock.adjust("1 millis")
      assert.lengthOf(process.writes, 1)
    })
  )
})
