/** The terminal of a program of no known family: nothing is known of its composer, so its terminal and its silence have to do. */
import type { TerminalRules } from "../TerminalRules.ts"

/**
 * The line ends as prompts do. The blank after a sign counts, so that `50%` or `<b>` at the end of a line is none; a bare
 * `> ` is one.
 */
export const isPrompt = (lastLine: string): boolean => /(?:[$#%>]\s+|[❯›:]\s*)$/u.test(lastLine)

export const generic: TerminalRules = {
  readiness: { isPrompt, promptMillis: 30, silentMillis: 2_000 },
  composer: undefined,
  dialogs: [],
  isBusy: undefined,
  enterGuard: () => ({ showMillis: 30, gapMillis: 0 }),
  evidenceMillis: 500,
  resizeMillis: 0,
  brackets: "when_enabled",
  interrupt: undefined,
  exitKeys: undefined,
  paste: { messages: 50, bytes: 32 * 1024 },
  reminder: "full"
}
