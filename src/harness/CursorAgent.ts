/**
 * Cursor's CLI, under its three names. It reads MCP servers from `.cursor/mcp.json` in the project and expands
 * `${env:NAME}`, so that the entry holds no secret and is the same for all agents there.
 */
import { join } from "node:path"
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { serverName } from "./McpServer.ts"
import { references, stdioEntry } from "./mcpJson.ts"
import { cursorAgent } from "./terminal/cursorAgent.ts"

const injection = ({ mcp, spec }: LaunchContext): Injection | undefined =>
  mcp === undefined
    ? undefined
    : {
        env: mcp.env,
        entries: [
          {
            path: join(spec.cwd, ".cursor", "mcp.json"),
            keys: ["mcpServers", serverName],
            value: stdioEntry({ ...mcp, env: references(mcp.env, (name) => `\${env:${name}}`) })
          }
        ]
      }

/** `cursor` starts the editor: its agent is a program of its own, once reached as `cursor agent` (S 4.1). */
const program = ({ line }: LaunchContext) => {
  if (line.command !== "cursor") return { command: line.command, given: line.args }
  return { command: "cursor-agent", given: line.args[0] === "agent" ? line.args.slice(1) : line.args }
}

export const CursorAgent: Harness = {
  family: "cursor-agent",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        ...program(context),
        bypass: ["--force", "--approve-mcps"].map((flag) => ({ flag, unless: (argument) => argument === flag })),
        mcp: injection(context)
      })
  },
  terminal: cursorAgent
}
