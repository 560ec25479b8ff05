/** How one family of CLIs behaves in its terminal: plain rules over plain data. The worker owns the terminal and the time. */
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
  readonly enterGuard: (typedBytes: number) => EnterGuard
  /** How long evidence of a submitted message is waited for. */
  readonly evidenceMillis: number
  /** Keys that interrupt a turn, for `steer`, and the pause after them; undefined: it has none. */
  readonly interrupt: { readonly keys: string; readonly gapMillis: number } | undefined
  /** Keys that end the program in its own way; undefined: signals only. */
  readonly exitKeys: string | undefined
  /** What is queued for it may be typed as one paste up to these bounds. */
  readonly paste: { readonly messages: number; readonly bytes: number }
  /** `short`: its prompt has no room for the full reminder (S 4.4). */
  readonly reminder: "full" | "short"
}
