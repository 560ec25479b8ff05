/**
 * The terminal of Claude Code, as 2.1.197 and 2.1.332 draw it. Its composer stands between two rules (or, in older versions, in a
 * frame), with continuation rows indented; it draws its own cursor, shows suggestions dim, and a long paste as a chip. What is
 * sent while a turn runs it queues, and takes with its next step. An Enter that comes in the same read as the paste is absorbed.
 *
 * Views that look like the composer and are none have a footer or a title of their own: the list of agents, where a text begins a
 * session of its own, the search in former prompts, the shell mode.
 */
import type { ScreenView } from "../../pty/ScreenView.ts"
import { type ComposerRules, hidden, readBox, rowsAbove, rowsBelow } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "../terminal/generic.ts"

const rule = /^[─━]{10,}/u
const between = readBox({ prompt: /^[❯>](?:[ \u00a0]|$)/u, top: rule, end: rule, indent: /^ {0,2}/u })
const framed = readBox({
  prompt: /^│ [❯>](?:[ \u00a0]|$)/u,
  top: /^╭─{10,}/u,
  end: /^╰─{10,}/u,
  indent: /^│ {0,3}/u,
  right: /\s*│$/u
})

const isTop = (row: string) => rule.test(row) || /^╭─{10,}/u.test(row)
const isBottom = (row: string) => rule.test(row) || /^╰─{10,}/u.test(row)
const footer = (view: ScreenView) => rowsBelow(view, isBottom)
const says = (rows: ReadonlyArray<string>, pattern: RegExp) => rows.some((row) => pattern.test(row))

const isSearch = (view: ScreenView) => says(footer(view), /^\s*search prompts:/)
const isAgentsView = (view: ScreenView) =>
  /\bclaude agents$/.test(view.title) || says(footer(view), /^\s*enter to (?:open|return)\b.*\bspace to reply\b/)
const isTranscript = (view: ScreenView) => says(footer(view), /^\s*Showing detailed transcript\b/)
const isShellMode = (view: ScreenView) => {
  for (let at = view.rows - 1; at > 0; at--) {
    if (/^![ \u00a0]/.test(view.row(at).text) && rule.test(view.row(at - 1).text))
      return between(view)._tag === "Hidden"
  }
  return false
}

const composer: ComposerRules = {
  read: (view) => {
    if (isSearch(view) || isAgentsView(view)) return hidden
    const content = between(view)
    return content._tag === "Shown" ? content : framed(view)
  },
  chip: /\[Pastedtext#\d+(?:\+\d+lines)?\]/
}

/**
 * `✻ Thinking… (3s · esc to interrupt)`, `✻ API error · Retrying in 2s`: at column 0, where nothing of a message stands. What was
 * said begins with `●`, and `✻ Cooked for 3s` is the end of a turn.
 */
const working = /^(?:[✻✽✶✳✢·*∗]\s.*…|[✻✽✶✳✢·*∗]\s.*\bRetrying in \d|[✻✽✶✳✢·*∗●⏺]\s.*\besc to interrupt\b)/iu
/** `⠂ Claude Code` (2.1.197), `◐ Claude Code` (2.1.332); `✳` when no turn runs, also while it asks something. */
const workingTitle = /^[\u2801-\u28ff◐-◓] /u
const isBusy: NonNullable<TerminalRules["isBusy"]> = (view) =>
  workingTitle.test(view.title) ||
  rowsAboveComposer(view).some((row) => working.test(row)) ||
  says(footer(view), /\besc to interrupt\b/iu)

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

const yes = /^Yes\b/i
const no = /^No\b/i

/** The last rows that are not blank. */
const lastRows = (view: ScreenView, count: number): ReadonlyArray<string> => rowsAbove(view, view.rows, count)
const without = (view: ScreenView) => composer.read(view)._tag === "Hidden"

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "trust",
    asks: "trust",
    phase: "starting",
    isShown: menu({ composer, says: [/trust/i, /folder|workspace|directory/i], options: [yes, /^No, exit/i] }),
    // 2.1.332 has `No, exit` first.
    answer: { choose: /^Yes\b/i, times: 2 }
  },
  {
    name: "bypass_permissions",
    asks: "permission",
    phase: "starting",
    isShown: menu({ composer, says: [/bypass permissions|dangerously/i], options: [/^No, exit/i, /^Yes, I accept/i] }),
    answer: { choose: /^Yes, I accept/i, times: 2 }
  },
  {
    name: "mcp_server",
    asks: "permission",
    phase: "starting",
    isShown: menu({ composer, says: [/MCP server/i], options: [/^Use this (?:and all future )?MCP server/i] }),
    answer: { choose: /^Use this (?:and all future )?MCP server/i, times: 3 }
  },
  {
    name: "api_key",
    asks: "login",
    phase: "any",
    isShown: menu({ composer, says: [/custom API key/i], options: [yes, no] }),
    answer: undefined
  },
  {
    name: "login",
    asks: "login",
    phase: "any",
    isShown: (view) =>
      says(footer(view), /\bNot logged in · Run \/login\s*$/) ||
      (without(view) && says(lastRows(view, 12), /^\s*Select login method\b|^\s*Paste code here\b/i)),
    answer: undefined
  },
  {
    name: "theme",
    asks: "menu",
    phase: "starting",
    isShown: (view) => without(view) && says(lastRows(view, 24), /^\s*Choose the text style\b/i),
    answer: undefined
  },
  {
    name: "notice",
    asks: "notice",
    phase: "any",
    isShown: (view) => without(view) && says(lastRows(view, 3), /^\s*Press (?:Enter|any key)\b.*\bcontinue\b/i),
    answer: undefined
  },
  { name: "agents", asks: "menu", phase: "any", isShown: isAgentsView, answer: undefined },
  { name: "transcript", asks: "transcript", phase: "any", isShown: isTranscript, answer: undefined },
  { name: "search", asks: "search", phase: "any", isShown: isSearch, answer: undefined },
  { name: "shell_mode", asks: "shell_mode", phase: "any", isShown: isShellMode, answer: undefined },
  {
    name: "question",
    asks: "question",
    phase: "any",
    isShown: (view) =>
      without(view) &&
      says(lastRows(view, 2), /^\s*Enter to select\b.*\bto navigate\b/i) &&
      says(lastRows(view, 24), /^\s*❯?\s*\d+\. /u),
    answer: undefined
  },
  {
    // Permissions and plans. People answer those.
    name: "permission",
    asks: "permission",
    phase: "any",
    isShown: menu({ composer, says: [], options: [yes, no] }),
    answer: undefined
  },
  {
    // Everything else that takes keys for itself: models, settings, sessions to go on with.
    name: "menu",
    asks: "menu",
    phase: "any",
    isShown: (view) =>
      without(view) &&
      says(lastRows(view, 2), /\b(?:Esc|Enter) to (?:cancel|clear|close|exit|go back|select|confirm|continue|save)\b/i),
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
  // Enter right after the text shows was taken 100 of 100 times, also under load.
  enterGuard: guardOf(0, 1),
  // One ESC: two open the rewind menu.
  interrupt: { keys: keys.escape, gapMillis: 1_000, lastResort: true },
  exitKeys: "\x03\x03"
}
