/** The MCP server through which an agent reaches the relay: how it is run, and the variables it needs (S 4.3). */

/** The name under which every family registers it. */
export const serverName = "agent-relay"
/** Its former name: an entry of this name is the same server. */
export const formerServerName = "relaycast"

export interface McpServer {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** What it needs of the agent's environment; values are secrets and stay out of command lines. */
  readonly env: Readonly<Record<string, string>>
  /** The part of `env` for structured results; only for families whose settings are the agent's own (S 4.3). */
  readonly resultEnv: Readonly<Record<string, string>>
}

const defaultCommand: readonly [string, ...ReadonlyArray<string>] = ["npx", "-y", "agent-relay", "mcp"]

const variables = [
  "RELAY_API_KEY",
  "RELAY_BASE_URL",
  "RELAY_AGENT_NAME",
  "RELAY_AGENT_TYPE",
  "RELAY_STRICT_AGENT_NAME",
  "RELAY_AGENT_TOKEN",
  "RELAY_SKIP_BOOTSTRAP",
  "RELAY_WORKSPACES_JSON",
  "RELAY_DEFAULT_WORKSPACE"
]
const resultVariables = ["AGENT_RELAY_RESULT_URL", "AGENT_RELAY_RESULT_TOKEN", "AGENT_RELAY_RESULT_SCHEMA"]

type Environment = Readonly<Record<string, string>>

const pick = (environment: Environment, names: ReadonlyArray<string>): Environment =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined || value.trim() === "" ? [] : [[name, value]]
    })
  )

/** Only with a token: the server need not register then, and without one it must. */
export const bootstrapEnvironment = (environment: Environment): Environment =>
  (environment["RELAY_AGENT_TOKEN"] ?? "").trim() === "" ? {} : { RELAY_SKIP_BOOTSTRAP: "1" }

/** `AGENT_RELAY_MCP_COMMAND` is split at white space. */
export const mcpServerOf = (environment: Environment): McpServer => {
  const words = (environment["AGENT_RELAY_MCP_COMMAND"] ?? "").split(/\s+/).filter((word) => word !== "")
  const [command = defaultCommand[0], ...args] = words.length === 0 ? defaultCommand : words
  const resultEnv = environment["AGENT_RELAY_RESULT_TOKEN"] === undefined ? {} : pick(environment, resultVariables)
  return { command, args, env: pick({ ...environment, ...bootstrapEnvironment(environment) }, variables), resultEnv }
}
