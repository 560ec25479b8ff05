/**
 * What others wrote, made safe to type into a terminal (design 7). The words stay; what would act on the terminal goes,
 * and what would pass for the broker's own lines is marked where it stands. Linear in the length of the text.
 *
 * The result holds: 1. no control character but newline and tab · 2. no line that begins as a relay line does, however it
 * is spaced, cased or padded with invisible characters · 3. no opening or closing `system-reminder` tag.
 */

/** A text of many lines. Blank ends are cut. */
export const sanitiseBody = (text: string): string =>
  markTags(
    text
      .replace(/\r\n?|\u2028|\u2029/g, "\n")
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "")
      .trimEnd()
      .split("\n")
      .map((line) => (imitatesRelayLine(line) ? `> ${line}` : line))
      .join("\n")
  )

/** A name or id inside a line of ours: one line, nothing that could close our brackets or quotes, at most 200 characters. */
export const sanitiseInline = (text: string): string =>
  markTags(
    text
      .slice(0, 200)
      .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ")
      .replace(/\[/g, "(")
      .replace(/\]/g, ")")
      .replace(/"/g, "'")
      .trim()
  )

const blank = /[\p{Cf}\s\u115f\u1160\u2800\u3164\uffa0]/gu

/** The first characters as a reader sees them: compatibility forms folded, invisible characters gone, blanks collapsed. */
const imitatesRelayLine = (line: string) =>
  line.slice(0, 400).normalize("NFKC").replace(blank, "").toLowerCase().startsWith("relaymessagefrom")

const opening = /[<\ufe64\uff1c]/g
const closing = /[>\ufe65\uff1e]/
const ignorable = /[\p{Cf}\p{Mn}\p{Pd}\s_\u115f\u1160\u2800\u3164\uffa0]/u
const tagName = "systemreminder"

/** Angle brackets of such tags become ‹ and ›. Found first and replaced after, because tags may stand inside each other. */
const markTags = (text: string): string => {
  const marks = new Map<number, string>()
  for (const { index } of text.matchAll(opening)) {
    const nameEnd = endOfTagName(text, index + 1)
    if (nameEnd === undefined) continue
    marks.set(index, "‹")
    const rest = closing.exec(text.slice(nameEnd, nameEnd + 200))
    if (rest !== null) marks.set(nameEnd + rest.index, "›")
  }
  let marked = ""
  let done = 0
  for (const [index, mark] of [...marks].sort(([one], [other]) => one - other)) {
    marked += text.slice(done, index) + mark
    done = index + 1
  }
  return marked + text.slice(done)
}

/** Where the name ends when the text at `from` reads as `system-reminder` or `/system-reminder`, whatever hides in between. */
const endOfTagName = (text: string, from: number): number | undefined => {
  let matched = 0
  let slash = false
  for (let at = from; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!)
    at += character.length
    if (ignorable.test(character)) continue
    const folded = character.normalize("NFKC").toLowerCase()
    if (matched === 0 && !slash && folded === "/") {
      slash = true
      continue
    }
    if (folded !== tagName[matched]) return undefined
    if (++matched === tagName.length) return at
  }
  return undefined
}
