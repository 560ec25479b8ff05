/**
 * The life of one paste after its text was written: it shows, the guard passes, Enter, proof. A pure state machine: the
 * caller observes the terminal, and does what it says.
 *
 * Invariants: 1. only Enter is ever repeated, at most three times, and only while the composer holds exactly our text ·
 * 2. no Enter while the program asks something or within a person's pause · 3. of a known program: no Enter before its
 * composer showed the text, and no end without proof; what is not proven in its time is *unproven*, waits on, and goes on
 * when the composer shows the text again · 4. a text that somebody typed into is his: it is waited for, with the
 * terminal given back, until it is ours alone or gone · 5. a program of no known family comes to its end by its window.
 */
import type { Evidence, WaitingReason } from "../domain/Receipt.ts"
import type { Holds } from "../harness/Composer.ts"
import type { EnterGuard } from "../harness/TerminalRules.ts"

export interface SubmissionRules {
  readonly guard: EnterGuard
  readonly evidenceMillis: number
  /** Of a known family: its composer can be read. */
  readonly known: boolean
}

export interface Observation {
  readonly nowMillis: number
  /** Undefined: nothing is known of the composer. */
  readonly composer: Holds | undefined
  /** Keys of others were written since the text was: what else the composer shows may be theirs. */
  readonly touched: boolean
  readonly busy: boolean
  readonly asking: boolean
  /** A person typed, or the terminal was resized: nothing before this time. */
  readonly pause: { readonly untilMillis: number; readonly reason: WaitingReason } | undefined
  /** What the screen shows counts as proof: no channel of the program's own does. */
  readonly screenCounts: boolean
  /** The program said that it has the text in its queue: it takes it by itself, however long that lasts. */
  readonly queued: boolean
  /** All messages stand on the screen outside of the composer. */
  readonly inTranscript: boolean
  /** The program, not the kernel, printed the ids of all messages since the text was written. */
  readonly echoed: boolean
  /** There was output after the last Enter. */
  readonly answered: boolean
  /** The end of our text stands before the cursor. */
  readonly stands: boolean
}

export interface Submission {
  readonly writtenAtMillis: number
  /** A turn has been running since before the text was written. */
  readonly wasBusy: boolean
  readonly shownAtMillis: number | undefined
  readonly enters: number
  readonly firstEnterAtMillis: number | undefined
  readonly lastEnterAtMillis: number | undefined
  readonly emptiedAtMillis: number | undefined
  /** When something last stood in the way: that time is nobody's. */
  readonly obstacleAtMillis: number
  /** Why it counts as not proven; undefined: its time is not over. */
  readonly unproven: string | undefined
}

export type Step =
  /** Look again when something changed, or at `untilMillis`. `release`: others may use the terminal meanwhile. */
  | {
      readonly _tag: "Wait"
      readonly untilMillis: number | undefined
      readonly release: boolean
      readonly reason: WaitingReason | undefined
    }
  | { readonly _tag: "Enter" }
  | { readonly _tag: "Done"; readonly evidence: Evidence }

export const repeats = 3
/** Between one Enter and the next; grows with their number. */
const repeatMillis = 700
/** A composer that is empty for so long is empty: programs draw in steps. */
const settledMillis = 250

export const written = (nowMillis: number, wasBusy: boolean): Submission => ({
  writtenAtMillis: nowMillis,
  wasBusy,
  shownAtMillis: undefined,
  enters: 0,
  firstEnterAtMillis: undefined,
  lastEnterAtMillis: undefined,
  emptiedAtMillis: undefined,
  obstacleAtMillis: nowMillis,
  unproven: undefined
})

/** What follows from what is seen now; the state to keep, and what to do. */
export const next = (rules: SubmissionRules, before: Submission, seen: Observation): readonly [Submission, Step] => {
  let state = before
  if (seen.composer === "ours" || seen.composer === "more") {
    state = { ...state, shownAtMillis: state.shownAtMillis ?? seen.nowMillis, emptiedAtMillis: undefined }
  }
  if (!seen.busy && state.wasBusy) state = { ...state, wasBusy: false }
  if (inTheWay(seen) !== undefined) state = { ...state, obstacleAtMillis: seen.nowMillis }
  if (!rules.known)
    return state.enters === 0 ? unknownBeforeEnter(rules, state, seen) : unknownAfterEnter(rules, state, seen)
  return state.enters === 0 ? beforeEnter(rules, state, seen) : afterEnter(rules, state, seen)
}

/** An Enter was written. */
export const entered = (state: Submission, nowMillis: number): Submission => ({
  ...state,
  enters: state.enters + 1,
  firstEnterAtMillis: state.firstEnterAtMillis ?? nowMillis,
  lastEnterAtMillis: nowMillis,
  unproven: undefined
})

const wait = (untilMillis: number | undefined, reason?: WaitingReason): Step => ({
  _tag: "Wait",
  untilMillis,
  release: reason !== undefined,
  reason
})
const done = (evidence: Evidence): Step => ({ _tag: "Done", evidence })

const inTheWay = ({ asking, nowMillis, pause }: Observation): Step | undefined => {
  if (asking) return wait(undefined, "asking")
  return pause !== undefined && nowMillis < pause.untilMillis ? wait(pause.untilMillis, pause.reason) : undefined
}

