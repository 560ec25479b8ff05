/**
 * Claude Code. Its composer stands between two rules (or, in older versions, in a frame), with continuation rows indented;
 * it draws its own cursor, shows suggestions dim, and a long paste as a chip. An Enter that comes in the same read as the
 * paste is absorbed; while a turn runs, what is sent is queued (L 5.1).
 */
import type { ScreenView } from "../../pty/ScreenView.ts"
import { type ComposerRules, readBox, rowsAbove, rowsBelow } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "./generic.ts"

const rule = /^[─━]{10,}/u
const between = readBox({ prompt: /^[❯>](?:[ \u00a0]|$)/u, top: rule, end: rule, indent: /^ {0,2}/u })
const framed = readBox({
  prompt: /^│ [❯>](?:[ \u00a0]|$)/u,
  top: /^╭─{10,}/u,
  end: /^╰─{10,}/u,
  indent: /^│ {0,3}/u,
  right: /\s*│$/u
})

const composer: ComposerRules = {
  read: (view) => {
    const content = between(view)
    return content._tag === "Shown" ? content : framed(view)
  },
  chip: /\[Pastedtext#\d+(?:\+\d+lines)?\]/
}

/** `✻ Thinking… (3s · esc to interrupt)`: at column 0, where nothing of a message stands. What was said begins with `●`. */
const working = /^(?:[✻✽✶✳✢·*∗]\s.*…|[✻✽✶✳✢·*∗●⏺]\s.*\besc to interrupt\b)/iu
const isTop = (row: string) => rule.test(row) || /^╭─{10,}/u.test(row)
const isBottom = (row: string) => rule.test(row) || /^╰─{10,}/u.test(row)
const isBusy: NonNullable<TerminalRules["isBusy"]> = (view) =>
  rowsAboveComposer(view).some((row) => working.test(row)) ||
  rowsBelow(view, isBottom).some((row) => /\besc to interrupt\b/iu.test(row))

/** The composer has a rule below it as well: the upper one of the two is its top. */
const rowsAboveComposer = (view: ScreenView) => {
  let top: number | undefined
  for (let at = view.rows - 1; at >= 0; at--) {
    if (!isTop(view.row(at).text)) continue
    top = at
    if (/^(?:│ )?[❯>](?:[ \u00a0]|$)/u.test(view.row(at + 1).text)) break
  }
  return top === undefined ? [] : rowsAbove(view, top, 6)
}

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "trust",
    phase: "starting",
    isShown: menu({ composer, says: [/trust/i, /folder|workspace|directory/i], options: [/Yes\b/i, /No, exit/i] }),
    answer: { keys: [keys.enter], gapMillis: 100, times: 2 }
  },
  {
    name: "bypass_permissions",
    phase: "starting",
    isShown: menu({ composer, says: [/bypass permissions|dangerously/i], options: [/No, exit/i, /Yes, I accept/i] }),
    answer: { keys: [keys.down, keys.enter], gapMillis: 200, times: 5 }
  },
  {
    name: "mcp_server",
    phase: "starting",
    isShown: menu({ composer, says: [/MCP server/i], options: [/Use this (?:and all future )?MCP server/i] }),
    answer: { keys: [keys.enter], gapMillis: 100, times: 3 }
  },
  {
    // Everything else it asks with a numbered menu: permissions, plans, questions. People answer those.
    name: "question",
    phase: "any",
    isShown: menu({ composer, says: [], options: [/Yes\b/i, /No\b/i] }),
    answer: undefined
  }
]

export const claude: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown",
    promptMillis: 200,
    silentMillis: undefined
  },
  composer,
  dialogs,
  isBusy,
  enterGuard: guardOf(100, 2),
  // One ESC: two open the rewind menu (L 5.1).
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03\x03"
}
