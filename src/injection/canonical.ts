/**
 * Long lines for a terminal in canonical mode, where the kernel cuts a line at 4,095 bytes without a word (L 5.3). Pure.
 *
 * The end-of-file character hands what was typed so far to the reader without ending the line: a line in such pieces comes
 * whole to whoever reads until the newline. It must not stand where nothing was typed before it, because there it is the end
 * of the input.
 */

/** Less than the kernel's limit, and no multiple of the sizes in which programs read: such a read could meet the mark alone. */
const pieceBytes = 3_989

/** A line of this text would be cut in canonical mode. */
export const hasLongLine = (text: string): boolean => {
  for (let from = 0; from <= text.length; ) {
    const end = text.indexOf("\n", from)
    const to = end < 0 ? text.length : end
    if (
      to - from > pieceBytes ||
      (to - from > pieceBytes / 4 && Buffer.byteLength(text.slice(from, to)) > pieceBytes)
    ) {
      return true
    }
    from = to + 1
  }
  return false
}

/** The same text with its long lines in pieces. Enter, or a newline, must follow. */
export const inPieces = (text: string, endOfFile: string): string =>
  text
    .split("\n")
    .map((line) => (Buffer.byteLength(line) <= pieceBytes ? line : piecesOf(line).join(endOfFile)))
    .join("\n")

const piecesOf = (line: string): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  let from = 0
  let bytes = 0
  let at = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > pieceBytes) {
      pieces.push(line.slice(from, at))
      from = at
      bytes = 0
    }
    bytes += size
    at += character.length
  }
  pieces.push(line.slice(from))
  return pieces
}
