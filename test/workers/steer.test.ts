/** A steer to a program that takes it into its running turn by itself, on a fake terminal that draws as Claude Code does. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as TestClock from "effect/TestClock"
import type { Signal } from "../../src/harness/Channel.ts"
import { claude } from "../../src/harness/claude/screen.ts"
import { Generic } from "../../src/harness/Generic.ts"
import { commandLinesOnly, type Launcher } from "../../src/harness/Launcher.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import * as rig from "./rig.ts"

const rule = "─".repeat(60)
const draw = (text: string, ...above: ReadonlyArray<string>) => {
  const rows = text.split("\n").map((row, index) => `${index === 0 ? "❯" : " "} ${row}`)
  return `\x1b[?2004h\x1b[H\x1b[2J${[...above, rule, ...rows, rule, "  ? for shortcuts"].join("\r\n")}`
}
const working = "✻ Thinking… (1s · ↓ 4 tokens)"

/** In a turn: it shows what is pasted, takes it away at Enter, and is interrupted by ESC. */
const inTurn = (process: FakeProcess) => {
  let text = ""
  const react = (data: string) => {
    if (data === "\x1b") return process.emit(draw(text, "  ⎿  Interrupted"))
    text = data === "\r" ? "" : data.replace(/\x1b\[20[01]~/g, "")
    return process.emit(draw(text, working))
  }
  return Effect.zipRight(process.onWrite(react), process.emit(draw("")))
}

const makeLayer = () => {
  const program = { tell: (_: Signal): void => {} }
  const launcher: Launcher = {
    ...commandLinesOnly,
    launch: ({ environment, line: commandLine, resumed, spec }) => {
      const attach = (_: unknown, tell: (signal: Signal) => void) =>
        Effect.sync(() => {
          program.tell = tell
          return { name: "hooks" as const }
        })
      const channel = { name: "hooks" as const, opened: Either.right({ launch: {}, attach }) }
      return Effect.succeed({ commandLine, environment, spec, resumed, channel })
    }
  }
  const harness = { ...Generic, family: "claude", terminal: claude }
  return { program, layer: rig.fakeLayer({ launcher, harnesses: [{ matches: () => true, harness }] }) }
}

/** Ready, then in a turn. */
const started = Effect.gen(function* () {
  const { process, worker } = yield* rig.startFake(rig.specOf("a", { cli: "claude" }), inTurn)
  yield* TestClock.adjust("1 seconds")
  yield* process.emit(draw("", working))
  yield* rig.settle
  return { process, worker }
})

const pastes = ({ writes }: FakeProcess) => writes.filter((data) => data.includes("hello"))

describe("a steer during a turn", () => {
  const live = makeLayer()
  it.scoped("breaks nothing off while the program's own channel is live, and is not doubted while it is queued", () =>
    Effect.gen(function* () {
      const { process, worker } = yield* started
      live.program.tell({ _tag: "State", state: { _tag: "Busy" } })
      const sent = yield* rig.send(worker, { text: "hello", mode: "steer" })
      yield* rig.settle
      yield* TestClock.adjust("1 seconds")
      const [paste = ""] = pastes(process)
      assert.deepStrictEqual(process.writes, [paste, "\r"])
      const which = { text: paste.replace(/\x1b\[20[01]~/g, "").trim() }
      live.program.tell({ _tag: "Queued", which })
      yield* TestClock.adjust("10 minutes")
      assert.isUndefined(yield* sent.outcomeNow)
      assert.notStrictEqual((yield* worker.status).waiting, "unproven")
      live.program.tell({ _tag: "Taken", which, proof: "taken_with_text" })
      rig.assertSubmitted(yield* sent.outcome, "taken_with_text")
      assert.lengthOf(pastes(process), 1)
    }).pipe(Effect.provide(live.layer))
  )

  const back = makeLayer()
  it.scoped("that a person took back into the composer is entered again, not typed again", () =>
    Effect.gen(function* () {
      const { process, worker } = yield* started
      back.program.tell({ _tag: "State", state: { _tag: "Busy" } })
      const sent = yield* rig.send(worker, { text: "hello", mode: "steer" })
      yield* rig.settle
      yield* TestClock.adjust("1 seconds")
      const [paste = ""] = pastes(process)
      const text = paste.replace(/\x1b\[20[01]~/g, "").trim()
      back.program.tell({ _tag: "Queued", which: { text } })
      yield* TestClock.adjust("30 seconds")
      back.program.tell({ _tag: "Returned", which: { text } })
      yield* process.emit(draw(text, working))
      yield* rig.settle
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(process.writes, [paste, "\r", "\r"])
      back.program.tell({ _tag: "Taken", which: { text }, proof: "taken_with_text" })
      rig.assertSubmitted(yield* sent.outcome, "taken_with_text")
    }).pipe(Effect.provide(back.layer))
  )

  const silent = makeLayer()
  it.scoped("breaks the turn off where nothing but the screen says what becomes of it", () =>
    Effect.gen(function* () {
      const { process, worker } = yield* started
      yield* rig.send(worker, { text: "hello", mode: "steer" })
      yield* rig.settle
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(process.writes[0], "\x1b")
      assert.lengthOf(pastes(process), 1)
    }).pipe(Effect.provide(silent.layer))
  )
})
