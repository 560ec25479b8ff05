/**
 * Dialogs: what a program asks in the place of its input line. Read from where a dialog is drawn on the grid (its options
 * are the last thing on the screen, with a sign at the chosen one, and there is no composer) and not from text that scrolls
 * by, so that a message which quotes a dialog is none (S 4.10). Pure.
 */
import type { Asking } from "../domain/Receipt.ts"
import { type ScreenView, textOf } from "../pty/ScreenView.ts"
import { type ComposerRules, hidden } from "./Composer.ts"

/**
 * By label: the mark is moved until it stands on the option that says so, is seen to stand there, and Enter follows. Keys are for
 * options that name their own (`[a] Approve all`): one after the other, and the dialog must still stand before each.
 */
export type DialogAnswer = (
  | { readonly choose: RegExp }
  | { readonly keys: ReadonlyArray<string>; readonly gapMillis: number }
) & {
  /** How often it may be given before it is left to people. */
  readonly times: number
}

export interface DialogRule {
  readonly name: string
  /** What a person has to do; default `menu`. */
  readonly asks?: Asking
  /** `starting`: only before the program was ready for the first time; nobody's message can be on the screen then. */
  readonly phase: "starting" | "any"
  readonly isShown: (view: ScreenView) => boolean
  /** Undefined: people answer it. */
  readonly answer: DialogAnswer | undefined
}

export type DialogPhase = "starting" | "running"

export const dialogShown = (
  rules: ReadonlyArray<DialogRule>,
  phase: DialogPhase,
  view: ScreenView
): DialogRule | undefined => rules.find((rule) => (rule.phase === "any" || phase === "starting") && rule.isShown(view))

export const keys = { down: "\x1b[B", enter: "\r", escape: "\x1b" } as const

export interface MenuOptions {
  readonly composer: ComposerRules | undefined
  /** What the dialog says above its options: all of them, anywhere in the last rows. */
  readonly says: ReadonlyArray<RegExp>
  /** Labels of options, each on a row of its own that begins with the label (after sign, number and frame). */
  readonly options: ReadonlyArray<RegExp>
  /** Chosen by keys of their own (`[a] Approve all`): no sign stands at one of them. */
  readonly byKey?: boolean
}

/** Frame, sign of the chosen option, number or key, before a label. */
const beforeLabel = /^[\s│┃|]*([❯›>●○◉*→▶]\s*)?(?:[[(]?\w[\]).]\s*)?/u
const sign = /^[\s│┃|]*[❯›>●◉→▶]\s*/u
/** Rows from the first option to the end of what is drawn: options and a line of help. */
const tailRows = 10
/** How far above its options a dialog says what it is about. */
const headRows = 20

export const menu =
  ({ byKey = false, composer, options, says }: MenuOptions) =>
  (view: ScreenView): boolean => {
    if ((composer?.read(view) ?? hidden)._tag === "Shown") return false
    const rows = textOf(view)
    const end = rows.findLastIndex((row) => row.trim() !== "") + 1
    const tail = rows.slice(Math.max(0, end - tailRows), end)
    const isOption = (row: string, option: RegExp) => option.exec(row.replace(beforeLabel, ""))?.index === 0
    if (!options.every((option) => tail.some((row) => isOption(row, option)))) return false
    const isChosen = (row: string) =>
      sign.test(row) && (/^\d+[.)] /.test(row.replace(sign, "")) || options.some((option) => isOption(row, option)))
    if (!byKey && !tail.some(isChosen)) return false
    const head = rows.slice(Math.max(0, end - tailRows - headRows), end).join(" ")
    return says.every((pattern) => pattern.test(head))
  }
