/**
 * opencode. A file named by `OPENCODE_CONFIG` is read after the user's settings and before the project's, which stay in force; when
 * the user has that variable set, the same goes inline. Neither names a variable: opencode puts the value of `{env:NAME}` into the
 * text of a JSON document as it is, and logs the document when that breaks it. Its MCP servers inherit its environment.
 */
import { join } from "node:path"
import { isRecord } from "../../domain/Json.ts"
import { assemble } from "../argv.ts"
import type { Harness } from "../Harness.ts"
import { parsedJson } from "../jsonEntry.ts"
import type { Injection, LaunchContext } from "../Launch.ts"
import { type McpServer, serverName } from "../McpServer.ts"
import { channel } from "./Channel.ts"
import { opencode } from "./screen.ts"

const fileVariable = "OPENCODE_CONFIG"
const inlineVariable = "OPENCODE_CONFIG_CONTENT"

const settings = (mcp: McpServer) => ({
  mcp: { [serverName]: { type: "local", command: [mcp.command, ...mcp.args], enabled: true } },
  permission: { "*": { "*": "allow" } }
})

type Settings = Readonly<Record<string, unknown>>

/** What the user says wins, but for our own entry. */
const over = (ours: ReturnType<typeof settings>, theirs: Settings): Settings => {
  const below = (key: string) => (isRecord(theirs[key]) ? theirs[key] : {})
  const permission =
    "permission" in theirs && !isRecord(theirs["permission"])
      ? theirs["permission"]
      : { ...ours.permission, ...below("permission") }
  return { ...theirs, mcp: { ...below("mcp"), ...ours.mcp }, permission }
}

const injection = ({ directory, environment, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const ours = settings(mcp)
  if ((environment[fileVariable] ?? "") === "") {
    const path = join(directory, "opencode.json")
    const text = `${JSON.stringify({ $schema: "https://opencode.ai/config.json", ...ours }, null, 2)}\n`
    return { env: { ...mcp.env, [fileVariable]: path }, files: [{ path, content: () => text }] }
  }
  const inline = environment[inlineVariable] ?? ""
  const theirs = inline.trim() === "" ? {} : parsedJson(inline)
  // Settings we cannot read are the user's all the same: they stay, and the agent comes without the relay's tools.
  if (!isRecord(theirs)) return undefined
  return { env: { ...mcp.env, [inlineVariable]: JSON.stringify(over(ours, theirs)) } }
}

export const Opencode: Harness = {
  family: "opencode",
  launch: {
    tools: injection,
    plan: (context) => {
      const { resumed, spec } = context
      // Its channel finds the session, and says so when it is lost.
      const session = { args: [], id: spec.sessionRef, resumed: resumed && spec.sessionRef !== undefined }
      return assemble(context, { mcp: injection(context), session })
    }
  },
  terminal: opencode,
  channel
}
