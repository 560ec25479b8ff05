/** Factory's droid. Its composer is a frame with `>`; it asks before it executes, and is answered as 9.1.6 does (S 4.10). */
import { type ComposerRules, lowest, readBox, rowsAbove } from "../Composer.ts"
import { type DialogRule, keys, menu } from "../Dialog.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../TerminalRules.ts"
import { isPrompt } from "./generic.ts"

const top = /^ ?╭─{10,}/u
const composer: ComposerRules = {
  read: readBox({
    prompt: /^ ?│ >(?: |$)/u,
    top,
    end: /^ ?╰─{10,}/u,
    indent: /^ ?│ {0,3}/u,
    right: /\s*│$/u,
    placeholder: /^Try ".*"$/
  }),
  chip: /\[Pastedtext#\d+(?:\+\d+lines)?\]/
}

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "execute",
    phase: "any",
    // Drawn in a frame with `>`, as the composer is.
    isShown: menu({
      composer: undefined,
      says: [/EXECUTE/, /impact:/i],
      options: [/Yes, allow/i, /Yes, and always allow|No,/i]
    }),
    answer: { keys: [keys.down, keys.enter], gapMillis: 100, times: 1_000 }
  }
]

export const droid: TerminalRules = {
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
      4
    ).some((row) => /^ ?[⠁-⣿]\s.*\b(?:esc|ctrl\+c) to (?:stop|cancel|interrupt)\b/iu.test(row)),
  enterGuard: guardOf(100, 2),
  evidenceMillis: 3_000,
  interrupt: { keys: keys.escape, gapMillis: 1_000 },
  exitKeys: "\x03\x03"
}
