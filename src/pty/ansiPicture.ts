/**
 * The bytes that draw a screen on another terminal of the same size, and those that let it go on from there.
 */
import type { IBufferCell, IBufferLine, Terminal } from "@xterm/headless"

/** The parts of the emulator that are read here. */
export type Pictured = Pick<Terminal, "buffer" | "cols" | "rows" | "modes">

/** Reset, home, clear; per row a cursor move and its cells; a last move to the cursor. */
export const ansiPicture = (terminal: Pictured): string => {
  const { active } = terminal.buffer
  let out = "\x1b[0m\x1b[H\x1b[2J"
  for (let row = 0; row < terminal.rows; row++) {
    const line = active.getLine(active.baseY + row)
    const text = line === undefined ? "" : lineText(line)
    if (text !== "") out += `\x1b[${row + 1};1H${text}\x1b[0m`
  }
  return out + cursorMove(terminal)
}

/** The row with its colours, without plain blanks at its end; of a wider one, the first columns. */
export const lineText = (line: IBufferLine, columns: number = line.length): string => {
  let text = ""
  let kept = 0
  let style = ""
  let cell: IBufferCell | undefined
  for (let column = 0; column < columns; column++) {
    cell = line.getCell(column, cell)
    if (cell === undefined || cell.getWidth() === 0) continue
    if (column + cell.getWidth() > columns) break
    const next = styleOf(cell)
    if (next !== style) text += `\x1b[0${next}m`
    style = next
    const characters = cell.getChars()
    text += characters === "" ? " " : characters
    if (style !== "" || (characters !== "" && characters !== " ")) kept = text.length
  }
  return text.slice(0, kept)
}

const cursorMove = (terminal: Pictured): string => {
  const { cursorX, cursorY } = terminal.buffer.active
  return cursorX < terminal.cols ? moveTo(cursorY, cursorX) : beforeWrap(terminal, cursorY)
}

const moveTo = (row: number, column: number) => `\x1b[${row + 1};${column + 1}H`

/**
 * The next character will wrap: a terminal comes into that state by writing the last character of a row, which may be two
 * columns wide. `row` as the move counts it.
 */
const beforeWrap = ({ buffer: { active }, cols }: Pictured, row: number): string => {
  const line = active.getLine(active.baseY + active.cursorY)
  const wide = line?.getCell(cols - 2)
  const column = wide?.getWidth() === 2 ? cols - 2 : cols - 1
  const cell = line?.getCell(column)
  if (cell === undefined) return moveTo(row, column)
  return `${moveTo(row, column)}\x1b[0${styleOf(cell)}m${cell.getChars() || " "}\x1b[0m`
}

/** What a program has set beyond the public modes. */
export interface Hidden {
  /** How the next character will look. */
  readonly pen: Styled
  /** 0-based, inclusive. */
  readonly scrollTop: number
  readonly scrollBottom: number
  readonly isCursorHidden: boolean
  /** As the emulator names it: `SGR` is the one that programs use. */
  readonly mouseEncoding: string
  /** The beginning of an escape sequence whose end has not come yet. */
  readonly unfinished: string
}

const set = (mode: number, on: boolean) => `\x1b[?${mode}${on ? "h" : "l"}`

const mouseModes = { none: undefined, x10: 9, vt200: 1000, drag: 1002, any: 1003 } as const

/** What decides how keys, pastes and the mouse are sent. */
export const inputModes = ({ modes }: Pick<Terminal, "modes">, mouseEncoding: string): string => {
  const mouse = mouseModes[modes.mouseTrackingMode]
  return [
    set(1, modes.applicationCursorKeysMode),
    modes.applicationKeypadMode ? "\x1b=" : "\x1b>",
    set(1003, false),
    mouse === undefined ? "" : set(mouse, true),
    set(1006, mouseEncoding === "SGR"),
    set(1004, modes.sendFocusMode),
    set(2004, modes.bracketedPasteMode)
  ].join("")
}

/**
 * What follows a picture on a terminal that will be fed with the output from there on: modes, margins, the cursor, the pen,
 * the sequence that the output was in the middle of. Every mode is said, so that it does not matter what was set before.
 */
export const resumeFrom = (terminal: Pictured, hidden: Hidden): string => {
  const { modes } = terminal
  return [
    inputModes(terminal, hidden.mouseEncoding),
    set(7, modes.wraparoundMode),
    set(25, !hidden.isCursorHidden),
    modes.insertMode ? "" : "\x1b[4l",
    `\x1b[${hidden.scrollTop + 1};${hidden.scrollBottom + 1}r`,
    modes.originMode ? originMove(terminal, hidden.scrollTop) : `${set(6, false)}${cursorMove(terminal)}`,
    modes.insertMode ? "\x1b[4h" : "",
    `\x1b[0${styleOf(hidden.pen)}m`,
    hidden.unfinished
  ].join("")
}

/** With the origin at the margin, rows are counted from there. */
const originMove = (terminal: Pictured, scrollTop: number) => {
  const { cursorX, cursorY } = terminal.buffer.active
  const row = cursorY - scrollTop
  return `\x1b[?6h${cursorX < terminal.cols ? moveTo(row, cursorX) : beforeWrap(terminal, row)}`
}

/** What cells and the pen have in common. */
export type Styled = Pick<
  IBufferCell,
  | ("isBold" | "isDim" | "isItalic" | "isUnderline" | "isBlink" | "isInverse" | "isInvisible" | "isStrikethrough")
  | ("isOverline" | "isFgDefault" | "isBgDefault" | "isFgRGB" | "isBgRGB" | "getFgColor" | "getBgColor")
>

/** The parameters after a reset; empty for plain text. */
const styleOf = (cell: Styled): string => {
  let style = ""
  if (cell.isBold()) style += ";1"
  if (cell.isDim()) style += ";2"
  if (cell.isItalic()) style += ";3"
  if (cell.isUnderline()) style += ";4"
  if (cell.isBlink()) style += ";5"
  if (cell.isInverse()) style += ";7"
  if (cell.isInvisible()) style += ";8"
  if (cell.isStrikethrough()) style += ";9"
  if (cell.isOverline()) style += ";53"
  if (!cell.isFgDefault()) style += colourOf(cell.isFgRGB(), cell.getFgColor(), 30)
  if (!cell.isBgDefault()) style += colourOf(cell.isBgRGB(), cell.getBgColor(), 40)
  return style
}

const colourOf = (rgb: boolean, colour: number, base: 30 | 40): string => {
  if (rgb) return `;${base + 8};2;${colour >> 16};${(colour >> 8) & 255};${colour & 255}`
  if (colour < 8) return `;${base + colour}`
  return colour < 16 ? `;${base + 60 + colour - 8}` : `;${base + 8};5;${colour}`
}
