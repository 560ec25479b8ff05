/** Factory's Droid. Its servers are in the user's `mcp.json`, where `${NAME}` is expanded (June 2026). */
import { join } from "node:path"
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { serverName } from "./McpServer.ts"
import { dollarReference, references, stdioEntry } from "./mcpJson.ts"
import { droid } from "./terminal/droid.ts"

const injection = ({ environment, mcp }: LaunchContext): Injection | undefined =>
  mcp === undefined
    ? undefined
    : {
        env: mcp.env,
        entries: [
          {
            path: join(environment["HOME"] ?? "/", ".factory", "mcp.json"),
            keys: ["mcpServers", serverName],
            value: { type: "stdio", ...stdioEntry({ ...mcp, env: references(mcp.env, dollarReference) }) }
          }
        ]
      }

export const Droid: Harness = {
  family: "droid",
  launch: {
    tools: injection,
    plan: (context) => assemble(context, { mcp: injection(context) })
  },
  terminal: droid
}
