/** Small state machines over terminal output that comes in arbitrary pieces. Each keeps a bounded state and never a timer. */

/** Takes the next piece of output, gives what it means. */
export type Feed<A> = (chunk: string) => A

type StripState = "ground" | "escape" | "csi" | "string" | "string-escape" | "one-more"

/** A control string that does not end within this many characters was none: what follows is shown again. */
const longestString = 4_096

/**
 * Text without escape sequences and control characters; newline, carriage return and tab stay. CSI, OSC and the other
 * control strings, and character set selections may be split anywhere.
 */
export const makeStripper = (): Feed<string> => {
  let state: StripState = "ground"
  let swallowed = 0
  return (chunk) => {
    if (state === "ground" && !chunk.includes("\x1b")) return withoutControls(chunk)
    let text = ""
    let plainFrom = state === "ground" ? 0 : chunk.length
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i)
      const was: StripState = state
      if (state === "ground") {
        if (code === 0x1b) {
          text += chunk.slice(plainFrom, i)
          state = "escape"
        }
        continue
      }
      if (code === 0x18 || code === 0x1a) state = "ground"
      else if (state === "escape") state = afterEscape(code)
      else if (state === "one-more") state = "ground"
      else if (state === "csi") state = code === 0x1b ? "escape" : code >= 0x40 && code <= 0x7e ? "ground" : "csi"
      else if (state === "string-escape") state = code === 0x5c ? "ground" : afterEscape(code)
      else if (code === 0x07 || ++swallowed > longestString) state = "ground"
      else if (code === 0x1b) state = "string-escape"
      if (state === "string" && was !== "string") swallowed = 0
      if (state === "ground") plainFrom = i + 1
    }
    if (state === "ground") text += chunk.slice(plainFrom)
    return withoutControls(text)
  }
}

const afterEscape = (code: number): StripState => {
  if (code === 0x1b) return "escape"
  if (code === 0x5b) return "csi"
  if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f) return "string"
  return code >= 0x20 && code <= 0x2f ? "one-more" : "ground"
}

const withoutControls = (text: string) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "")

/** The end of all that was fed, at most `limit` characters, never beginning in the middle of one. */
export const makeTail = (limit: number): Feed<string> => {
  let tail = ""
  return (chunk) => {
    if (chunk === "") return tail
    tail = (tail + chunk).slice(-limit)
    const first = tail.charCodeAt(0)
    if (first >= 0xdc00 && first <= 0xdfff) tail = tail.slice(1)
    return tail
  }
}

/** Without blanks and line breaks: a terminal may wrap what it echoes anywhere. */
export const squeeze = (text: string): string => text.replace(/\s+/g, "")

/** How often `wanted` came by. Feed it squeezed text; `wanted` is squeezed here. */
export const makeFinder = (wanted: string): Feed<number> => {
  const needle = squeeze(wanted)
  let seen = ""
  let found = 0
  return (squeezed) => {
    if (needle === "") return found
    seen += squeezed
    for (let at = seen.indexOf(needle); at >= 0; at = seen.indexOf(needle)) {
      found += 1
      seen = seen.slice(at + needle.length)
    }
    seen = needle.length === 1 ? "" : seen.slice(1 - needle.length)
    return found
  }
}
