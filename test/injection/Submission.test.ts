/** A paste from its last byte to its proof: what is done when, as a function of what is seen. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Holds } from "../../src/harness/Composer.ts"
import * as Submission from "../../src/injection/Submission.ts"

const known: Submission.SubmissionRules = {
  guard: { showMillis: 10_000, gapMillis: 100 },
  evidenceMillis: 5_000,
  known: true
}
const unknown: Submission.SubmissionRules = {
  guard: { showMillis: 30, gapMillis: 0 },
  evidenceMillis: 500,
  known: false
}
const nothing: Submission.Observation = {
  nowMillis: 0,
  composer: undefined,
  touched: false,
  busy: false,
  asking: false,
  pause: undefined,
  echoed: false,
  answered: false,
  screenCounts: true,
  queued: false,
  inTranscript: false,
  stands: false
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
  it("shows the text, the guard passes, Enter, it empties and a turn runs", () =>
    assert.deepStrictEqual(
      play(known, [at(0, "empty"), at(5, "ours"), at(104, "ours"), at(105, "ours"), at(110, "empty", { busy: true })]),
      [10_000, 105, 105, "Enter", "turn_started"]
    ))

  it("a turn that ran before is none of ours: the composer must stay empty for a moment", () => {
    const busy = { busy: true }
    const queued = [at(5, "ours", busy), at(105, "ours", busy), at(110, "empty", busy), at(360, "empty", busy)]
    assert.deepStrictEqual(play(known, queued, true), [105, "Enter", 360, "composer_emptied"])
  })

  it("no turn was seen, but the text stands in the conversation", () => {
    const told = { inTranscript: true }
    assert.deepStrictEqual(
      play(known, [at(5, "ours"), at(105, "ours"), at(110, "empty", told), at(360, "empty", told)]),
      [105, "Enter", 360, "in_transcript"]
    )
  })

  it("must not fire: an empty composer alone is no proof, however long it is empty", () => {
    const steps = play(known, [at(5, "ours"), at(105, "ours"), at(110, "empty"), at(5_105, "empty"), at(1e9, "empty")])
    assert.deepStrictEqual(steps.slice(2), [5_105, "unproven", "unproven"])
  })

  it("must not fire: a turn that runs is no proof of a text that was never seen", () => {
    const steps = play(known, [at(5, "empty", { busy: true }), at(10_000, "empty", { busy: true })])
    assert.deepStrictEqual(steps, [10_000, "unproven"])
  })

  it("must not fire: what the screen shows is no proof where the program's own channel is live", () => {
    const live = { screenCounts: false, busy: true, inTranscript: true }
    const steps = play(known, [at(5, "ours"), at(105, "ours"), at(110, "empty", live), at(5_105, "empty", live)])
    assert.deepStrictEqual(steps.slice(2), [5_105, "unproven"])
  })

  it("what waits in the program's own queue is not doubted, and is entered again when it stands in the composer", () => {
    const queued = { screenCounts: false, busy: true, queued: true }
    const before = [at(5, "ours"), at(105, "ours"), at(110, "empty", queued), at(600_000, "empty", queued)]
    assert.deepStrictEqual(play(known, before).slice(2), ["busy", "busy"])
    const back = { screenCounts: false }
    assert.deepStrictEqual(play(known, [...before, at(600_100, "ours", back)]).at(-1), "Enter")
    const gone = [at(600_100, "empty", back), at(605_000, "empty", back)]
    assert.deepStrictEqual(play(known, [...before, ...gone]).slice(4), [605_000, "unproven"])
  })

  it("must not fire: something else in the composer is no sign that ours was taken", () => {
    const steps = play(known, [at(5, "ours"), at(105, "ours"), at(110, "other", { busy: true }), at(9_000, "other")])
    assert.deepStrictEqual(steps.slice(2), [5_105, "unproven"])
  })

  it("a late proof counts, and so does a text that shows again", () => {
    const late = play(known, [at(5, "ours"), at(105, "ours"), at(5_105, "empty"), at(60_000, "empty", { busy: true })])
    assert.deepStrictEqual(late.slice(2), ["unproven", "turn_started"])
    const again = play(known, [at(5, "ours"), at(105, "ours"), at(5_105, "empty"), at(60_000, "ours")])
    assert.deepStrictEqual(again.slice(2), ["unproven", "Enter"])
  })

  it("Enter is repeated at most three times, and only while it holds exactly our text", () => {
    const stuck = Array.from({ length: 100 }, (_, index) => at(5 + index * 500, "ours"))
    const steps = play(known, stuck)
    assert.lengthOf(
      steps.filter((step) => step === "Enter"),
      1 + Submission.repeats
    )
    assert.strictEqual(steps.at(-1), "unproven")
    for (const composer of ["more", "other", "hidden", "empty"] as const) {
      const other = Array.from({ length: 100 }, (_, index) => at(200 + index * 100, composer))
      assert.notInclude(play(known, [at(5, "ours"), at(105, "ours"), ...other]).slice(2), "Enter", composer)
    }
  })

  it("no Enter while it asks or in a person's pause; it goes on after that", () => {
    const pause = { untilMillis: 2_000, reason: "human_typing" } as const
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "hidden", { asking: true }),
        at(200, "ours", { pause }),
        at(2_000, "ours", { pause })
      ]),
      [105, "asking", "human_typing", "Enter"]
    )
  })

  it("the time in which it asks is nobody's: a question of the turn makes nothing unproven", () => {
    const asks = { asking: true }
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "ours"),
        at(9_000, "hidden", asks),
        at(90_000, "hidden", asks),
        at(90_100, "empty", { busy: true })
      ]),
      [105, "Enter", "asking", "asking", "turn_started"]
    )
  })

  it("what a person mixes in is never sent; that he sends it counts when a turn runs", () =>
    assert.deepStrictEqual(
      play(known, [
        at(5, "ours"),
        at(105, "more", { touched: true }),
        at(9_000, "more", { touched: true }),
        at(9_100, "empty", { busy: true })
      ]),
      [105, "composer_not_empty", "composer_not_empty", "turn_started"]
    ))

  it("what a person takes away is not had", () =>
    assert.deepStrictEqual(
      play(known, [at(5, "ours"), at(105, "more", { touched: true }), at(9_100, "empty"), at(14_100, "empty")]),
      [105, "composer_not_empty", 14_100, "unproven"]
    ))

  it("where nobody typed, what stands beside our text is the program's own", () =>
    assert.deepStrictEqual(play(known, [at(5, "more"), at(105, "more")]), [105, "Enter"]))

  it("never shown: no Enter, ever, until it shows", () => {
    const steps = play(known, [
      at(0, "other"),
      at(9_999, "empty"),
      at(10_000, "other"),
      at(15_000, "hidden"),
      at(1e9, "empty"),
      at(1e9 + 5, "ours"),
      at(1e9 + 105, "ours")
    ])
    assert.deepStrictEqual(steps, [10_000, 10_000, "unproven", "unproven", "unproven", 1e9 + 105, "Enter"])
  })
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
  it("Enter again while the text visibly stands before the cursor, three times at most", () => {
    const stands = Array.from({ length: 100 }, (_, index) => at(30 + index * 500, undefined, { stands: true }))
    const steps = play(unknown, stands)
    assert.lengthOf(
      steps.filter((step) => step === "Enter"),
      1 + Submission.repeats
    )
    assert.strictEqual(steps.at(-1), "unconfirmed")
  })
})

describe("properties", () => {
  const observation = FastCheck.record({
    millis: FastCheck.nat(20_000),
    composer: FastCheck.constantFrom<Holds>("hidden", "empty", "ours", "more", "other"),
    touched: FastCheck.boolean(),
    busy: FastCheck.boolean(),
    asking: FastCheck.boolean(),
    human: FastCheck.nat(3_000),
    echoed: FastCheck.boolean(),
    answered: FastCheck.boolean(),
    screenCounts: FastCheck.boolean(),
    queued: FastCheck.boolean(),
    inTranscript: FastCheck.boolean(),
    stands: FastCheck.boolean()
  })
  const runs = FastCheck.record({
    isKnown: FastCheck.boolean(),
    seen: FastCheck.array(observation, { maxLength: 80 })
  })

  it("Enters: at most four, none while it asks or in a pause, of a known program only over our text; waits lie ahead", () =>
    FastCheck.assert(
      FastCheck.property(runs, ({ isKnown, seen }) => {
        const rules = isKnown ? known : unknown
        let state = Submission.written(0, false)
        let nowMillis = 0
        for (const { human, millis, ...each } of seen) {
          nowMillis += millis
          const pause = human === 0 ? undefined : ({ untilMillis: nowMillis + human, reason: "human_typing" } as const)
          const composer = isKnown ? each.composer : undefined
          const [next, step] = Submission.next(rules, state, { ...each, composer, nowMillis, pause })
          if (step._tag === "Enter") {
            assert.isFalse(each.asking || pause !== undefined)
            if (isKnown)
              assert.isTrue(composer === "ours" || (composer === "more" && !each.touched && state.enters === 0))
            if (state.enters > 0 && !isKnown) assert.isTrue(each.stands)
            state = Submission.entered(next, nowMillis)
            assert.isAtMost(state.enters, 1 + Submission.repeats)
          } else if (step._tag === "Wait") {
            if (step.untilMillis !== undefined) assert.isAbove(step.untilMillis, nowMillis)
            state = next
          } else {
            if (isKnown) {
              // Seen in the composer before, gone from it now, and the screen counts.
              assert.isDefined(next.shownAtMillis)
              assert.strictEqual(composer, "empty")
              assert.isTrue(each.screenCounts && (each.busy || each.inTranscript))
              assert.notInclude(["echo", "unconfirmed"], step.evidence)
            }
            return
          }
        }
      }),
      { numRuns: 3_000 }
    ))

  it("a program of no known family comes to its end within its waits", () =>
    FastCheck.assert(
      FastCheck.property(runs, ({ seen }) => {
        let state = Submission.written(0, false)
        let nowMillis = 0
        for (let index = 0; index < seen.length + 200; index++) {
          nowMillis += seen[index]?.millis ?? 1_000
          const [next, step] = Submission.next(unknown, state, { ...nothing, nowMillis })
          if (step._tag === "Done") return
          state = step._tag === "Enter" ? Submission.entered(next, nowMillis) : next
        }
        assert.fail("it did not end")
      })
    ))
})
