/** Screens for the rules of harnesses: from `fixtures/screens`, or written in a test. Dim is «…», reverse ⟪…⟫. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { ScreenRow, ScreenView } from "../../src/pty/ScreenView.ts"

const marks: Readonly<Record<string, readonly ["dim" | "reverse", "open" | "close"]>> = {
  "«": ["dim", "open"],
  "»": ["dim", "close"],
  "⟪": ["reverse", "open"],
  "⟫": ["reverse", "close"]
}

const rowOf = (line: string): ScreenRow => {
  const ranges = { dim: [] as Array<readonly [number, number]>, reverse: [] as Array<readonly [number, number]> }
  const from = { dim: 0, reverse: 0 }
  let text = ""
  for (const character of line) {
    const mark = marks[character]
    if (mark === undefined) text += character
    else if (mark[1] === "open") from[mark[0]] = text.length
    else ranges[mark[0]].push([from[mark[0]], text.length])
  }
  return { text: text.replace(/ +$/, ""), wrapped: false, ...ranges }
}

/** A screen that shows these rows at its top. */
export const screenOf = (rows: ReadonlyArray<string>, height = 50, title = "", agentState = ""): ScreenView => ({
  cols: 120,
  rows: height,
  cursor: { row: 0, col: 0, visible: true },
  modes: { bracketedPaste: true, alternate: false, applicationCursor: false },
  title,
  agentState,
  row: (index) => rowOf(rows[index] ?? ""),
  position: 1
})

/** Last lines `title: …` and `state: …` are the window title and what the program said of its state. */
export const screen = (name: string): ScreenView => {
  const path = join(import.meta.dirname, "..", "..", "fixtures", "screens", `${name}.txt`)
  const lines = readFileSync(path, "utf8").split("\n")
  const at = lines.findLastIndex((line) => /^title:(?: |$)/.test(line))
  const said = (what: string) =>
    lines
      .findLast((line) => line.startsWith(`${what}: `))
      ?.slice(what.length + 2)
      .trimEnd()
  if (at < 0) return screenOf(lines, Math.max(50, lines.length))
  return screenOf(lines.slice(0, at), Math.max(50, lines.length), said("title"), said("state"))
}
