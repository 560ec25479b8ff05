/**
 * Claude Code. Settings of MCP servers come from a file of ours (`--mcp-config` adds to those of the user's), because their text on
 * the command line would be in the process list.
 */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { assemble } from "../argv.ts"
import type { Harness } from "../Harness.ts"
import type { Injection, LaunchContext } from "../Launch.ts"
import { serverName } from "../McpServer.ts"
import { mcpServersJson } from "../mcpJson.ts"
import { channel } from "./Channel.ts"
import { claude } from "./screen.ts"
import { projectsOf, sessionOf } from "./session.ts"
import { withoutSettings } from "./settings.ts"

/** `alwaysLoad`: its tools are in every request, not behind a search for tools. */
const injection = ({ directory, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const path = join(directory, "mcp.json")
  // In one word: as two, the option would take the words after it for further files.
  const content = mcpServersJson({
    [serverName]: { ...mcp, env: { ...mcp.env, ...mcp.resultEnv }, more: { alwaysLoad: true } }
  })
  return { args: [`--mcp-config=${path}`], files: [{ path, content: () => content }] }
}

export const Claude: Harness = {
  family: "claude",
  launch: {
    tools: injection,
    plan: (context) => {
      const { given, session } = sessionOf(context)
      return assemble(context, {
        session,
        // Merged into ours.
        given: context.channel?.args === undefined ? given : withoutSettings(given),
        bypass: [
          {
            flag: "--dangerously-skip-permissions",
            unless: (argument) => argument.includes("dangerously-skip-permissions")
          }
        ],
        mcp: injection(context)
      })
    },
    inquire: (context, ask) =>
      context.resumed && context.spec.sessionRef !== undefined
        ? Effect.map(
            ask.fileBelow(projectsOf(context.environment), `${context.spec.sessionRef}.jsonl`),
            (resumable) => ({ resumable })
          )
        : Effect.succeed({})
  },
  terminal: claude,
  channel
}
