/**
 * The order of a command line (S 4.2): `[bypass] [--model M] [channel] [MCP] [inline and request arguments] [session]`. Plain
 * functions; what a family adds it hands over as parts.
 */
import type { Injection, LaunchContext, LaunchPlan } from "./Launch.ts"
import { modelArgs } from "./model.ts"

export interface Session {
  readonly args: ReadonlyArray<string>
  readonly id: string | undefined
  readonly resumed: boolean
}

export interface Parts {
  readonly command?: string
  /** In place of `context.line.args`. */
  readonly given?: ReadonlyArray<string>
  /** Flags that let the program act without asking, each left out when an argument says so already. */
  readonly bypass?: ReadonlyArray<{ readonly flag: string; readonly unless: (argument: string) => boolean }>
  /** In place of the `--model` rule. */
  readonly model?: ReadonlyArray<string>
  readonly mcp?: Injection | undefined
  /** In place of what the channel wants said (`context.channel`), which otherwise stands before the relay's tools. */
  readonly channel?: Injection
  readonly session?: Session
  readonly env?: Readonly<Record<string, string>>
}

export const assemble = (context: LaunchContext, parts: Parts): LaunchPlan => {
  const given = parts.given ?? context.line.args
  const session = parts.session ?? givenSession(context)
  const { args = [], commands = [], entries = [], env = {}, files = [] } = parts.mcp ?? {}
  const channel = parts.channel ?? context.channel ?? {}
  const bypass = (parts.bypass ?? []).flatMap(({ flag, unless }) => (given.some(unless) ? [] : [flag]))
  return {
    command: parts.command ?? context.line.command,
    args: [
      ...bypass,
      ...(parts.model ?? modelArgs(given, context.spec)),
      ...(channel.args ?? []),
      ...args,
      ...given,
      ...session.args
    ],
    env: { ...parts.env, ...channel.env, ...env },
    sessionId: session.id,
    resumed: session.resumed,
    files: [...(channel.files ?? []), ...files],
    entries: [...(channel.entries ?? []), ...entries],
    commands: [...(channel.commands ?? []), ...commands]
  }
}

/** A family without sessions of its own: what the caller calls the session is passed on as it is. */
export const givenSession = ({ resumed, spec }: LaunchContext): Session => ({ args: [], id: spec.sessionRef, resumed })
