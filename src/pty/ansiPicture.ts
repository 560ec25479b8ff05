/**
 * The bytes that draw a screen on another terminal of the same size (S 4.11): reset, home, clear; per row a cursor move,
 * its cells and their colours; in the end the modes that change what is shown or what keys send, and the cursor.
 */
import type { IBufferCell, Terminal } from "@xterm/headless"

export interface Pictured extends Pick<Terminal, "buffer" | "cols" | "rows"> {}

export const ansiPicture = ({ buffer: { active }, rows }: Pictured): string => {
  let out = "\x1b[0m\x1b[H\x1b[2J"
  let cell: IBufferCell | undefined
  for (let row = 0; row < rows; row++) {
    const line = active.getLine(active.baseY + row)
    if (line === undefined) continue
    let text = ""
    let style = ""
    let kept = 0
    let keptLength = 0
    for (let column = 0; column < line.length; column++) {
      cell = line.getCell(column, cell)
      if (cell === undefined || cell.getWidth() === 0) continue
      const next = styleOf(cell)
      if (next !== style) {
        text += `\x1b[0${next}m`
        style = next
      }
      const characters = cell.getChars()
      text += characters === "" ? " " : characters
      // Plain blanks at the end of a row are there already.
      if (characters.trim() !== "" || style !== "") {
        kept = column + 1
        keptLength = text.length
      }
    }
    if (kept > 0) out += `\x1b[${row + 1};1H${text.slice(0, keptLength)}\x1b[0m`
  }
  return `${out}\x1b[${active.cursorY + 1};${active.cursorX + 1}H`
}

/** The parameters after a reset; empty for plain text. */
const styleOf = (cell: IBufferCell): string => {
  if (cell.isAttributeDefault()) return ""
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
