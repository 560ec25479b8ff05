/**
 * How many columns a character takes, by today's Unicode: the emulator's own table is that of Unicode 6, where an emoji takes
 * one, and the programs draw two. What belongs to one picture (joiners, modifiers, flags, marks) takes its cells together.
 */
import type * as Xterm from "@xterm/headless"
import { eastAsianWidth } from "get-east-asian-width"

/** Kinds of characters that decide what becomes of the next one. */
const plain = 0
const picture = 1
const joiner = 2
const indicator = 3

type Width = 0 | 1 | 2

/** As the emulator packs it: kind, width, and whether the character stands in the cell of the one before. */
const packed = (kind: number, width: Width, joins: boolean): number => (kind << 3) | (width << 1) | (joins ? 1 : 0)
const widthOf = (value: number): Width => {
  const width = (value >> 1) & 3
  return width === 2 ? 2 : width === 1 ? 1 : 0
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u
const pictographic = /^\p{Extended_Pictographic}$/u
const modifier = /^\p{Emoji_Modifier}$/u
const isIndicator = (code: number) => code >= 0x1f1e6 && code <= 0x1f1ff
const zwj = 0x200d
/** Asks for the picture of the character before it. */
const variation = 0xfe0f

/** Nobody writes in so many characters; a flood of all of them must not stay in memory. */
const mostKnown = 8_192
const known = new Map<number, Width>()
/** Of one code point by itself. */
export const cellWidth = (code: number): Width => {
  if (code < 0x300) return 1
  const seen = known.get(code)
  if (seen !== undefined) return seen
  if (known.size >= mostKnown) known.clear()
  const width = zeroWidth.test(String.fromCodePoint(code)) ? 0 : eastAsianWidth(code) === 2 ? 2 : 1
  known.set(code, width)
  return width
}

export const cellWidths: Xterm.IUnicodeVersionProvider & {
  readonly charProperties: (code: number, preceding: number) => number
} = {
  version: "today",
  wcwidth: cellWidth,
  charProperties: (code, preceding) => {
    if (code < 0x300) return packed(plain, code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1, false)
    const kind = preceding >> 3
    const before = widthOf(preceding)
    const width = cellWidth(code)
    if (preceding !== 0) {
      if (code === zwj) return packed(joiner, before, true)
      if (code === variation) return packed(kind, kind === picture ? 2 : before, true)
      if (kind === picture && modifier.test(String.fromCodePoint(code))) return packed(picture, 2, true)
      if (width === 0) return packed(kind, before, true)
      if (kind === joiner && pictographic.test(String.fromCodePoint(code))) return packed(picture, 2, true)
      if (kind === indicator && isIndicator(code)) return packed(plain, 2, true)
    }
    if (isIndicator(code)) return packed(indicator, 1, false)
    return packed(pictographic.test(String.fromCodePoint(code)) ? picture : plain, width, false)
  }
}

/** Of one character as a reader counts them, which may be several code points. */
export const graphemeWidth = (grapheme: string): Width => {
  let value = 0
  for (const character of grapheme) value = cellWidths.charProperties(character.codePointAt(0) ?? 0, value)
  return widthOf(value)
}
