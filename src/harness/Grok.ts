/**
 * Grok. Its settings are TOML, written by its own `mcp add`; it expands `${NAME}` when it loads them. The name must come
 * before the options, and arguments that look like flags belong to the command's text (S 4.3).
 */
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { formerServerName, serverName } from "./McpServer.ts"
import { dollarReference } from "./mcpJson.ts"
import { grok } from "./terminal/lineEditors.ts"

const injection = ({ line, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const { command } = line
  const isFlag = (argument: string) => argument.startsWith("-")
  const env = Object.keys(mcp.env).flatMap((name) => ["--env", `${name}=${dollarReference(name)}`])
  const args = mcp.args.filter((argument) => !isFlag(argument)).flatMap((argument) => ["--args", argument])
  const text = [mcp.command, ...mcp.args.filter(isFlag)].join(" ")
  const remove = (name: string) => ({ command, args: ["mcp", "remove", name] })
  return {
    env: mcp.env,
    commands: [
      {
        id: `grok mcp ${serverName}`,
        clear: [remove(serverName), remove(formerServerName)],
        run: { command, args: ["mcp", "add", serverName, ...env, "--command", text, ...args] },
        undo: remove(serverName)
      }
    ]
  }
}

export const Grok: Harness = {
  family: "grok",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        bypass: [{ flag: "--always-approve", unless: (argument) => argument === "--always-approve" }],
        mcp: injection(context)
      })
  },
  terminal: grok
}
