/**
 * Antigravity CLI (`agy`), the successor of Gemini CLI for individual accounts. It knows no per-run settings, only
 * `.agents/mcp_config.json` in the project; servers inherit its environment.
 */
import { join } from "node:path"
import { assemble } from "./argv.ts"
import { gemini } from "./gemini/screen.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { serverName } from "./McpServer.ts"

const injection = ({ mcp, spec }: LaunchContext): Injection | undefined =>
  mcp === undefined
    ? undefined
    : {
        env: mcp.env,
        entries: [
          {
            path: join(spec.cwd, ".agents", "mcp_config.json"),
            keys: ["mcpServers", serverName],
            value: { command: mcp.command, args: mcp.args }
          }
        ]
      }

/** Whether it reads files for `@path` was not tried. */
const { escape: _, ...terminal } = gemini

export const Antigravity: Harness = {
  family: "agy",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        bypass: [
          {
            flag: "--dangerously-skip-permissions",
            unless: (argument) => argument.includes("dangerously-skip-permissions")
          }
        ],
        mcp: injection(context)
      })
  },
  terminal
}
