/**
 * Claude Code. The caller chooses the session id; settings of MCP servers come from a file of ours (`--mcp-config` is
 * additive), because its text on the command line would be in the process list.
 */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { assemble, type Session } from "./argv.ts"
import { valueOf, without } from "./argvWords.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { serverName } from "./McpServer.ts"
import { mcpServersJson } from "./mcpJson.ts"
import { claude } from "./terminal/claude.ts"

const namesSession = ["--session-id", "--resume", "-r"]
const goesOn = ["--continue", "-c"]

const injection = ({ directory, line, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined || line.args.some((argument) => /^--mcp-config(?:=|$)/.test(argument))) return undefined
  const path = join(directory, "mcp.json")
  // In one word: as two, the option would take the words after it for further files.
  const content = mcpServersJson({ [serverName]: { ...mcp, env: { ...mcp.env, ...mcp.resultEnv } } })
  return { args: [`--mcp-config=${path}`], files: [{ path, content: () => content }] }
}

interface Sessions {
  readonly given: ReadonlyArray<string>
  readonly session: Session
}

/**
 * A session id can be taken only once: whoever comes back must `--resume` it, and can only when something was said in it.
 */
const sessionOf = ({ findings, freshId, line, resumed, spec }: LaunchContext): Sessions => {
  const { args } = line
  const known = spec.sessionRef
  if (resumed && known !== undefined) {
    const given = without(args, [...namesSession, ...goesOn])
    const resumable = findings.resumable ?? false
    return {
      given,
      session: { args: [resumable ? "--resume" : "--session-id", known], id: known, resumed: resumable }
    }
  }
  if (known !== undefined) return { given: args, session: { args: [], id: known, resumed: false } }
  const named = valueOf(args, namesSession)
  if (named !== undefined || args.some((argument) => goesOn.includes(argument))) {
    return { given: args, session: { args: [], id: named ?? undefined, resumed: false } }
  }
  return { given: args, session: { args: ["--session-id", freshId], id: freshId, resumed: false } }
}

/** Transcripts are `projects/<directory>/<session id>.jsonl` below its configuration directory. */
const transcripts = ({ environment }: LaunchContext): string =>
  join(environment["CLAUDE_CONFIG_DIR"] ?? join(environment["HOME"] ?? "/", ".claude"), "projects")

export const Claude: Harness = {
  family: "claude",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        ...sessionOf(context),
        bypass: [
          {
            flag: "--dangerously-skip-permissions",
            unless: (argument) => argument.includes("dangerously-skip-permissions")
          }
        ],
        mcp: injection(context)
      }),
    inquire: (context, ask) =>
      context.resumed && context.spec.sessionRef !== undefined
        ? Effect.map(ask.fileBelow(transcripts(context), `${context.spec.sessionRef}.jsonl`), (resumable) => ({
            resumable
          }))
        : Effect.succeed({})
  },
  terminal: claude
}
