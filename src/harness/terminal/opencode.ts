/** opencode. A full-screen program on the alternate screen; its composer is a block with a bar at its left side. */

import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, hidden } from "../Composer.ts"
import { keys } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "./generic.ts"

const bar = /^(\s*[┃│]\s?)/u
/** The last row of the block names the agent and its model. */
const footer = /^\s*[┃│]\s*(?:Build|Plan|\w+)\s{2,}\S|^\s*[╹▀┗]/u
const placeholder = /^(?:Ask anything|> *$)/u

const composer: ComposerRules = {
  read: (view) => {
    const rows = textOf(view)
    const end = rows.findLastIndex((row) => footer.test(row))
    if (end < 0) return hidden
    let from = end
    while (from > 0 && bar.test(rows[from - 1] ?? "")) from--
    if (from === end) return hidden
    const content = rows.slice(from, end).map((row) => row.replace(bar, ""))
    const text = content.join(" ").trim()
    return { _tag: "Shown", rows: placeholder.test(text) ? [] : content.filter((row) => row.trim() !== "") }
  },
  chip: /\[Pasted~\d+lines\]/
}

const isBusy = (view: ScreenView) =>
  textOf(view)
    .filter((row) => row.trim() !== "")
    .slice(-3)
    .some((row) => /\besc (?:again to )?interrupt\b/iu.test(row))

export const opencode: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown",
    promptMillis: 500,
    quietMillis: undefined,
    silentMillis: undefined,
    deadlineMillis: 25_000
  },
  composer,
  dialogs: [],
  isBusy,
  enterGuard: guardOf(100, 2),
  // It asks for a second one; the pause lies between it and the text.
  interrupt: { keys: `${keys.escape}${keys.escape}`, gapMillis: 1_000 },
  exitKeys: "\x03"
}
