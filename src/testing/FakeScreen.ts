/**
 * Screens for virtual time: a small grid that knows text, the cursor, clearing and the modes that rules ask for, and takes
 * every other sequence without effect. No colours, no answers to queries, no reflow. Rows cost nothing until they are used.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Screen, type ScreenOptions } from "../pty/Screen.ts"
import type { ScreenRow, ScreenView } from "../pty/ScreenView.ts"
import { pictureOf, plainText } from "../pty/Snapshot.ts"

export const FakeScreen: { readonly layer: Layer.Layer<Screen> } = {
  layer: Layer.succeed(Screen, { open: (options) => Effect.sync(() => open(options)) })
}

const sequence =
  /^\x1b(?:\[(?<private>[?>=]?)(?<parameters>[0-9;:]*)[ -/]*(?<final>[@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^[\]])/
const unfinished = /^\x1b(?:\[[?>=]?[0-9;:]*[ -/]*|\][^\x07\x1b]*\x1b?)?$/

interface Grid {
  lines: Array<string>
  wrapped: Set<number>
  row: number
  col: number
}
const emptyGrid = (): Grid => ({ lines: [], wrapped: new Set(), row: 0, col: 0 })

const open = ({ cols: firstCols, rows: firstRows }: ScreenOptions) => {
  let cols = firstCols
  let rows = firstRows
  let grid = emptyGrid()
  let main: Grid | undefined
  let visible = true
  let bracketedPaste = false
  let applicationCursor = false
  let title = ""
  let agentState = ""
  let pending = ""
  let position = 0

  const lineFeed = () => {
    if (grid.row < rows - 1) {
      grid.row += 1
      return
    }
    grid.lines.shift()
    grid.wrapped = new Set([...grid.wrapped].map((row) => row - 1).filter((row) => row >= 0))
  }
  const put = (text: string) => {
    for (let rest = text; rest !== ""; ) {
      if (grid.col >= cols) {
        grid.col = 0
        lineFeed()
        grid.wrapped.add(grid.row)
      }
      const part = rest.slice(0, cols - grid.col)
      const line = (grid.lines[grid.row] ?? "").padEnd(grid.col)
      grid.lines[grid.row] = line.slice(0, grid.col) + part + line.slice(grid.col + part.length)
      grid.col += part.length
      rest = rest.slice(part.length)
    }
  }
  const setMode = (mode: string, on: boolean) => {
    if (mode === "2004") bracketedPaste = on
    else if (mode === "1") applicationCursor = on
    else if (mode === "25") visible = on
    else if (mode === "1049" || mode === "1047" || mode === "47") {
      if (on && main === undefined) {
        main = grid
        grid = emptyGrid()
      } else if (!on && main !== undefined) {
        grid = main
        main = undefined
      }
    }
  }
  const clear = (from: number, to: number) => {
    for (let row = from; row < to; row++) grid.lines[row] = ""
  }
  const control = (isPrivate: boolean, parameters: ReadonlyArray<string>, final: string) => {
    const number = (index: number, otherwise: number) => Number(parameters[index] || otherwise)
    const line = grid.lines[grid.row] ?? ""
    if (isPrivate) {
      if (final === "h" || final === "l") for (const mode of parameters) setMode(mode, final === "h")
    } else if (final === "H" || final === "f") {
      grid.row = Math.min(number(0, 1), rows) - 1
      grid.col = Math.min(number(1, 1), cols) - 1
    } else if (final === "A") grid.row = Math.max(0, grid.row - number(0, 1))
    else if (final === "B") grid.row = Math.min(rows - 1, grid.row + number(0, 1))
    else if (final === "C") grid.col = Math.min(cols - 1, grid.col + number(0, 1))
    else if (final === "D") grid.col = Math.max(0, grid.col - number(0, 1))
    else if (final === "G") grid.col = Math.min(number(0, 1), cols) - 1
    else if (final === "K") {
      const how = number(0, 0)
      const before = how === 0 ? line.slice(0, grid.col) : "".padEnd(how === 1 ? grid.col + 1 : 0)
      grid.lines[grid.row] = before + (how === 1 ? line.slice(grid.col + 1) : "")
    } else if (final === "J") {
      const how = number(0, 0)
      if (how !== 0) clear(0, how === 1 ? grid.row : rows)
      if (how !== 1) clear(grid.row + 1, rows)
      if (how === 0) grid.lines[grid.row] = line.slice(0, grid.col)
      if (how === 1) grid.lines[grid.row] = "".padEnd(grid.col + 1) + line.slice(grid.col + 1)
    }
  }
  const character = (code: string) => {
    if (code === "\n") lineFeed()
    else if (code === "\r") grid.col = 0
    else if (code === "\b") grid.col = Math.max(0, grid.col - 1)
    else if (code === "\t") grid.col = Math.min(cols - 1, (Math.floor(grid.col / 8) + 1) * 8)
  }

  const unsafeWrite = (chunk: string) => {
    position += chunk.length
    let rest = pending + chunk
    pending = ""
    while (rest !== "") {
      const plain = /^[^\x00-\x1f\x7f]+/.exec(rest)?.[0]
      if (plain !== undefined) put(plain)
      else if (rest.startsWith("\x1b")) {
        const found = sequence.exec(rest)
        if (found === null) {
          if (unfinished.test(rest)) pending = rest
          if (pending !== "") return
        } else {
          const { final, parameters = "", private: mark } = found.groups ?? {}
          if (final !== undefined) control(mark === "?", parameters.split(";"), final)
          const named = /^\x1b\][02];([^\x07\x1b]*)/.exec(found[0])
          if (named !== null) title = named[1] ?? ""
          const told = /^\x1b\]7501;([^\x07\x1b]*)/.exec(found[0])
          if (told !== null) agentState = told[1] ?? ""
          rest = rest.slice(found[0].length)
          continue
        }
      } else character(rest[0] ?? "")
      rest = rest.slice(plain?.length ?? 1)
    }
  }

  const rowAt = (index: number): ScreenRow => ({
    text: (grid.lines[index] ?? "").replace(/ +$/, ""),
    wrapped: grid.wrapped.has(index),
    dim: [],
    reverse: []
  })
  const view = (): ScreenView => ({
    cols,
    rows,
    cursor: { row: grid.row, col: Math.min(grid.col, cols - 1), visible },
    modes: { bracketedPaste, alternate: main !== undefined, applicationCursor },
    title,
    agentState,
    row: rowAt,
    position
  })
  return {
    unsafeWrite,
    unsafeResize: (newCols: number, newRows: number) => {
      const dropped = Math.max(0, grid.row + 1 - newRows)
      grid.lines.splice(0, dropped)
      grid.row -= dropped
      cols = newCols
      rows = newRows
    },
    view,
    paintedRow: (index: number, columns: number) => rowAt(index).text.slice(0, columns),
    inputModes: () => `\x1b[?1${applicationCursor ? "h" : "l"}\x1b[?2004${bracketedPaste ? "h" : "l"}`,
    snapshot: (format: "plain" | "text" | "ansi") => {
      const seen = view()
      const move = `\x1b[${seen.cursor.row + 1};${seen.cursor.col + 1}H`
      const plain = plainText(seen)
      const screen = format === "ansi" ? `\x1b[0m\x1b[H\x1b[2J${plain.replaceAll("\n", "\r\n")}${move}` : plain
      return pictureOf(seen, format, screen, format === "ansi" ? pending : "")
    }
  }
}
