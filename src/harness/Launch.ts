/**
 * What is run for one family of CLIs: command line, variables, files. Nothing of the terminal (see `TerminalRules`). Rules
 * are plain functions to a plan; `Launcher` performs a plan and takes it back when the agent ends.
 */
import type * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { Ask } from "./Ask.ts"
import type { McpServer } from "./McpServer.ts"

export interface CommandLine {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** What only the program itself can answer, asked before the plan is made. Absent: not asked, or no answer. */
export interface Findings {
  /** The model to use in place of the one that was asked for. */
  readonly model?: string
  /** A session that was made for this launch. */
  readonly sessionId?: string
  /** The session of `spec.sessionRef` exists, so that it can be gone on with. */
  readonly resumable?: boolean
}

export interface LaunchContext {
  readonly spec: AgentSpec
  /** `spec.cli` in words followed by `spec.args`. */
  readonly line: CommandLine
  /** Everything the program gets without the plan. */
  readonly environment: Readonly<Record<string, string>>
  /** Undefined: the program shall not know the relay (S 2.4, `skipRelayPrompt`). */
  readonly mcp: McpServer | undefined
  /** Private directory of this launch, 0700; it exists once a file is planned in it. */
  readonly directory: string
  /** A new UUID, for families that let the caller choose the session id. */
  readonly freshId: string
  /** The agent was here before and shall go on with `spec.sessionRef`. */
  readonly resumed: boolean
  readonly findings: Findings
  /** What the family's channel, opened before, must have said in the launch (`ChannelRules`); undefined: it has none. */
  readonly channel: Injection | undefined
}

/** A file of ours, 0600, below `directory`; gone with the agent. */
export interface PrivateFile {
  readonly path: string
  /** Content is made from this file when it exists and can be read: what it says stays in force. */
  readonly basedOn?: string
  readonly content: (base: string | undefined) => string
}

/**
 * An entry in a JSON file that belongs to the user. Holds no secret, so that it is the same for all agents: the first one
 * makes it, the last one takes it back, byte for byte when nobody else wrote the file meanwhile.
 */
export interface SharedEntry {
  readonly path: string
  readonly keys: readonly [string, ...ReadonlyArray<string>]
  readonly value: unknown
}

/** A setting that only the program's own commands can make. No secret in it; made by the first agent, undone after the last. */
export interface SharedCommand {
  readonly id: string
  /** Before `run`; may fail. */
  readonly clear: ReadonlyArray<CommandLine>
  readonly run: CommandLine
  readonly undo: CommandLine
}

export interface LaunchPlan {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** On top of the environment. */
  readonly env: Readonly<Record<string, string>>
  /** The session the program will have, as far as it is known; never a guess. */
  readonly sessionId: string | undefined
  /** It goes on with a session of a former process. */
  readonly resumed: boolean
  readonly files: ReadonlyArray<PrivateFile>
  readonly entries: ReadonlyArray<SharedEntry>
  readonly commands: ReadonlyArray<SharedCommand>
}

/** The part of a plan that brings the relay's tools. */
export interface Injection {
  readonly args?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly files?: ReadonlyArray<PrivateFile>
  readonly entries?: ReadonlyArray<SharedEntry>
  readonly commands?: ReadonlyArray<SharedCommand>
}

export interface LaunchRules {
  /** Undefined: none, because the program cannot, or the user has seen to it. Absent: the family never can. */
  readonly tools?: (context: LaunchContext) => Injection | undefined
  readonly plan: (context: LaunchContext) => LaunchPlan
  /** What must be asked of the program first; no answer is no failure. */
  readonly inquire?: (context: LaunchContext, ask: Ask) => Effect.Effect<Findings>
}
