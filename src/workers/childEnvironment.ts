/**
 * The environment of an agent's program: what the broker was started with, minus what belongs to the session it was
 * started from (L 5.5), plus what the agent is given. A child of an agent's shell otherwise takes itself for a part of
 * that session. Stripped by prefix with an allow-list, because fixed lists were wrong before.
 */

export type Inherited = Readonly<Record<string, string | undefined>>

const strippedNames = new Set([
  // Whoever has it can drive the broker (S 3.7).
  "RELAY_BROKER_API_KEY",
  "CLAUDECODE",
  "CLAUDE_PID",
  "CODEX_THREAD_ID",
  "CODEX_SESSION_ID",
  "TMUX",
  "TMUX_PANE",
  "STY",
  // The size is the terminal's own.
  "COLUMNS",
  "LINES"
])
const strippedPrefixes = ["CLAUDE_CODE_", "CODEX_SANDBOX", "ZELLIJ"]

/** How Claude Code reaches its provider: the user's choice, not the session's. */
const kept = new Set([
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
  "CLAUDE_CODE_SKIP_VERTEX_AUTH",
  "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
  "CLAUDE_CODE_CLIENT_CERT",
  "CLAUDE_CODE_CLIENT_KEY",
  "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE"
])

/** What every hosted program gets (S 3.4): no ghost text in the composer, no update in the middle of a session. */
const always = { CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: "false", DISABLE_AUTOUPDATER: "1" }

/** Later `additions` win over earlier ones, all of them over what is inherited. */
export const childEnvironment = (
  inherited: Inherited,
  ...additions: ReadonlyArray<Readonly<Record<string, string>>>
): Record<string, string> => {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !isStripped(name)) environment[name] = value
  }
  Object.assign(environment, always, ...additions)
  const term = environment["TERM"]?.trim() ?? ""
  if (term === "" || term === "dumb") environment["TERM"] = "xterm-256color"
  return environment
}

const isStripped = (name: string) =>
  strippedNames.has(name) || (!kept.has(name) && strippedPrefixes.some((prefix) => name.startsWith(prefix)))
