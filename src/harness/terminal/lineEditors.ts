/**
 * Programs with a line editor of the readline kind: aider, goose, grok and others that print as they go and ask again on the
 * last line. Their prompt is known; what is typed behind it is not read back, so echo is the evidence.
 */
import type { TerminalRules } from "../TerminalRules.ts"
import { generic } from "./generic.ts"

const lineEditor = (isPrompt: (lastLine: string) => boolean, terminal: Partial<TerminalRules> = {}): TerminalRules => ({
  ...generic,
  // They load for seconds and are quiet meanwhile: only the prompt counts.
  readiness: { isPrompt, promptMillis: 200, quietMillis: undefined, silentMillis: undefined, deadlineMillis: 25_000 },
  enterGuard: () => ({ showMillis: 1_000, gapMillis: 50 }),
  evidenceMillis: 5_000,
  ...terminal
})

/** `> `, `architect> `, `ask> `, on a line of its own. */
export const aider = lineEditor((line) => /^(?:\w+(?: \w+)*)?> $/u.test(line), {
  interrupt: { keys: "\x03", gapMillis: 300 },
  exitKeys: "/exit\r"
})

/** `( O)> ` and, newer, `🪿 `. */
export const goose = lineEditor((line) => /^(?:\( ?O ?\)>|🪿|>) ?$/u.test(line), {
  interrupt: { keys: "\x03", gapMillis: 300 },
  exitKeys: "/exit\r"
})

export const grok = lineEditor((line) => /(?:^|\s)[❯>›] ?$/u.test(line), {
  interrupt: { keys: "\x1b", gapMillis: 300 },
  exitKeys: "\x03\x03"
})
