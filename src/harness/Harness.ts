/** What is known of one family of CLIs: how it is launched and how its terminal behaves. One file per family. */
import type { ChannelRules } from "./Channel.ts"
import type { LaunchRules } from "./Launch.ts"
import type { TerminalRules } from "./TerminalRules.ts"

export interface Harness {
  readonly family: string
  readonly launch: LaunchRules
  readonly terminal: TerminalRules
  /** How messages go in other than by keys, and how the program says that it has them. Absent: its terminal is all there is. */
  readonly channel?: ChannelRules
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
