/**
 * The life of one paste after its text was written: it shows, the guard passes, Enter, evidence. A pure state machine: the
 * caller observes the terminal, and does what it says.
 *
 * Invariants: 1. only Enter is ever repeated, at most three times, and only while the composer holds exactly our text ·
 * 2. no Enter while a dialog stands, or within a person's pause · 3. a text that somebody typed into is his: it is waited for,
 * with the terminal given back, until it is ours alone or gone · 4. every submission ends by its window, save that one
 * whose text stands in the composer is waited for longer, because it is known not to be submitted.
 */
import type { Evidence, WaitingReason } from "../domain/Receipt.ts"
import type { Holds } from "../harness/Composer.ts"
import type { EnterGuard } from "../harness/TerminalRules.ts"

export interface SubmissionRules {
  readonly guard: EnterGuard
  readonly evidenceMillis: number
  /** Its composer can be read. */
  readonly readable: boolean
}

export interface Observation {
  readonly nowMillis: number
  /** Undefined: nothing is known of the composer. */
  readonly composer: Holds | undefined
  /** Keys of others were written since the text was: what else the composer shows may be theirs. */
  readonly touched: boolean
  readonly busy: boolean
  readonly dialog: boolean
  /** A person typed, or the terminal was resized: nothing before this time. */
  readonly pause: { readonly untilMillis: number; readonly reason: WaitingReason } | undefined
  /** The ids of all messages came back as output since the text was written. */
  readonly echoed: boolean
  /** There was output after the last Enter. */
  readonly answered: boolean
}

export interface Submission {
  readonly writtenAtMillis: number
  /** A turn was running when the text was written. */
  readonly wasBusy: boolean
  readonly shownAtMillis: number | undefined
  readonly enters: number
  readonly firstEnterAtMillis: number | undefined
  readonly lastEnterAtMillis: number | undefined
  readonly emptiedAtMillis: number | undefined
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
/** How long the sign of a turn may come after the composer emptied, to be the evidence instead. */
const turnMillis = 250
/** A text that stands in the composer after its window is waited for so long in all. */
export const stuckMillis = 60_000

export const written = (nowMillis: number, wasBusy: boolean): Submission => ({
  writtenAtMillis: nowMillis,
  wasBusy,
  shownAtMillis: undefined,
  enters: 0,
  firstEnterAtMillis: undefined,
  lastEnterAtMillis: undefined,
  emptiedAtMillis: undefined
})

/** What follows from what is seen now; the state to keep, and what to do. */
export const next = (rules: SubmissionRules, state: Submission, seen: Observation): readonly [Submission, Step] => {
  if (seen.composer === "ours" || seen.composer === "more") {
    state = { ...state, shownAtMillis: state.shownAtMillis ?? seen.nowMillis, emptiedAtMillis: undefined }
  }
  return state.enters === 0 ? beforeEnter(rules, state, seen) : afterEnter(rules, state, seen)
}

/** An Enter was written. */
export const entered = (state: Submission, nowMillis: number): Submission => ({
  ...state,
  enters: state.enters + 1,
  firstEnterAtMillis: state.firstEnterAtMillis ?? nowMillis,
  lastEnterAtMillis: nowMillis
})

const wait = (untilMillis: number | undefined, reason?: WaitingReason): Step => ({
  _tag: "Wait",
  untilMillis,
  release: reason !== undefined,
  reason
})
const done = (evidence: Evidence): Step => ({ _tag: "Done", evidence })

const inTheWay = ({ dialog, nowMillis, pause }: Observation): Step | undefined => {
  if (dialog) return wait(undefined, "asking")
  return pause !== undefined && nowMillis < pause.untilMillis ? wait(pause.untilMillis, pause.reason) : undefined
}

const beforeEnter = (rules: SubmissionRules, state: Submission, seen: Observation): readonly [Submission, Step] => {
  const { composer, nowMillis } = seen
  const patience = state.writtenAtMillis + rules.guard.showMillis
  if (!rules.readable) {
    const shownAtMillis =
      state.shownAtMillis ?? (seen.echoed ? nowMillis : nowMillis >= patience ? patience : undefined)
    return pressOrWait(rules, { ...state, shownAtMillis }, seen, patience)
  }
  if (state.shownAtMillis === undefined) {
    if (nowMillis < patience) return [state, inTheWay(seen) ?? wait(patience)]
    // Never recognised: after the longest wait the text is taken to be there, behind something that looks different today.
    return [state, pressOrWait(rules, { ...state, shownAtMillis: patience }, seen, patience)[1]]
  }
  // Where nobody else typed, what stands beside our text is the program's own.
  if (composer === "ours" || (composer === "more" && !seen.touched)) return pressOrWait(rules, state, seen, patience)
  const blocked = inTheWay(seen)
  if (blocked !== undefined) return [state, blocked]
  if (seen.touched && (composer === "more" || composer === "other")) {
    return [state, wait(undefined, "composer_not_empty")]
  }
  // A person sent it, or took it away.
  if (composer === "empty") return emptied(state, seen)
  return nowMillis >= patience ? pressOrWait(rules, state, seen, patience) : [state, wait(patience)]
}

const pressOrWait = (
  rules: SubmissionRules,
  state: Submission,
  seen: Observation,
  patience: number
): readonly [Submission, Step] => {
  if (state.shownAtMillis === undefined) return [state, wait(patience)]
  const due = state.shownAtMillis + rules.guard.gapMillis
  return [state, inTheWay(seen) ?? (seen.nowMillis < due ? wait(due) : { _tag: "Enter" })]
}

const emptied = (state: Submission, seen: Observation): readonly [Submission, Step] => {
  if (seen.busy && !state.wasBusy) return [state, done("turn_started")]
  const emptiedAtMillis = state.emptiedAtMillis ?? seen.nowMillis
  const settled = emptiedAtMillis + turnMillis
  return [{ ...state, emptiedAtMillis }, seen.nowMillis >= settled ? done("composer_emptied") : wait(settled)]
}

const afterEnter = (rules: SubmissionRules, state: Submission, seen: Observation): readonly [Submission, Step] => {
  const { composer, nowMillis } = seen
  const first = state.firstEnterAtMillis ?? nowMillis
  const window = first + rules.evidenceMillis
  if (!rules.readable) {
    // The echo of a text comes before its Enter was read: what follows shows that the program went on.
    if (seen.echoed && seen.answered) return [state, done("echo")]
    return [state, nowMillis < window ? wait(window) : done(seen.echoed ? "echo" : "unconfirmed")]
  }
  if (composer === "ours" || composer === "more") {
    const stuck = first + stuckMillis
    if (nowMillis >= stuck) return [state, done("unconfirmed")]
    const blocked = inTheWay(seen)
    if (blocked !== undefined) return [state, blocked]
    if (composer === "more" || state.enters > repeats) return [state, wait(stuck, "composer_not_empty")]
    const due = (state.lastEnterAtMillis ?? first) + repeatMillis * state.enters
    return [state, nowMillis >= due ? { _tag: "Enter" } : wait(due)]
  }
  if (seen.busy && !state.wasBusy) return [state, done("turn_started")]
  // Somebody else's text stands there now, so ours is gone.
  if (composer === "empty" || (composer === "other" && state.shownAtMillis !== undefined)) return emptied(state, seen)
  if (nowMillis < window) return [state, wait(window)]
  return [state, done(seen.echoed ? "echo" : "unconfirmed")]
}
