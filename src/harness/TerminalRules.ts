/** How one family of CLIs behaves in its terminal: plain rules over plain data. The worker owns the terminal and the time. */
import type { ScreenView } from "../pty/ScreenView.ts"
import type { ComposerRules } from "./Composer.ts"
import type { DialogRule } from "./Dialog.ts"
import type { ReadinessRule } from "./Readiness.ts"

/** What must pass between the text and its Enter, so that the Enter is not taken for a part of the paste (L 5.1). */
export interface EnterGuard {
  /** Longest wait for the text to show. Low: Enter may come before a slow program has read; high: silent programs wait it out. */
  readonly showMillis: number
  /** Pause after it showed. */
  readonly gapMillis: number
}

export interface TerminalRules {
  readonly readiness: ReadinessRule
  /** Where its input line is and what it holds; undefined: nothing is known of it. */
  readonly composer: ComposerRules | undefined
  /** What it may ask in the place of its input line. First match counts. */
  readonly dialogs: ReadonlyArray<DialogRule>
  /**
   * What it means that the composer of a known program is not on the screen: a full-screen program asks something or shows
   * something else (`asking`, the default), a line editor works (`busy`).
   */
  readonly hiddenMeans?: "asking" | "busy"
  /** A turn is running, as far as the screen tells; undefined: it does not tell. */
  readonly isBusy: ((view: ScreenView) => boolean) | undefined
  /** What a text must look like in the composer so that nothing in it is a command; absent: as it is. */
  readonly escape?: (text: string) => string
  readonly enterGuard: (typedBytes: number) => EnterGuard
  /** How long evidence of a submitted message is waited for. */
  readonly evidenceMillis: number
  /** Loses what is typed for so long after a change of its size (L 5.1). */
  readonly resizeMillis: number
  /** `always`: it takes pastes in brackets without asking for them (L 5.1). */
  readonly brackets: "when_enabled" | "always"
  /**
   * Keys that interrupt a turn, for `steer`, and the longest pause after them; undefined: it has none. `lastResort`: not while a
   * channel of its own is live, because it takes what is sent into the running turn by itself, and says so.
   */
  readonly interrupt: { readonly keys: string; readonly gapMillis: number; readonly lastResort?: boolean } | undefined
  /** Keys that end the program in its own way; undefined: signals only. */
  readonly exitKeys: string | undefined
  /** What is queued for it may be typed as one paste up to these bounds. */
  readonly paste: { readonly messages: number; readonly bytes: number }
  /** `short`: its prompt has no room for the full reminder (S 4.4). */
  readonly reminder: "full" | "short"
}

/** For programs with a composer of their own: what differs is said by each family. */
export const composerDefaults = {
  evidenceMillis: 5_000,
  resizeMillis: 500,
  brackets: "when_enabled",
  interrupt: undefined,
  exitKeys: undefined,
  paste: { messages: 50, bytes: 32 * 1024 },
  reminder: "full"
} as const satisfies Partial<TerminalRules>

/** It begins when the text is shown, so that the program has read it: no text needs a longer one. */
const longestGapMillis = 1_000

/** Pauses of a program that shows what it reads: a slow one is waited for, a guard that grows with the text (L 5.1). */
export const guardOf =
  (gapMillis: number, millisPerKiB: number) =>
  (typedBytes: number): EnterGuard => ({
    showMillis: 10_000,
    gapMillis: Math.min(longestGapMillis, gapMillis + Math.ceil((typedBytes / 1024) * millisPerKiB))
  })