/** Waits until `due`; from then on it is unproven, and waits for whatever comes. */
const orUnproven = (state: Submission, seen: Observation, due: number, why: string): readonly [Submission, Step] => {
  const blocked = inTheWay(seen)
  if (blocked !== undefined) return [state, blocked]
  if (seen.nowMillis < due) return [state, wait(due)]
  return [{ ...state, unproven: state.unproven ?? why }, wait(undefined, "unproven")]
}

const since = (state: Submission, millis: number | undefined) => Math.max(millis ?? 0, state.obstacleAtMillis)

const beforeEnter = (rules: SubmissionRules, state: Submission, seen: Observation): readonly [Submission, Step] => {
  const { composer, nowMillis } = seen
  // Where nobody else typed, what stands beside our text is the program's own.
  if (composer === "ours" || (composer === "more" && !seen.touched)) {
    const due = (state.shownAtMillis ?? nowMillis) + rules.guard.gapMillis
    const shown = { ...state, unproven: undefined }
    return [shown, inTheWay(seen) ?? (nowMillis < due ? wait(due) : { _tag: "Enter" })]
  }
  if (state.shownAtMillis === undefined) {
    const due = since(state, state.writtenAtMillis) + rules.guard.showMillis
    return orUnproven(state, seen, due, "its text does not show in the input line")
  }
  if (seen.touched && (composer === "more" || composer === "other")) {
    return [state, inTheWay(seen) ?? wait(undefined, "composer_not_empty")]
  }
  // A person sent it, or took it away.
  const proof = composer === "empty" ? screenProof(state, seen) : undefined
  if (proof !== undefined) return proof
  const gone = composer === "empty" ? { ...state, emptiedAtMillis: state.emptiedAtMillis ?? nowMillis } : state
  const due = since(gone, gone.emptiedAtMillis ?? gone.shownAtMillis) + rules.evidenceMillis
  return orUnproven(gone, seen, due, "its text left the input line before it was entered")
}

/** Its text stood in the composer, which is empty now: what else the screen shows of it. */
const screenProof = (state: Submission, seen: Observation): readonly [Submission, Step] | undefined => {
  if (!seen.screenCounts || state.shownAtMillis === undefined) return undefined
  if (seen.busy && !state.wasBusy) return [state, done("turn_started")]
  if (!seen.busy && !seen.inTranscript) return undefined
  const emptiedAtMillis = state.emptiedAtMillis ?? seen.nowMillis
  const settled = emptiedAtMillis + settledMillis
  const emptied = { ...state, emptiedAtMillis }
  if (seen.nowMillis < settled) return [emptied, wait(settled)]
  return [emptied, done(seen.busy ? "composer_emptied" : "in_transcript")]
}

const afterEnter = (rules: SubmissionRules, state: Submission, seen: Observation): readonly [Submission, Step] => {
  const { composer, nowMillis } = seen
  const last = state.lastEnterAtMillis ?? nowMillis
  if (composer === "ours" || composer === "more") {
    const blocked = inTheWay(seen)
    if (blocked !== undefined) return [state, blocked]
    const due = last + repeatMillis * state.enters
    if (composer === "ours" && state.enters <= repeats) {
      return [{ ...state, unproven: undefined }, nowMillis >= due ? { _tag: "Enter" } : wait(due)]
    }
    if (composer === "more" && seen.touched) return [state, wait(undefined, "composer_not_empty")]
    const end = since(state, last) + rules.evidenceMillis
    return orUnproven(state, seen, end, "its text stands in the input line, and Enter does not send it")
  }
  const proof = composer === "empty" ? screenProof(state, seen) : undefined
  if (proof !== undefined) return proof
  if (seen.queued) return [{ ...state, unproven: undefined, obstacleAtMillis: nowMillis }, wait(undefined, "busy")]
  const due = since(state, last) + rules.evidenceMillis
  return orUnproven(state, seen, due, "the program did not say that it took it")
}

const unknownBeforeEnter = (
  rules: SubmissionRules,
  state: Submission,
  seen: Observation
): readonly [Submission, Step] => {
  const patience = state.writtenAtMillis + rules.guard.showMillis
  const shownAtMillis =
    state.shownAtMillis ??
    (seen.echoed || seen.stands ? seen.nowMillis : seen.nowMillis >= patience ? patience : undefined)
  if (shownAtMillis === undefined) return [state, inTheWay(seen) ?? wait(patience)]
  const shown = { ...state, shownAtMillis }
  const due = Math.max(shownAtMillis, state.writtenAtMillis) + rules.guard.gapMillis
  return [shown, inTheWay(seen) ?? (seen.nowMillis < due ? wait(due) : { _tag: "Enter" })]
}

const unknownAfterEnter = (
  rules: SubmissionRules,
  state: Submission,
  seen: Observation
): readonly [Submission, Step] => {
  const { nowMillis } = seen
  const last = state.lastEnterAtMillis ?? nowMillis
  if (seen.stands && state.enters <= repeats) {
    const blocked = inTheWay(seen)
    if (blocked !== undefined) return [state, blocked]
    const due = last + repeatMillis * state.enters
    return [state, nowMillis >= due ? { _tag: "Enter" } : wait(due)]
  }
  // The echo of a text comes before its Enter was read: what follows shows that the program went on.
  if (seen.echoed && seen.answered) return [state, done("echo")]
  const window = last + rules.evidenceMillis
  return [state, nowMillis < window ? wait(window) : done(seen.echoed ? "echo" : "unconfirmed")]
}
