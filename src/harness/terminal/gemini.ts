/**
 * Gemini CLI and its successor Antigravity (`agy`). The composer is a frame with `>`; before it, the program waits for its
 * authentication. Enter within about 40 ms of a paste is ignored (L 5.1); ESC cancels the turn.
 */

import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, readBox } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "./generic.ts"

const composer: ComposerRules = {
  read: readBox({
    prompt: /^│\s[>!*](?:\s|$)/u,
    top: /^╭─{10,}/u,
    end: /^╰─{10,}/u,
    indent: /^│ {0,3}/u,
    right: /\s*│$/u,
    placeholder: /^Type your message or @path\/to\/file$/
  }),
  chip: /\[PastedText:\d+(?:lines|chars)\](?:#\d+)?/
}

/** `⠏ Thinking (esc to cancel, 3s)`. */
const working = /^ ?[⠁-⣿]\s.*\besc to cancel\b/iu
const waitsForAuth = (view: ScreenView) => textOf(view).some((row) => /waiting for auth/i.test(row))
const isBusy = (view: ScreenView) => {
  const rows = textOf(view)
  const top = rows.findLastIndex((row) => /^╭─{10,}/u.test(row))
  const above = rows.slice(0, Math.max(0, top)).filter((row) => row.trim() !== "")
  return above.slice(-4).some((row) => working.test(row))
}

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "trust",
    phase: "starting",
    isShown: menu({
      composer,
      says: [/trust/i, /folder/i],
      options: [/Trust (?:this )?folder/i, /Trust parent folder/i]
    }),
    answer: { keys: [keys.enter], gapMillis: 100, times: 1 }
  },
  {
    name: "allow_tool",
    phase: "any",
    isShown: menu({
      composer,
      says: [/Action Required|Allow execution|Apply this change|Do you want to proceed/i],
      options: [/(?:Yes, )?allow once/i, /(?:Yes, )?allow (?:for this session|always)/i]
    }),
    // The second option, by its number (S 4.10).
    answer: { keys: ["2", keys.enter], gapMillis: 100, times: 1_000 }
  }
]

export const gemini: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt,
    isReady: (view) => composer.read(view)._tag === "Shown" && !waitsForAuth(view),
    promptMillis: 200,
    quietMillis: undefined,
    silentMillis: undefined,
    deadlineMillis: 25_000
  },
  composer,
  dialogs,
  isBusy,
  enterGuard: guardOf(70, 2),
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03\x03"
}
