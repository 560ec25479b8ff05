/** cursor-agent. Its composer is a frame with `→`; the text in it is short of room, so the short reminder is used (S 4.4). */
import { type ComposerRules, lowest, readBox, rowsAbove } from "../Composer.ts"
import { type DialogRule, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "./generic.ts"

const top = /^ {0,2}[┌╭]─{10,}/u
const composer: ComposerRules = {
  read: readBox({
    prompt: /^ {0,2}│ →(?: |$)/u,
    top,
    end: /^ {0,2}[└╰]─{10,}/u,
    indent: /^ {0,2}│ {0,3}/u,
    right: /\s*│\s*$/u,
    placeholder: /^(?:Plan, search, build anything|Add a follow-up)(?:\s+ctrl\+\w to \w+)?$/
  }),
  chip: /\[Pastedtext#\d+(?:\+\d+lines)?\]/
}

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "mcp_approval",
    phase: "starting",
    isShown: menu({ composer, says: [/MCP server approval/i], options: [/Approve all/i], byKey: true }),
    answer: { keys: ["a"], gapMillis: 100, times: 1 }
  },
  {
    name: "trust",
    phase: "starting",
    isShown: menu({ composer, says: [/trust/i], options: [/Trust this workspace/i], byKey: true }),
    answer: { keys: ["a"], gapMillis: 100, times: 1 }
  },
  {
    name: "run_command",
    phase: "any",
    isShown: menu({
      composer,
      says: [/Run this command\?|Proceed\?/i],
      options: [/Run\b|Proceed\b/i, /Skip|Reject|Cancel/i]
    }),
    answer: undefined
  }
]

export const cursorAgent: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown",
    promptMillis: 300,
    silentMillis: undefined
  },
  composer,
  dialogs,
  isBusy: (view) =>
    rowsAbove(
      view,
      lowest(view, (row) => top.test(row)),
      3
    ).some((row) => /^ {0,2}[⠁-⣿⬡⬢]+\s.*\S/u.test(row)),
  enterGuard: guardOf(100, 2),
  interrupt: { keys: "\x03", gapMillis: 1_000 },
  exitKeys: "\x03\x03",
  reminder: "short"
}
