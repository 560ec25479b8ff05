/** A paste from its last byte to the evidence: what is done when, as a function of what is seen. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Holds } from "../../src/harness/Composer.ts"
import * as Submission from "../../src/injection/Submission.ts"

const known: Submission.SubmissionRules = {
  guard: { showMillis: 10_000, gapMillis: 100 },
  evidenceMillis: 5_000,
  readable: true
}
const unknown: Submission.SubmissionRules = {
  guard: { showMillis: 30, gapMillis: 0 },
  evidenceMillis: 500,
  readable: false
}
const nothing: Submission.Observation = {
  nowMillis: 0,
  composer: undefined,
  touched: false,
  busy: false,
  dialog: false,
  pause: undefined,
  echoed: false,
  answered: false
}

type Seen = Partial<Submission.Observation>

/** Plays observations, presses Enter when told to, and tells what was decided at each. */
const play = (rules: Submission.SubmissionRules, seen: ReadonlyArray<Seen>, wasBusy = false) => {
  let state = Submission.written(0, wasBusy)
  return seen.map((each) => {
    const observation = { ...nothing, ...each }
    const [next, step] = Submission.next(rules, state, observation)
    state = step._tag === "Enter" ? Submission.entered(next, observation.nowMillis) : next
    return step._tag === "Wait" ? (step.reason ?? step.untilMillis) : step._tag === "Done" ? step.evidence : "Enter"
  })
}

const at = (nowMillis: number, composer: Holds | undefined, more: Seen = {}): Seen => ({ nowMillis, composer, ...more })

describe("a composer that can be read", () => {
  it("shows the text, the guard passes, Enter, it empties: the sign of a turn may still come", () =>
    assert.deepStrictEqual(
      play(known, [
        at(0, "empty"),
        at(5, "ours"),
        at(104, "ours"),
        at(105, "ours"),
        at(110, "empty"),
        at(360, "empty")
      ]),
      [10_000, 105, 105, "Enter", 360, "composer_emptied"]
    ))

  it("a turn that started is better evidence", () => {
    assert.strictEqual(
      play(known, [at(5, "ours"), at(105, "ours"), at(110, "empty", { busy: true })]).at(-1),
      "turn_started"
    )
    const queued = [at(5, "ours"), at(105, "ours"), at(110, "empty", { busy: true }), at(360, "empty", { busy: true })]
    assert.strictEqual(play(known, queued, true).at(-1), "composer_emptied", "the turn ran before")
  })

  it("Enter is repeated at most three times, and only while it holds exactly our text", () => {
    const stuck = Array.from({ length: 100 }, (_, index) => at(5 + index * 500, "ours"))
    assert.lengthOf(
      play(known, stuck).filter((step) => step === "Enter"),
      1 + Submission.repeats
    )
    for (const composer of ["more", "other", "hidden", "empty"] as const) {
      const other = Array.from({ length: 100 }, (_, index) => at(200 + index * 100, composer))
      assert.notInclude(play(known, [at(5, "ours"), at(105, "ours"), ...other]).slice(2), "Enter", composer)
    }
  })

  it("a text that stands there is known not to be submitted: that is said, and waited for a minute", () => {
    const steps = play(known, [at(5, "ours"), ...[105, 1_000, 3_000, 6_000, 9_000, 60_104].map((t) => at(t, "ours"))])
    assert.deepStrictEqual(steps.slice(-2), ["composer_not_empty", "composer_not_empty"])
    assert.strictEqual(play(known, [at(5, "ours"), at(105, "ours"), at(60_105, "ours")]).at(-1), "unconfirmed")
  })

  it("no Enter at a dialog or in a person's pause; it goes on after that", () => {
    const pause = { untilMillis: 2_000, reason: "human_typing" } as const
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "hidden", { dialog: true }),
        at(200, "ours", { pause }),
        at(2_000, "ours", { pause })
      ]),
      [105, "asking", "human_typing", "Enter"]
    )
  })

  it("what a person mixes in is never sent; that he sends or removes it counts", () =>
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "more", { touched: true }),
        at(9_000, "more", { touched: true }),
        at(9_100, "empty"),
        at(9_350, "empty")
      ]),
      [105, "composer_not_empty", "composer_not_empty", 9_350, "composer_emptied"]
    ))

  it("where nobody typed, what stands beside our text is the program's own", () =>
    assert.deepStrictEqual(play(known, [at(5, "more"), at(105, "more")]), [105, "Enter"]))

  it("a picture that is drawn in pieces empties nothing", () =>
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "ours"),
        at(110, "empty"),
        at(120, "ours"),
        at(130, "empty"),
        at(379, "empty"),
        at(380, "empty")
      ]),
      [105, "Enter", 360, 805, 380, 380, "composer_emptied"]
    ))

  it("never shown: Enter after the longest wait, and the window", () =>
    assert.deepStrictEqual(
      play(known, [
        at(0, "other"),
        at(9_999, "other"),
        at(10_000, "other"),
        at(10_100, "other"),
        at(15_000, "hidden"),
        at(15_100, "hidden")
      ]),
      [10_000, 10_000, 10_100, "Enter", 15_100, "unconfirmed"]
    ))
})

