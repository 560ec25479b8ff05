/**
 * The extension by which Gemini CLI learns of the relay: `extensions/agent-relay/` in the user's directory, which an ordinary user
 * may have, where the system's settings are refused unless root owns them. It adds to what the user has, holds no secret
 * and nothing of one agent, and is taken back with the last agent that needs it.
 */
import { join } from "node:path"
import type { SharedEntry } from "../Launch.ts"
import { serverName } from "../McpServer.ts"
import { geminiDirectory } from "./transcript.ts"

type Environment = Readonly<Record<string, string>>

export const extensionDirectory = (environment: Environment): string =>
  join(geminiDirectory(environment), "extensions", serverName)

/** What makes a directory an extension. */
export const extensionEntries = (environment: Environment): ReadonlyArray<SharedEntry> => {
  const path = join(extensionDirectory(environment), "gemini-extension.json")
  return [
    { path, keys: ["name"], value: serverName },
    { path, keys: ["version"], value: "1.0.0" }
  ]
}

export const serverEntry = (environment: Environment, value: unknown): SharedEntry => ({
  path: join(extensionDirectory(environment), "gemini-extension.json"),
  keys: ["mcpServers", serverName],
  value
})
