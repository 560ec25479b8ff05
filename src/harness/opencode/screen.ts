/**
 * opencode's terminal (1.18.33): a full-screen program on the alternate screen. Its composer is a block with a bar at its left
 * side, whose last row names the agent and the model, above a row of `╹▀▀▀`; a side bar may stand in the same rows, further right.
 */
import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, hidden } from "../Composer.ts"
import { type DialogRule, keys } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "../terminal/generic.ts"

/** Nothing that a message holds stands so far left with nothing before it. */
const bottom = /^(\s*)╹(▀{10,})/u
const placeholder = /^(?:Ask anything|> *$)/u

interface Block {
  readonly column: number
  readonly rows: ReadonlyArray<string>
}

/** The lowest block with a bottom, cut at its width. */
const blockOf = (view: ScreenView): Block | undefined => {
  const rows = textOf(view)
  const end = rows.findLastIndex((row) => bottom.test(row))
  const found = end < 0 ? null : bottom.exec(rows[end] ?? "")
  if (found === null) return undefined
  const [, before = "", edge = ""] = found
  const column = before.length
  const inside: Array<string> = []
  for (let at = end - 1; at >= 0; at--) {
    const row = rows[at] ?? ""
    if (row[column] !== "┃" || row.slice(0, column).trim() !== "") break
    inside.unshift(row.slice(column + 1, column + 1 + edge.length))
  }
  return inside.length < 2 ? undefined : { column, rows: inside }
}

const composer: ComposerRules = {
  read: (view) => {
    const block = blockOf(view)
    if (block === undefined) return hidden
    const content = block.rows.slice(0, -1)
    const isEmpty = placeholder.test(content.join(" ").trim())
    return { _tag: "Shown", rows: isEmpty ? [] : content.filter((row) => row.trim() !== "") }
  },
  chip: /\[Pasted~\d+lines\]/
}

/** It shows its first screen, in the middle, and no session. */
export const isHome = (view: ScreenView): boolean => (blockOf(view)?.column ?? 0) > 4

const isBusy = (view: ScreenView) =>
  textOf(view)
    .filter((row) => row.trim() !== "")
    .slice(-3)
    .some((row) => /\besc (?:again to )?interrupt\b/iu.test(row))

const without = (looks: RegExp) => (view: ScreenView) =>
  blockOf(view) === undefined && textOf(view).some((row) => looks.test(row))

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "permission",
    asks: "permission",
    phase: "any",
    isShown: without(/^\s*┃\s+Allow once\s+Allow always\s+Reject\b/u),
    answer: undefined
  }
]

export const opencode: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown",
    promptMillis: 500,
    silentMillis: undefined
  },
  composer,
  dialogs,
  isBusy,
  enterGuard: guardOf(100, 2),
  // It asks for a second one; two in one write do nothing.
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03"
}
