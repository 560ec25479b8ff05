/**
 * Input lines of full-screen programs, read from the grid. Pure.
 *
 * What is compared is what a person would call the same text: terminals wrap, programs indent continuation rows and redraw
 * wide characters in their own ways, so blanks, marks and pictographs do not count.
 */
import { graphemeWidth } from "../pty/cellWidths.ts"
import type { ScreenRow, ScreenView } from "../pty/ScreenView.ts"

export type ComposerContent =
  /** Not on the screen, or not recognised. */
  | { readonly _tag: "Hidden" }
  /** Its rows without prompt, frame and suggestions. */
  | { readonly _tag: "Shown"; readonly rows: ReadonlyArray<string> }

export interface ComposerRules {
  readonly read: (view: ScreenView) => ComposerContent
  /** What stands for a long paste, as `[Pasted text #1 +40 lines]`; without its blanks, because rows may end in it. */
  readonly chip: RegExp | undefined
}

/** `more`: our text and something else. */
export type Holds = "hidden" | "empty" | "ours" | "more" | "other"

export const hidden: ComposerContent = { _tag: "Hidden" }

const insignificant = /[\s\p{Cf}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1f1e6}-\u{1f1ff}\ufffd]/gu

/** The characters that count in a comparison. */
export const essence = (text: string): string => text.normalize("NFD").replace(insignificant, "")

/** From so many rows on, a composer may have scrolled the beginning of its text out of sight. */
const scrolledRows = 4

/** What the composer holds, in relation to `typed`: the essence of what we typed last, or "" when that was nothing. */
export const holds = (rules: ComposerRules, content: ComposerContent, typed: string): Holds => {
  if (content._tag === "Hidden") return "hidden"
  const shown = essence(content.rows.join("\n"))
  if (typed !== "" && shown === typed) return "ours"
  const text = rules.chip === undefined ? shown : shown.replace(new RegExp(rules.chip, "gu"), "")
  const hasChip = text !== shown
  if (text === "" && !hasChip) return "empty"
  if (typed === "") return "other"
  if (text === typed) return "ours"
  const wanted = rules.chip === undefined ? typed : typed.replace(new RegExp(rules.chip, "gu"), "")
  if (hasChip) return wanted.includes(text) ? "ours" : "other"
  if (content.rows.length >= scrolledRows && typed.endsWith(text)) return "ours"
  return text.includes(typed) ? "more" : "other"
}

/** Splits a row into what takes cells together. */
const graphemes = new Intl.Segmenter()

/**
 * The row from a column on, without what is dim: suggestions and placeholders. A suggestion whose first character lies
 * under a cursor that the program draws itself (reverse video, then dim) is one as a whole (S 4.10).
 */
export const undimmed = (row: ScreenRow, fromColumn = 0): string => {
  const within = (ranges: ScreenRow["dim"], column: number) =>
    ranges.some(([from, to]) => column >= from && column < to)
  const { dim, reverse } = row
  if (dim.length === 0) return afterColumn(row.text, fromColumn)
  let column = 0
  let text = ""
  for (const { segment: character } of graphemes.segment(row.text)) {
    const isGhost =
      within(dim, column) || (within(reverse, column) && !within(reverse, column + 1) && within(dim, column + 1))
    if (column >= fromColumn && !isGhost) text += character
    column += graphemeWidth(character)
  }
  return text
}

const afterColumn = (text: string, column: number) => text.slice(column) // prompts and frames are narrow

export interface BoxOptions {
  /** The first row of the content, up to and including the prompt sign and its blank; matched at the start of the row. */
  readonly prompt: RegExp
  /** Below the content: a rule, the bottom of a frame, a status line. */
  readonly end: RegExp
  /** What continuation rows begin with, which is not content. */
  readonly indent: RegExp
  /** What rows end with, which is not content: the right side of a frame. */
  readonly right?: RegExp
  /** The row above the prompt must look so. */
  readonly top?: RegExp
  /** Rows that are not content although they stand in the box. */
  readonly placeholder?: RegExp
}

/**
 * The lowest place on the screen that looks like an input box. Where `top` or `end` are frames at column 0, nothing that
 * an agent was sent can imitate them, because composers indent what they hold.
 */
export const readBox =
  (options: BoxOptions) =>
  (view: ScreenView): ComposerContent => {
    for (let at = view.rows - 1; at >= 0; at--) {
      const first = view.row(at)
      const prompt = options.prompt.exec(first.text)
      if (prompt === null || prompt.index !== 0) continue
      if (options.top !== undefined && (at === 0 || !options.top.test(view.row(at - 1).text))) continue
      const rows = contentOf(view, at, prompt[0].length, options)
      if (rows !== undefined) return { _tag: "Shown", rows }
    }
    return hidden
  }

const contentOf = (view: ScreenView, at: number, promptLength: number, options: BoxOptions) => {
  const rows: Array<string> = []
  for (let index = at; index < view.rows; index++) {
    const row = view.row(index)
    if (index > at && options.end.test(row.text)) return clean(rows, options)
    const from = index === at ? promptLength : (options.indent.exec(row.text)?.[0].length ?? 0)
    rows.push(undimmed(row, from))
  }
  // The box ends with the screen: without a frame that is possible, with one it is half drawn.
  return options.top === undefined ? clean(rows, options) : undefined
}

const clean = (rows: ReadonlyArray<string>, { placeholder, right }: BoxOptions) => {
  const cut = right === undefined ? rows : rows.map((row) => row.replace(right, ""))
  const content = placeholder?.test(cut.join(" ").trim()) ? [] : cut
  const last = content.findLastIndex((row) => row.trim() !== "")
  return content.slice(0, last + 1)
}

/** Rows directly above row `top`, `count` of those that are not blank, from the lowest up. */
export const rowsAbove = (view: ScreenView, top: number, count: number): ReadonlyArray<string> => {
  const above: Array<string> = []
  for (let at = top - 1; at >= 0 && above.length < count; at--) {
    const { text } = view.row(at)
    if (text.trim() !== "") above.push(text)
  }
  return above
}

/** The lowest row that looks so; -1: none does. */
export const lowest = (view: ScreenView, looks: (row: string) => boolean): number => {
  let at = view.rows - 1
  while (at >= 0 && !looks(view.row(at).text)) at--
  return at
}

/** What stands below the lowest row that looks so: status lines, where no message comes. */
export const rowsBelow = (view: ScreenView, looks: (row: string) => boolean): ReadonlyArray<string> => {
  const from = lowest(view, looks)
  return from < 0 ? [] : Array.from({ length: view.rows - from - 1 }, (_, index) => view.row(from + 1 + index).text)
}
