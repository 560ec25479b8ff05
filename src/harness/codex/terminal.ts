/**
 * Codex on its screen: what is asked there, and how it is typed to where its app-server cannot be had. Its composer begins with
 * `›` and ends at the status line; it draws the sign before it takes input (MCP servers start first). Three characters within
 * 8 ms are a paste to it, an Enter within 120 ms of one a newline. Since 0.171 it tells its state in OSC 7501.
 */

import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, hidden, readBox } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "../terminal/generic.ts"

const status =
  /^ {0,4}(?:\?\s+for shortcuts|⏎ send|\d+% context left|.*\b(?:context left|⌃J newline|tokens used)\b|\S+ (?:low|medium|high|xhigh|default)\b.*·)/iu
const sign = /^[▌┃]?›(?: |$)/u

const box = readBox({ prompt: sign, end: status, indent: /^[▌┃]? {0,2}/u })

/** The last row of menus, pickers and views: it says what Enter and Esc do there. The composer's own hints do not. */
const menuFooter = /^ *(?:press enter to|use ↑|(?:enter|esc|\^o|\? help)\b.*(?:esc|\^c|enter|↑\/↓))/iu
/** It searches what was sent before, below the composer. */
const searching = /^ *reverse-i-search:/u
const shellMode = /\bShell mode\b/u

const lastRow = (view: ScreenView): string => textOf(view).findLast((row) => row.trim() !== "") ?? ""

/** The sign before a message that was sent is dim; the composer's own is not, and stands lowest. */
const isInComposer = (view: ScreenView): boolean => {
  const at = textOf(view).findLastIndex((row) => sign.test(row))
  return at >= 0 && !view.row(at).dim.some(([from, to]) => from === 0 && to > 0)
}

const composer: ComposerRules = {
  read: (view) => {
    const last = lastRow(view)
    const isElse = menuFooter.test(last) || searching.test(last) || shellMode.test(last)
    return isElse || !isInComposer(view) ? hidden : box(view)
  },
  chip: /\[PastedContent\d+chars\]/
}

/** `• Working (3s • esc to interrupt)`, at column 0 above the composer. */
const working = /^[•◦·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\s+.*\besc to interrupt\b/iu
const booting = /^[•◦·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]?\s*(?:booting|starting) mcp servers?\b/iu
/** Its app-server is gone, and what is typed goes nowhere. */
const reconnecting = /^[•◦·]\s+Reconnecting to server/u

const statusRows = (view: ScreenView): ReadonlyArray<string> => {
  const rows = textOf(view)
  const at = rows.findLastIndex((row) => sign.test(row))
  const above = rows.slice(0, Math.max(0, at)).filter((row) => row.trim() !== "")
  return above.slice(-3)
}
const isBusy = (view: ScreenView) =>
  /\bstate=working\b/.test(view.agentState) ||
  statusRows(view).some((row) => working.test(row) || booting.test(row) || reconnecting.test(row))

const asks = { composer }
const once = (choose: RegExp) => ({ choose, times: 2 })

/** First match counts. */
const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "login",
    asks: "login",
    phase: "any",
    isShown: menu({ ...asks, says: [/sign in|API key/i], options: [/Sign in with ChatGPT/i] }),
    answer: undefined
  },
  {
    name: "trust",
    asks: "trust",
    phase: "starting",
    isShown: menu({
      ...asks,
      says: [/trust|allow Codex to work in this folder|You are (?:running|in)/i],
      options: [/Yes,|Trust and continue/i, /No,|Back to/i]
    }),
    answer: once(/^(?:Yes,|Trust and continue)/i)
  },
  {
    name: "new_model",
    asks: "update",
    phase: "starting",
    isShown: menu({ ...asks, says: [/codex|Meet GPT|model/i], options: [/Try /i, /Use existing/i] }),
    answer: once(/^Use existing/i)
  },
  {
    name: "update",
    asks: "update",
    phase: "starting",
    isShown: menu({ ...asks, says: [/update available/i], options: [/Update now/i, /Skip/i] }),
    answer: once(/^Skip\s*$/i)
  },
  {
    name: "hooks",
    asks: "trust",
    phase: "any",
    isShown: menu({ ...asks, says: [/Hooks need review/i], options: [/Review hooks/i, /Continue without trusting/i] }),
    answer: undefined
  },
  {
    name: "approval",
    asks: "permission",
    phase: "any",
    isShown: menu({
      ...asks,
      says: [/Press enter to (?:confirm|continue)|esc to cancel/i],
      options: [/Yes,/i, /No,/i]
    }),
    answer: undefined
  },
  { name: "search", asks: "search", phase: "any", isShown: (view) => searching.test(lastRow(view)), answer: undefined },
  {
    name: "shell_mode",
    asks: "shell_mode",
    phase: "any",
    isShown: (view) => shellMode.test(lastRow(view)) && textOf(view).some((row) => /^!(?: |$)/.test(row)),
    answer: undefined
  },
  { name: "menu", asks: "menu", phase: "any", isShown: (view) => menuFooter.test(lastRow(view)), answer: undefined }
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
