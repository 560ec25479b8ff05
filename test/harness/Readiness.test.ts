import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Readiness from "../../src/harness/Readiness.ts"
import { generic, isPrompt } from "../../src/harness/terminal/generic.ts"

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
    assert.deepStrictEqual(play([[100, "$ make\r\nbuilding"]], 5_000), readyAt(600, "quiet")))
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
      readyAt(620, "quiet")
    ))
})

describe("without a prompt", () => {
  it("500 ms of quiet after output", () => assert.deepStrictEqual(play([[50, "hi\r\n"]], 5_000), readyAt(550, "quiet")))
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
      readyAt(1_300, "quiet")
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
  it("endless noise is typed to after 25 s and called unrecognised", () => {
    const noise = Array.from({ length: 300 }, (_, i) => [i * 100, "."] as const)
    assert.deepStrictEqual(play(noise, 30_000), { _tag: "Unrecognised", atMillis: 25_000 })
  })
})

it("properties: decided by the deadline, final afterwards, never asked to look into the past", () => {
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
        if (at >= rule.deadlineMillis) assert.notStrictEqual(state._tag, "Starting")
      }
    })
  )
})
