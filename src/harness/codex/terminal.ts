/**
 * Codex. Its composer begins with `›` and ends at the status line or an empty row; it draws the sign before it takes input
 * (MCP servers start first). Three characters within 8 ms are a paste to it, an Enter within 120 ms of one a newline (L 5.1).
 */

import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, readBox } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "../terminal/generic.ts"

const status =
  /^ {0,4}(?:\?\s+for shortcuts|⏎ send|\d+% context left|.*\b(?:context left|⌃J newline|tokens used)\b|\S+ (?:low|medium|high|xhigh|default)\b.*·)/iu
const composer: ComposerRules = {
  read: readBox({
    prompt: /^[▌┃]?›(?: |$)/u,
    end: status,
    indent: /^[▌┃]? {0,2}/u
  }),
  chip: /\[PastedContent\d+chars\]/
}

/** `• Working (3s • esc to interrupt)`, at column 0 above the composer. */
const working = /^[•◦·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\s+.*\besc to interrupt\b/iu
const booting = /^[•◦·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]?\s*(?:booting|starting) mcp servers?\b/iu

const statusRows = (view: ScreenView): ReadonlyArray<string> => {
  const rows = textOf(view)
  const at = rows.findLastIndex((row) => /^[▌┃]?›(?: |$)/u.test(row))
  const above = rows.slice(0, Math.max(0, at)).filter((row) => row.trim() !== "")
  return above.slice(-3)
}
const isBusy = (view: ScreenView) => statusRows(view).some((row) => working.test(row) || booting.test(row))

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "trust",
    phase: "starting",
    isShown: menu({
      composer: undefined,
      says: [/trust|allow Codex to work in this folder|You are (?:running|in)/i],
      options: [/Yes,/i, /No,/i]
    }),
    answer: { keys: [keys.enter], gapMillis: 100, times: 2 }
  },
  {
    name: "new_model",
    phase: "starting",
    isShown: menu({
      composer: undefined,
      says: [/codex/i, /upgrade|new (?:model|version)/i],
      options: [/Try /i, /Use existing/i]
    }),
    answer: { keys: [keys.down, keys.enter], gapMillis: 100, times: 1 }
  },
  {
    name: "update",
    phase: "starting",
    isShown: menu({ composer: undefined, says: [/update available/i], options: [/Update now/i, /Skip/i] }),
    answer: { keys: [keys.down, keys.enter], gapMillis: 100, times: 1 }
  },
  {
    name: "approval",
    phase: "any",
    isShown: menu({
      composer: undefined,
      says: [/Press enter to (?:confirm|continue)|esc to cancel/i],
      options: [/Yes,/i, /No,/i]
    }),
    answer: undefined
  }
]

export const codex: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown" && !isBusy(view),
    promptMillis: 1_000,
    silentMillis: undefined
  },
  composer,
  dialogs,
  isBusy,
  enterGuard: guardOf(150, 20),
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03\x03"
}
