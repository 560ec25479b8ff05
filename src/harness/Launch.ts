/** What is run for one family of CLIs: command line, variables, files. Nothing of the terminal (see `TerminalRules`). */
import type { AgentSpec } from "../domain/AgentSpec.ts"

export interface CommandLine {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

export interface LaunchRules {
  /** `line` is `spec.cli` in words followed by `spec.args`; the result is what is executed. */
  readonly commandLine: (line: CommandLine, spec: AgentSpec) => CommandLine
  /** Variables the family needs beyond those every program gets. */
  readonly environment: Readonly<Record<string, string>>
}