describe("a program of which nothing is known", () => {
  it("echo and an answer to Enter, or the window", () => {
    assert.deepStrictEqual(
      play(unknown, [
        at(0, undefined),
        at(1, undefined, { echoed: true }),
        at(2, undefined, { echoed: true, answered: true })
      ]),
      [30, "Enter", "echo"]
    )
    assert.deepStrictEqual(
      play(unknown, [at(30, undefined), at(40, undefined, { echoed: true }), at(530, undefined, { echoed: true })]),
      ["Enter", 530, "echo"]
    )
    assert.deepStrictEqual(play(unknown, [at(30, undefined), at(529, undefined), at(530, undefined)]), [
      "Enter",
      530,
      "unconfirmed"
    ])
  })
})

describe("properties", () => {
  const observation = FastCheck.record({
    millis: FastCheck.nat(20_000),
    composer: FastCheck.constantFrom<Holds>("hidden", "empty", "ours", "more", "other"),
    touched: FastCheck.boolean(),
    busy: FastCheck.boolean(),
    dialog: FastCheck.boolean(),
    human: FastCheck.nat(3_000),
    echoed: FastCheck.boolean(),
    answered: FastCheck.boolean(),
    readable: FastCheck.constant(true)
  })
  const runs = FastCheck.record({
    readable: FastCheck.boolean(),
    seen: FastCheck.array(observation, { maxLength: 80 })
  })

  it("Enters: at most four, none at a dialog or in a pause, repeated only over exactly our text; waits lie ahead", () =>
    FastCheck.assert(
      FastCheck.property(runs, ({ readable, seen }) => {
        const rules = readable ? known : unknown
        let state = Submission.written(0, false)
        let nowMillis = 0
        for (const { human, millis, ...each } of seen) {
          nowMillis += millis
          const pause = human === 0 ? undefined : ({ untilMillis: nowMillis + human, reason: "human_typing" } as const)
          const composer = readable ? each.composer : undefined
          const [next, step] = Submission.next(rules, state, { ...each, composer, nowMillis, pause })
          if (step._tag === "Enter") {
            assert.isFalse(each.dialog || pause !== undefined)
            if (state.enters > 0) assert.strictEqual(composer, "ours")
            state = Submission.entered(next, nowMillis)
            assert.isAtMost(state.enters, 1 + Submission.repeats)
          } else if (step._tag === "Wait") {
            if (step.untilMillis !== undefined) assert.isAbove(step.untilMillis, nowMillis)
            state = next
          } else return
        }
      }),
      { numRuns: 3_000 }
    ))

  it("it ends: with nothing in the way, within its waits", () =>
    FastCheck.assert(
      FastCheck.property(runs, ({ readable, seen }) => {
        const rules = readable ? known : unknown
        let state = Submission.written(0, false)
        let nowMillis = 0
        const last = seen.at(-1)?.composer ?? "hidden"
        for (let index = 0; index < seen.length + 200; index++) {
          const each = seen[index]
          nowMillis += each?.millis ?? 1_000
          const composer = readable ? (each?.composer ?? last) : undefined
          const [next, step] = Submission.next(rules, state, { ...nothing, touched: true, composer, nowMillis })
          if (step._tag === "Done") return
          state = step._tag === "Enter" ? Submission.entered(next, nowMillis) : next
        }
        // Somebody's draft stands over our text, or instead of it: only he can end that.
        assert.isTrue(state.enters === 0 && (last === "more" || last === "other"))
      })
    ))
})
