/**
 * When a program may be typed to, as a function of what it showed and when (design 7). No clock and no fiber in here: the
 * caller feeds output and time, and asks when to look again.
 *
 * Invariants: 1. `Ready` and `Unrecognised` are final · 2. nothing but output and time leads there, and no text is needed:
 * every rule ends by its deadline · 3. a prompt counts once it has stood still, so that a chunk that ends in the middle of
 * a line is none · 4. `nextLookMillis` is never in the past of the last event, and undefined exactly when final or blocked ·
 * 5. while a dialog stands nothing is due, and that time does not count towards the deadline.
 */
import type { ScreenView } from "../pty/ScreenView.ts"

export interface ReadinessRule {
  /** The last line, as far as it was written (trailing blanks kept), waits for input. */
  readonly isPrompt: (lastLine: string) => boolean
  /** The screen shows that input is taken; with this rule the last line, quiet and silence mean nothing. */
  readonly isReady?: (view: ScreenView) => boolean
  /** How long a prompt must stand. Low: a cut-off line may pass for one; high: every start is slower by it. */
  readonly promptMillis: number
  /** Quiet for this long after the first output is ready; undefined: quiet means nothing. */
  readonly quietMillis: number | undefined
  /** No output for this long after the start is ready; undefined: there must be output. */
  readonly silentMillis: number | undefined
  /** After this long it is typed to all the same, and that is said. */
  readonly deadlineMillis: number
}

export type ReadinessReason = "marker" | "prompt" | "quiet" | "silent"

export type ReadinessState =
  | {
      readonly _tag: "Starting"
      readonly startedAtMillis: number
      /** The unfinished last part of the output; bounded. */
      readonly tail: string
      readonly lastOutputAtMillis: number | undefined
      /** Since when the screen shows that input is taken. */
      readonly shownAtMillis: number | undefined
      /** Since when a dialog stands. */
      readonly blockedAtMillis: number | undefined
    }
  | { readonly _tag: "Ready"; readonly atMillis: number; readonly reason: ReadinessReason }
  | { readonly _tag: "Unrecognised"; readonly atMillis: number }

/** Any program may say that it is ready with this text (S 4.7). */
export const readyMarker = "->pty:ready"

const tailCharacters = 1_000

export const starting = (startedAtMillis: number): ReadinessState => ({
  _tag: "Starting",
  startedAtMillis,
  tail: "",
  lastOutputAtMillis: undefined,
  shownAtMillis: undefined,
  blockedAtMillis: undefined
})

/** `text` is output without escape sequences. An empty one counts as output too: the program has drawn something. */
export const onOutput = (state: ReadinessState, text: string, nowMillis: number): ReadinessState => {
  if (state._tag !== "Starting") return state
  const tail = (state.tail + text).slice(-tailCharacters)
  if (tail.includes(readyMarker)) return { _tag: "Ready", atMillis: nowMillis, reason: "marker" }
  return { ...state, tail, lastOutputAtMillis: nowMillis }
}

/** What the screen shows after an output, for rules that look at it. */
export const onScreen = (
  rule: ReadinessRule,
  state: ReadinessState,
  view: ScreenView,
  nowMillis: number
): ReadinessState => {
  if (state._tag !== "Starting" || rule.isReady === undefined) return state
  const shownAtMillis = rule.isReady(view) ? (state.shownAtMillis ?? nowMillis) : undefined
  return { ...state, shownAtMillis }
}

/** A dialog stands, or none does any more. */
export const onDialog = (state: ReadinessState, stands: boolean, nowMillis: number): ReadinessState => {
  if (state._tag !== "Starting") return state
  if (stands) return { ...state, blockedAtMillis: state.blockedAtMillis ?? nowMillis }
  const { blockedAtMillis, startedAtMillis } = state
  if (blockedAtMillis === undefined) return state
  return { ...state, blockedAtMillis: undefined, startedAtMillis: startedAtMillis + nowMillis - blockedAtMillis }
}

export const onTime = (rule: ReadinessRule, state: ReadinessState, nowMillis: number): ReadinessState => {
  if (state._tag !== "Starting" || state.blockedAtMillis !== undefined) return state
  const ready = (reason: ReadinessReason): ReadinessState => ({ _tag: "Ready", atMillis: nowMillis, reason })
  const due = dates(rule, state)
  if (nowMillis >= due.prompt) return ready("prompt")
  if (nowMillis >= due.quiet) return ready("quiet")
  if (nowMillis >= due.silent) return ready("silent")
  return nowMillis >= due.deadline ? { _tag: "Unrecognised", atMillis: nowMillis } : state
}

/** When `onTime` changes the state if no output comes before. */
export const nextLookMillis = (rule: ReadinessRule, state: ReadinessState): number | undefined => {
  if (state._tag !== "Starting") return undefined
  if (state.blockedAtMillis !== undefined) return undefined
  const due = dates(rule, state)
  return Math.min(due.prompt, due.quiet, due.silent, due.deadline)
}

/** The line the cursor is on: after the last newline, and after a carriage return that something was written over. */
export const lastLine = (tail: string): string => {
  const line = tail.slice(tail.lastIndexOf("\n") + 1)
  return line.split("\r").findLast((part) => part !== "") ?? ""
}

const never = Number.POSITIVE_INFINITY

const dates = (rule: ReadinessRule, state: ReadinessState & { readonly _tag: "Starting" }) => {
  const { lastOutputAtMillis: last, startedAtMillis: start, tail } = state
  const after = (from: number, millis: number | undefined) => (millis === undefined ? never : from + millis)
  if (rule.isReady !== undefined) {
    const deadline = start + rule.deadlineMillis
    return { prompt: after(state.shownAtMillis ?? never, rule.promptMillis), quiet: never, silent: never, deadline }
  }
  return {
    prompt: last !== undefined && rule.isPrompt(lastLine(tail)) ? last + rule.promptMillis : never,
    quiet: last === undefined ? never : after(last, rule.quietMillis),
    silent: last === undefined ? after(start, rule.silentMillis) : never,
    deadline: start + rule.deadlineMillis
  }
}
