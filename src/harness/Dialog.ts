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

export const keys = { down: "\x1b[B", up: "\x1b[A", enter: "\r", escape: "\x1b" } as const

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

/** Options and the one that is marked, in the lowest menu on the screen. */
export interface ReadMenu {
  readonly options: ReadonlyArray<string>
  readonly marked: number | undefined
}

const numbered = /^[\s│┃|]*(?:[❯›>●○◉*→▶]\s*)?\d+[.)]\s+\S/u
const isEmpty = (row: string | undefined) => row === undefined || row.replace(/[│┃|]/gu, "").trim() === ""

/**
 * The rows without a gap around the lowest one that begins with one of these labels: where they have numbers, those that have one; else
 * all of them. Without frame, sign and number.
 */
export const readMenu = (view: ScreenView, labels: ReadonlyArray<RegExp>): ReadMenu => {
  const rows = textOf(view)
  const end = rows.findLastIndex((row) => row.trim() !== "") + 1
  const tail = rows.slice(Math.max(0, end - tailRows), end)
  const labelOf = (row: string) => row.replace(beforeLabel, "").replace(/\s*[│┃|]\s*$/u, "")
  const isKnown = (row: string) => labels.some((label) => label.exec(labelOf(row))?.index === 0)
  const at = tail.findLastIndex(isKnown)
  if (at < 0) return { options: [], marked: undefined }
  let from = at
  let to = at + 1
  while (from > 0 && !isEmpty(tail[from - 1])) from -= 1
  while (to < tail.length && !isEmpty(tail[to])) to += 1
  const run = tail.slice(from, to)
  const found = run.some((row) => numbered.test(row)) ? run.filter((row) => isKnown(row) || numbered.test(row)) : run
  const marked = found.findIndex((row) => sign.test(row))
  return { options: found.map(labelOf), marked: marked < 0 ? undefined : marked }
}

/** What an idle composer says of Enter (`enter to send`) is not meant. */
const wantsKey = [
  /\b(?:press|hit)\b.{0,40}\b(?:enter|return|any key)\b.{0,10}\bto (?:continue|confirm|select|choose|try|retry|proceed|accept|start|begin|open|sign|log|exit|close|dismiss)\b/iu,
  /\b(?:press|hit) any key\b/iu,
  /\b(?:enter|return|↵|⏎)\W{0,3}(?:to )?(?:confirm|select|continue|choose)\b/iu,
  /[([](?:y(?:es)?\s*\/\s*n(?:o)?)[)\]]\W*$/iu,
  /\b(?:password|passphrase|passcode|one-time code|otp)\b[^:]{0,40}:\s*$/iu
]

/** Below the options of a menu: which keys do what. */
const help = /\b(?:esc|enter|return|arrows?|tab|space|select|confirm|cancel|navigate|move|quit)\b|[↑↓←→↵⏎]/iu

/**
 * A program of which nothing is known shows a menu, or wants a key: marked options with numbers, `press enter to …`, `[y/n]`, a
 * password. Only at the very end of what it shows: what stands above has been answered. Gives the rows that say so.
 */
export const asksInMenu = (view: ScreenView): ReadonlyArray<string> => {
  const rows = textOf(view).filter((row) => row.trim() !== "")
  const wanting = rows.slice(-2).filter((row) => wantsKey.some((pattern) => pattern.test(row)))
  if (wanting.length > 0) return wanting
  const tail = rows.slice(-tailRows)
  const end = tail.findLastIndex((row) => numbered.test(row))
  if (end < 0 || tail.slice(end + 1).some((row) => !help.test(row))) return []
  let from = end
  while (from > 0 && numbered.test(tail[from - 1] ?? "")) from--
  const options = tail.slice(from, end + 1)
  return options.length > 1 && options.some((row) => sign.test(row)) ? options : []
}
