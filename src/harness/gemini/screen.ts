/**
 * Gemini CLI's terminal (0.61.0), and its successor Antigravity's, which has the composer of older versions. The composer stands
 * below the lowest rule at column 0, in a block whose edges are rows of `▄` and `▀`, blank where there are 256 colours; what was
 * said before stands in the same kind of block, above the rule. Its window title says what it does.
 */
import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerContent, type ComposerRules, hidden, readBox } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "../terminal/generic.ts"

const placeholder = /^Type your message or @path\/to\/file$/
const rule = /^─{20,}/u
/** `*` in yolo mode. `!`, a shell's, is no place for a message. */
const prompt = /^ [>*](?: |$)/u
const end = /^▀{10,}|^ workspace \(\/directory\)/u

const framed = readBox({
  prompt: /^│\s[>*](?:\s|$)/u,
  top: /^╭─{10,}/u,
  end: /^╰─{10,}/u,
  indent: /^│ {0,3}/u,
  right: /\s*│$/u,
  placeholder
})

const ruleAt = (rows: ReadonlyArray<string>) => rows.findLastIndex((row) => rule.test(row))

const below = (view: ScreenView): ComposerContent => {
  const rows = textOf(view)
  const top = ruleAt(rows)
  const from = top < 0 ? -1 : rows.findIndex((row, at) => at > top && prompt.test(row))
  if (from < 0) return hidden
  const to = rows.findIndex((row, at) => at > from && end.test(row))
  const content = rows.slice(from, to < 0 ? undefined : to).map((row) => row.slice(3))
  if (placeholder.test(content.join(" ").trim())) return { _tag: "Shown", rows: [] }
  const last = content.findLastIndex((row) => row.trim() !== "")
  return { _tag: "Shown", rows: content.slice(0, last + 1) }
}

const composer: ComposerRules = {
  read: (view) => {
    const content = below(view)
    return content._tag === "Shown" ? content : framed(view)
  },
  chip: /\[PastedText:\d+(?:lines|chars)\](?:#\d+)?/
}

/** Undefined: its title does not say, as in older versions, and where the user wants none. */
export const titleSays = ({ title }: ScreenView): "idle" | "busy" | "asking" | undefined =>
  title.startsWith("◇") ? "idle" : title.startsWith("✦") ? "busy" : title.startsWith("✋") ? "asking" : undefined

/** `⠏ Thinking... (esc to cancel, 3s)`, among the rows above the composer. */
const working = /^ ?[⠁-⣿]\s.*\besc to cancel\b/iu
const isBusy = (view: ScreenView) => {
  const said = titleSays(view)
  if (said !== undefined) return said === "busy"
  const rows = textOf(view)
  const top = Math.max(
    ruleAt(rows),
    rows.findLastIndex((row) => /^╭─{10,}/u.test(row))
  )
  const above = rows.slice(0, Math.max(0, top)).filter((row) => row.trim() !== "")
  return above.slice(-4).some((row) => working.test(row))
}

/** Older ones show their composer before they take anything. */
const waitsForAuth = (view: ScreenView) => textOf(view).some((row) => /waiting for auth/i.test(row))

const without = (looks: RegExp) => (view: ScreenView) =>
  composer.read(view)._tag === "Hidden" && textOf(view).some((row) => looks.test(row))

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "trust",
    asks: "trust",
    phase: "starting",
    isShown: menu({
      composer,
      says: [/trust/i, /folder/i],
      options: [/Trust (?:this )?folder/i, /Trust parent folder/i]
    }),
    answer: { choose: /^Trust (?:this )?folder\b/i, times: 1 }
  },
  {
    name: "authentication",
    asks: "login",
    phase: "any",
    isShown: without(
      /How would you like to authenticate|Enter Gemini API Key|Waiting for (?:auth|MCP auth)|Sign in with Google/i
    ),
    answer: undefined
  },
  {
    // Policies of the user make it ask although everything else is allowed: that is theirs to answer.
    name: "allow_tool",
    asks: "permission",
    phase: "any",
    isShown: menu({
      composer,
      says: [/Action Required|Allow execution|Apply this change|Do you want to proceed/i],
      options: [/(?:Yes, )?allow once/i, /(?:Yes, )?allow (?:for this session|always)/i]
    }),
    answer: undefined
  },
  {
    name: "shell_mode",
    asks: "shell_mode",
    phase: "any",
    isShown: (view) => {
      const rows = textOf(view)
      const top = ruleAt(rows)
      return top >= 0 && rows.some((row, at) => at > top && /^ !(?: |$)/u.test(row))
    },
    answer: undefined
  },
  {
    name: "question",
    asks: "question",
    phase: "any",
    isShown: (view) => titleSays(view) === "asking",
    answer: undefined
  }
]

/** What its messages hold is read for `@path`, also in the middle of a word: a backslash makes a sign of it. */
export const escapeAt = (text: string): string => text.replace(/(?<!\\)@/g, "\\@")

export const gemini: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown" && !waitsForAuth(view),
    promptMillis: 200,
    silentMillis: undefined
  },
  composer,
  dialogs,
  isBusy,
  escape: escapeAt,
  // Enter within 40 ms of a paste is ignored, and under load one within 70 ms was.
  enterGuard: guardOf(150, 2),
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03\x03"
}
