/** The shapes in which families write down an MCP server. */
import type { McpServer } from "./McpServer.ts"

type Env = Readonly<Record<string, string>>
type Entry = Pick<McpServer, "command" | "args"> & {
  readonly env: Env
  /** Fields that only this family knows. */
  readonly more?: { readonly [key: string]: unknown }
}

export const stdioEntry = ({ args, command, env, more }: Entry) => ({ command, args, env, ...more })

export const mcpServersJson = (servers: Readonly<Record<string, Entry>>): string =>
  `${JSON.stringify({ mcpServers: Object.fromEntries(Object.entries(servers).map(([name, entry]) => [name, stdioEntry(entry)])) }, null, 2)}\n`

/** Names in place of values, for settings that the program expands from its own environment: nothing secret is written. */
export const references = (env: Env, reference: (name: string) => string): Env =>
  Object.fromEntries(Object.keys(env).map((name) => [name, reference(name)]))

/** `${NAME}`: Gemini CLI, Grok, Droid (since June 2026). */
export const dollarReference = (name: string): string => `\${${name}}`
