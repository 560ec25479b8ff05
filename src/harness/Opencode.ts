/**
 * opencode. A file named by `OPENCODE_CONFIG` is read after the user's settings and before the project's, which stay in
 * force; servers inherit its environment. When the user has that variable set, the same goes inline.
 */
import { join } from "node:path"
import { isRecord } from "../domain/Json.ts"
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import { parsedJson } from "./jsonEntry.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { type McpServer, serverName } from "./McpServer.ts"
import { references } from "./mcpJson.ts"
import { opencode } from "./terminal/opencode.ts"

const fileVariable = "OPENCODE_CONFIG"
const inlineVariable = "OPENCODE_CONFIG_CONTENT"

const settings = (mcp: McpServer) => ({
  mcp: {
    [serverName]: {
      type: "local",
      command: [mcp.command, ...mcp.args],
      environment: references(mcp.env, (name) => `{env:${name}}`)
    }
  },
  agent: {
    [serverName]: { description: "An agent that talks to others over the relay", tools: { [`${serverName}_*`]: true } }
  },
  permission: { "*": { "*": "allow" } }
})

type Settings = Readonly<Record<string, unknown>>

/** What the user says wins, but for our own entries. */
const over = (ours: ReturnType<typeof settings>, theirs: Settings): Settings => {
  const below = (key: string) => (isRecord(theirs[key]) ? theirs[key] : {})
  const permission =
    "permission" in theirs && !isRecord(theirs["permission"])
      ? theirs["permission"]
      : { ...ours.permission, ...below("permission") }
  return { ...theirs, mcp: { ...below("mcp"), ...ours.mcp }, agent: { ...below("agent"), ...ours.agent }, permission }
}

const injection = ({ directory, environment, line, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined || line.args.some((argument) => /^--agent(?:=|$)/.test(argument))) return undefined
  const args = ["--agent", serverName]
  const ours = settings(mcp)
  if ((environment[fileVariable] ?? "") === "") {
    const path = join(directory, "opencode.json")
    const text = `${JSON.stringify({ $schema: "https://opencode.ai/config.json", ...ours }, null, 2)}\n`
    return { args, env: { ...mcp.env, [fileVariable]: path }, files: [{ path, content: () => text }] }
  }
  const inline = environment[inlineVariable] ?? ""
  const theirs = inline.trim() === "" ? {} : parsedJson(inline)
  // Settings we cannot read are the user's all the same: they stay, and the agent comes without the relay's tools.
  if (!isRecord(theirs)) return undefined
  return { args, env: { ...mcp.env, [inlineVariable]: JSON.stringify(over(ours, theirs)) } }
}

export const Opencode: Harness = {
  family: "opencode",
  launch: {
    tools: injection,
    plan: (context) => assemble(context, { mcp: injection(context) })
  },
  terminal: opencode
}
