/**
 * Programs with a line editor of the readline kind: aider, goose, grok and others that print as they go and ask again on the
 * last line. Their composer is what stands behind the prompt; while they work there is none.
 */
import type { ScreenView } from "../../pty/ScreenView.ts"
import { type ComposerRules, hidden, undimmed } from "../Composer.ts"
import type { TerminalRules } from "../TerminalRules.ts"
import { generic } from "./generic.ts"

/** The rows from the last prompt down to the cursor: nothing that was printed stands below a line that is being edited. */
const lineComposer = (prompt: RegExp): ComposerRules => ({
  read: (view: ScreenView) => {
    for (let at = view.cursor.row; at >= 0; at--) {
      const { text, wrapped } = view.row(at)
      // The blank behind a prompt is cut off at the end of a row.
      const found = prompt.exec(at === view.cursor.row ? text.padEnd(view.cursor.col) : `${text} `)
      if (found !== null && found.index === 0) {
        const rest = Array.from({ length: view.cursor.row - at }, (_, index) => view.row(at + 1 + index).text)
        return { _tag: "Shown", rows: [undimmed(view.row(at), found[0].length), ...rest] }
      }
      if (!wrapped && text.trim() === "") return hidden
    }
    return hidden
  },
  chip: undefined
})

const lineEditor = (prompt: RegExp, terminal: Partial<TerminalRules>): TerminalRules => {
  const composer = lineComposer(prompt)
  return {
    ...generic,
    composer,
    hiddenMeans: "busy",
    readiness: {
      isPrompt: () => false,
      isReady: (view) => composer.read(view)._tag === "Shown",
      promptMillis: 200,
      silentMillis: undefined
    },
    enterGuard: () => ({ showMillis: 10_000, gapMillis: 50 }),
    evidenceMillis: 5_000,
    ...terminal
  }
}

/** `> `, `architect> `, `ask> `, on a line of its own. */
export const aider = lineEditor(/^(?:\w+(?: \w+)*)?> /u, {
  interrupt: { keys: "\x03", gapMillis: 300 },
  exitKeys: "/exit\r"
})

/** `( O)> ` and, newer, `🪿 `. */
export const goose = lineEditor(/^(?:\( ?O ?\)>|🪿|>) /u, {
  interrupt: { keys: "\x03", gapMillis: 300 },
  exitKeys: "/exit\r"
})

export const grok = lineEditor(/^ *[❯>›] /u, {
  interrupt: { keys: "\x1b", gapMillis: 300 },
  exitKeys: "\x03\x03"
})
