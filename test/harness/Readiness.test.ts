import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Readiness from "../../src/harness/Readiness.ts"
import { generic, isPrompt } from "../../src/harness/terminal/generic.ts"
import { screenOf } from "./screens.ts"

const rule = generic.readiness

/** Plays output at given times, looking exactly when asked to; the state at `until`. */
const play = (outputs: ReadonlyArray<readonly [at: number, text: string]>, until: number) => {
  let state = Readiness.starting(0)
  const look = (at: number) => {
    for (let next = Readiness.nextLookMillis(rule, state); next !== undefined && next <= at; ) {
      state = Readiness.onTime(rule, state, next)
      next = Readiness.nextLookMillis(rule, state)
    }
  }
  for (const [at, text] of outputs) {
    look(at)
    state = Readiness.onTime(rule, Readiness.onOutput(state, text, at), at)
  }
  look(until)
  return state
}

const readyAt = (atMillis: number, reason: Readiness.ReadinessReason): Readiness.ReadinessState => ({
  _tag: "Ready",
  atMillis,
  reason
})

describe("a prompt", () => {
  const prompts = [
    "$ ",
    "user@host:~$ ",
    "> ",
    ">>> ",
    "# ",
    "% ",
    "❯",
    "❯ ",
    "❯\u00a0",
    "›",
    "Name:",
    "password: ",
    "sqlite> "
  ]
  it.each(prompts)("%j is one", (line) => assert.isTrue(isPrompt(line)))
  it.each(["", "hello", "50%", "<b>", "done.", "$HOME is set", "x > y"])("%j is none", (line) =>
    assert.isFalse(isPrompt(line))
  )
  it("a bare `> ` at the end of the output is seen", () =>
    assert.deepStrictEqual(play([[100, "welcome\r\n> "]], 1_000), readyAt(130, "prompt")))
  it("counts only on the last line", () =>
    assert.deepStrictEqual(play([[100, "$ make\r\nbuilding"]], 5_000), readyAt(2_100, "silent")))
  it("that is rewritten in place counts as it stands", () =>
    assert.strictEqual(Readiness.lastLine("a\r\nloading\r$ "), "$ "))
  it("must stand: a chunk that ends in the middle of a line is none", () =>
    assert.deepStrictEqual(
      play(
        [
          [100, "checking: "],
          [110, "ok, next"],
          [120, " step\r\n"]
        ],
        5_000
      ),
      readyAt(2_120, "silent")
    ))
})

describe("without a prompt", () => {
  it("2 s of silence after output", () =>
    assert.deepStrictEqual(play([[50, "hi\r\n"]], 5_000), readyAt(2_050, "silent")))
  it("output keeps it waiting", () =>
    assert.deepStrictEqual(
      play(
        [
          [0, "."],
          [400, "."],
          [800, "."]
        ],
        5_000
      ),
      readyAt(2_800, "silent")
    ))
  it("2 s of silence from the start", () => assert.deepStrictEqual(play([], 5_000), readyAt(2_000, "silent")))
  it("the marker at once, also in pieces", () =>
    assert.deepStrictEqual(
      play(
        [
          [10, "x->pty:"],
          [20, "ready\r\n"]
        ],
        20
      ),
      readyAt(20, "marker")
    ))
  it("must not fire: endless noise is no invitation", () => {
    const noise = Array.from({ length: 300 }, (_, i) => [i * 100, "."] as const)
    assert.strictEqual(play(noise, 30_000)._tag, "Starting")
  })
})

describe("what the terminal says", () => {
  const taken = { takenOver: true, reading: false }
  const first = (state: Readiness.ReadinessState) => {
    const look = Readiness.nextLookMillis(rule, state)
    return look === undefined ? state : Readiness.onTime(rule, state, look)
  }
  it("blocked reading: at once", () =>
    assert.deepStrictEqual(
      Readiness.onTerminal(Readiness.starting(0), { takenOver: false, reading: true }, 15),
      readyAt(15, "reading")
    ))
  it("taken over: when its first picture stands, or after half a second without one", () => {
    assert.deepStrictEqual(first(Readiness.onTerminal(Readiness.starting(0), taken, 15)), readyAt(515, "taken_over"))
    const drawn = Readiness.onOutput(Readiness.onTerminal(Readiness.starting(0), taken, 15), "hello", 400)
    assert.deepStrictEqual(first(drawn), readyAt(550, "taken_over"))
  })
  it("must not fire: nothing is due while it asks, whatever its terminal says", () => {
    const asking = Readiness.onAsking(Readiness.onTerminal(Readiness.starting(0), taken, 15), true)
    assert.isUndefined(Readiness.nextLookMillis(rule, asking))
    assert.strictEqual(Readiness.onTime(rule, asking, 1e9)._tag, "Starting")
  })
  it("must not fire: a known program is made ready by its screen only", () => {
    const known = { ...rule, isReady: () => false, silentMillis: undefined }
    const state = Readiness.onScreen(known, Readiness.starting(0), screenOf([]), 10)
    assert.isUndefined(Readiness.nextLookMillis(known, state))
    assert.strictEqual(Readiness.onTime(known, state, 1e9)._tag, "Starting")
  })
})

it("properties: final afterwards, never asked to look into the past", () => {
  const output = FastCheck.tuple(
    FastCheck.integer({ min: 0, max: 400 }),
    FastCheck.constantFrom("", "x", "$ ", "a\n", ":", "\r")
  )
  FastCheck.assert(
    FastCheck.property(FastCheck.array(output, { maxLength: 200 }), (steps) => {
      let at = 0
      let state = Readiness.starting(0)
      for (const [wait, text] of steps) {
        at += wait
        const before = state
        state = Readiness.onTime(rule, Readiness.onOutput(state, text, at), at)
        if (before._tag !== "Starting") assert.strictEqual(state, before)
        const next = Readiness.nextLookMillis(rule, state)
        assert.strictEqual(next === undefined, state._tag !== "Starting")
        if (next !== undefined) assert.isAtLeast(next, at)
      }
    })
  )
})
