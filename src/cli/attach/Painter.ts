/**
 * Draws an agent's screen and a status line on the local terminal: only rows that changed, cropped to what fits, the cursor
 * where it is. What a program does to its terminal never reaches ours, so there is nothing of it to be undone. Pure but for
 * what it remembers of the last picture.
 */
import type { EmulatedScreen } from "../../pty/Screen.ts"

export interface Size {
  readonly cols: number
  readonly rows: number
}

export interface Painter {
  /** What to write now; empty when nothing changed. */
  readonly paint: (screen: EmulatedScreen, status: string) => string
  /** The local terminal has another size, or shows something else: everything is drawn again. */
  readonly reset: (size: Size) => void
}

/** The rows that a program has here: the last one is ours. */
export const rowsFor = ({ rows }: Size): number => Math.max(1, rows - 1)

export const makePainter = (first: Size, o: { readonly mirrorInput: boolean }): Painter => {
  let size = first
  let painted: Array<string | undefined> = []
  let shownStatus: string | undefined
  let shownModes: string | undefined
  let shownCursor = ""

  const move = (row: number, col: number) => `\x1b[${row + 1};${col + 1}H`

  return {
    reset: (next) => {
      size = next
      painted = []
      shownStatus = undefined
      shownCursor = ""
    },
    paint: (screen, status) => {
      const { cursor, rows } = screen.view()
      const height = rowsFor(size)
      // Of a screen that is higher than ours, the part with the cursor.
      const top = Math.min(Math.max(0, rows - height), Math.max(0, cursor.row - height + 1))
      let out = ""
      for (let row = 0; row < height; row++) {
        const text = top + row < rows ? screen.paintedRow(top + row, size.cols) : ""
        if (painted[row] === text) continue
        painted[row] = text
        out += `${move(row, 0)}\x1b[0m\x1b[2K${text}`
      }
      if (status !== shownStatus && size.rows > 1) {
        shownStatus = status
        const fitting = [...status].slice(0, size.cols).join("").padEnd(size.cols)
        out += `${move(size.rows - 1, 0)}\x1b[0;7m${fitting}\x1b[0m`
      }
      const modes = o.mirrorInput ? screen.inputModes() : ""
      if (modes !== shownModes) {
        shownModes = modes
        out += modes
      }
      const visible = cursor.visible && cursor.col < size.cols && cursor.row - top < height
      const place = `${move(cursor.row - top, cursor.col)}${visible ? "\x1b[?25h" : ""}`
      if (out === "" && place === shownCursor) return ""
      shownCursor = place
      return `\x1b[?25l${out}\x1b[0m${place}`
    }
  }
}
