/**
 * What is known of one family of CLIs: plain rules over plain data, one file per family. The worker owns the terminal and
 * the time; a harness only says what to run, what to look for and how long things take there.
 */
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { ReadinessRule } from "./Readiness.ts"

export interface CommandLine {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** What must pass between the text and its Enter, so that the Enter is not taken for a part of the paste (L 5.1). */
export interface EnterGuard {
  /** Longest wait for the text to show. Low: Enter may come before a slow program has read; high: silent programs wait it out. */
  readonly showMillis: number
  /** Pause after it showed. */
  readonly gapMillis: number
}

export interface Harness {
  readonly family: string
  /** `line` is `spec.cli` in words followed by `spec.args`; the result is what is executed. */
  readonly commandLine: (line: CommandLine, spec: AgentSpec) => CommandLine
  /** Variables the family needs beyond those every program gets. */
  readonly environment: Readonly<Record<string, string>>
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

/** The first harness that claims the program's name; `fallback` otherwise. */
export interface HarnessChoice {
  readonly matches: (programName: string) => boolean
  readonly harness: Harness
}

export const chooseHarness = (choices: ReadonlyArray<HarnessChoice>, fallback: Harness, command: string): Harness => {
  const programName = command.slice(command.lastIndexOf("/") + 1)
  return choices.find((choice) => choice.matches(programName))?.harness ?? fallback
}
