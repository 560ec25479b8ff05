/**
 * Qwen Code's terminal (0.15.10, 0.24.4), which comes from Gemini CLI's. The composer stands between two rules at column 0, with the
 * busy row above and a line of help below; what was said before is indented.
 */
import { type ScreenView, textOf } from "../../pty/ScreenView.ts"
import { type ComposerRules, lowest, readBox, rowsAbove } from "../Composer.ts"
import { type DialogRule, menu } from "../Dialog.ts"
import { gemini } from "../gemini/screen.ts"
import { guardOf, type TerminalRules } from "../TerminalRules.ts"

const rule = /^─{20,}/u
/** `*` in yolo mode. `!`, a shell's, is no place for a message. */
const prompt = /^[>*](?: |$)/u

const composer: ComposerRules = {
  read: readBox({
    prompt,
    top: rule,
    end: rule,
    indent: /^ {0,2}/u,
    placeholder: /^Type your message or @path\/to\/file$/
  }),
  chip: /\[PastedContent\d+chars\](?:#\d+)?/
}

/** `⠸ Rewiring the synapses... (1s · ↓ 10 tokens · esc to cancel)`, and what comes before it may be typed to. */
const working = /^ {0,4}[⠁-⣿]\s.*\besc to cancel\b/iu
const initialising = /^ {0,4}[⠁-⣿]\s+(?:Initializing|Connecting to MCP servers)/iu

/** The upper rule of the composer. */
const topOf = (view: ScreenView) => {
  const bottom = lowest(view, (row) => rule.test(row))
  for (let at = bottom - 1; at >= 0; at--) if (rule.test(view.row(at).text)) return at
  return -1
}

const isBusy = (view: ScreenView) => rowsAbove(view, topOf(view), 8).some((row) => working.test(row))

const without = (looks: RegExp) => (view: ScreenView) =>
  composer.read(view)._tag === "Hidden" && textOf(view).some((row) => looks.test(row))

const dialogs: ReadonlyArray<DialogRule> = [
  {
    name: "authentication",
    asks: "login",
    phase: "any",
    isShown: without(
      /How would you like to authenticate|Select (?:an )?Authentication|Qwen OAuth|Enter (?:your )?.*API.?Key|Waiting for .*auth/i
    ),
    answer: undefined
  },
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
    name: "allow_tool",
    asks: "permission",
    phase: "any",
    isShown: without(/Waiting for user confirmation|Allow execution of|Apply this change\?|Yes, allow once/i),
    answer: undefined
  },
  {
    name: "shell_mode",
    asks: "shell_mode",
    phase: "any",
    isShown: (view) => {
      const top = topOf(view)
      return top >= 0 && /^!(?: |$)/u.test(view.row(top + 1).text)
    },
    answer: undefined
  }
]

export const qwen: TerminalRules = {
  ...gemini,
  readiness: {
    ...gemini.readiness,
    isReady: (view) => composer.read(view)._tag === "Shown" && !textOf(view).some((row) => initialising.test(row))
  },
  composer,
  dialogs,
  isBusy,
  enterGuard: guardOf(70, 2)
}
