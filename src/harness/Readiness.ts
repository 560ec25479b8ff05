/**
 * When a program may be typed to for the first time, as a function of what it showed, of its terminal, and when. No clock and no
 * fiber in here: the caller feeds output, what the terminal says and time, and asks when to look again.
 *
 * Invariants: 1. `Ready` is final · 2. a program of a known family is ready when its screen shows that input is taken, and
 * by nothing else: no time makes it so · 3. any other one is ready when it took its terminal over, shows a prompt or is
 * blocked reading; where none of it can be told, after it was silent for a while (`silent`) · 4. a prompt counts once it has
 * stood still, so that a chunk that ends in the middle of a line is none · 5. while it asks something nothing is due.
 */
import type { ScreenView } from "../pty/ScreenView.ts"

export interface ReadinessRule {
  /** The last line, as far as it was written (trailing blanks kept), waits for input. */
  readonly isPrompt: (lastLine: string) => boolean
  /** The screen shows that input is taken; with this rule nothing else means anything. */
  readonly isReady?: (view: ScreenView) => boolean
  /** How long a prompt or such a screen must stand. Low: a cut-off picture may pass for one; high: every start is slower by it. */
  readonly promptMillis: number
  /** No output for this long is ready; undefined: only a prompt is, of a program whose prompt is known. */
  readonly silentMillis: number | undefined
}

export type ReadinessReason = "marker" | "prompt" | "taken_over" | "reading" | "silent"

export type ReadinessState =
  | {
      readonly _tag: "Starting"
      readonly startedAtMillis: number
      /** The unfinished last part of the output; bounded. */
      readonly tail: string
      readonly lastOutputAtMillis: number | undefined
      /** Since when the screen shows that input is taken. */
      readonly shownAtMillis: number | undefined
      /** Since when the program has its terminal for itself. */
      readonly takenAtMillis: number | undefined
      readonly asking: boolean
    }
  | { readonly _tag: "Ready"; readonly atMillis: number; readonly reason: ReadinessReason }

/** Any program may say that it is ready with this text. */
export const readyMarker = "->pty:ready"

const tailCharacters = 1_000
/** A program that took its terminal over draws its first picture within this time of its last output. */
const drawnMillis = 150
/** … and one that draws nothing is waited for so long. */
const nothingDrawnMillis = 500

export const starting = (startedAtMillis: number): ReadinessState => ({
  _tag: "Starting",
  startedAtMillis,
  tail: "",
  lastOutputAtMillis: undefined,
  shownAtMillis: undefined,
  takenAtMillis: undefined,
  asking: false
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
  if (state._tag !== "Starting") return state
  if (rule.isReady === undefined)
    return onTerminal(state, { takenOver: view.modes.bracketedPaste, reading: false }, nowMillis)
  const shownAtMillis = rule.isReady(view) ? (state.shownAtMillis ?? nowMillis) : undefined
  return { ...state, shownAtMillis }
}

/** What its terminal says. `takenOver`: raw mode or brackets; once so, it stays so for its start. */
export const onTerminal = (
  state: ReadinessState,
  terminal: { readonly takenOver: boolean; readonly reading: boolean },
  nowMillis: number
): ReadinessState => {
  if (state._tag !== "Starting") return state
  if (terminal.reading && !state.asking) return { _tag: "Ready", atMillis: nowMillis, reason: "reading" }
  return terminal.takenOver ? { ...state, takenAtMillis: state.takenAtMillis ?? nowMillis } : state
}

/** It asks something, or nothing any more. */
export const onAsking = (state: ReadinessState, asking: boolean): ReadinessState =>
  state._tag === "Starting" ? { ...state, asking } : state

export const onTime = (rule: ReadinessRule, state: ReadinessState, nowMillis: number): ReadinessState => {
  if (state._tag !== "Starting" || state.asking) return state
  const ready = (reason: ReadinessReason): ReadinessState => ({ _tag: "Ready", atMillis: nowMillis, reason })
  const due = dates(rule, state)
  if (nowMillis >= due.prompt) return ready("prompt")
  if (nowMillis >= due.taken) return ready("taken_over")
  return nowMillis >= due.silent ? ready("silent") : state
}

/** When `onTime` changes the state if nothing comes before; undefined: nothing will. */
export const nextLookMillis = (rule: ReadinessRule, state: ReadinessState): number | undefined => {
  if (state._tag !== "Starting" || state.asking) return undefined
  const due = dates(rule, state)
  const next = Math.min(due.prompt, due.taken, due.silent)
  return next === never ? undefined : next
}

/** The line the cursor is on: after the last newline, and after a carriage return that something was written over. */
export const lastLine = (tail: string): string => {
  const line = tail.slice(tail.lastIndexOf("\n") + 1)
  return line.split("\r").findLast((part) => part !== "") ?? ""
}

const never = Number.POSITIVE_INFINITY

const dates = (rule: ReadinessRule, state: ReadinessState & { readonly _tag: "Starting" }) => {
  const { lastOutputAtMillis: last, startedAtMillis: start, tail, takenAtMillis: taken } = state
  if (rule.isReady !== undefined) {
    return { prompt: (state.shownAtMillis ?? never) + rule.promptMillis, taken: never, silent: never }
  }
  const isKnown = rule.silentMillis === undefined
  return {
    prompt: last !== undefined && rule.isPrompt(lastLine(tail)) ? last + rule.promptMillis : never,
    taken:
      isKnown || taken === undefined
        ? never
        : last === undefined
          ? taken + nothingDrawnMillis
          : Math.max(taken, last) + drawnMillis,
    silent: isKnown ? never : (last ?? start) + (rule.silentMillis ?? never)
  }
}
