/**
 * Gemini CLI. Its system settings file, whose place a variable tells, is laid over the user's and the project's settings:
 * a file of ours there adds the server for this agent only. `${NAME}` is expanded, so that no secret is in it.
 */
import { join } from "node:path"
import { isRecord } from "../domain/Json.ts"
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import { parsedJson } from "./jsonEntry.ts"
import type { Injection, LaunchContext } from "./Launch.ts"
import { serverName } from "./McpServer.ts"
import { dollarReference, references, stdioEntry } from "./mcpJson.ts"
import { gemini } from "./terminal/gemini.ts"

const place = "GEMINI_CLI_SYSTEM_SETTINGS_PATH"
const systemPath =
  process.platform === "darwin"
    ? "/Library/Application Support/GeminiCli/settings.json"
    : "/etc/gemini-cli/settings.json"

/** What an administrator says there stays in force. A file that cannot be read as JSON could not be read by Gemini either. */
const settings = (base: string | undefined, entry: unknown): string => {
  const parsed = base === undefined ? undefined : parsedJson(base)
  const given = isRecord(parsed) ? parsed : {}
  const servers = isRecord(given["mcpServers"]) ? given["mcpServers"] : {}
  return `${JSON.stringify({ ...given, mcpServers: { ...servers, [serverName]: entry } }, null, 2)}\n`
}

const injection = ({ directory, environment, mcp }: LaunchContext): Injection | undefined => {
  if (mcp === undefined) return undefined
  const path = join(directory, "gemini-settings.json")
  const entry = stdioEntry({ ...mcp, env: references(mcp.env, dollarReference) })
  return {
    env: { ...mcp.env, [place]: path },
    files: [{ path, basedOn: environment[place] ?? systemPath, content: (base) => settings(base, entry) }]
  }
}

export const Gemini: Harness = {
  family: "gemini",
  launch: {
    tools: injection,
    plan: (context) =>
      assemble(context, {
        bypass: [{ flag: "--yolo", unless: (argument) => argument === "--yolo" || argument === "-y" }],
        // For this session only, in the place of an entry in the user's list of trusted folders.
        env: { GEMINI_CLI_TRUST_WORKSPACE: "true" },
        mcp: injection(context)
      })
  },
  terminal: gemini
}
