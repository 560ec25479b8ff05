/**
 * The environment of an agent's program: what the broker was started with, minus what belongs to the session and the
 * terminal it was started from (L 5.5), minus credentials that are not the agent's, plus what the agent is given. A child of
 * an agent's shell otherwise takes itself for a part of that session, and reads that session's inbox. What the user has set
 * stays: of `CLAUDE_CODE_*`, which holds both, only what Claude Code gives to its own children is taken away.
 */

export type Inherited = Readonly<Record<string, string | undefined>>

/** Keys to the broker and its node: whoever has them can drive every agent (S 3.7). */
const credentials = ["RELAY_BROKER_API_KEY", "RELAY_NODE_TOKEN"]
/** What an agent of the relay was given, should the broker have been started by one: its name and token are its own. */
const otherAgent = [
  "RELAY_AGENT_",
  "RELAY_STRICT_AGENT_NAME",
  "RELAY_SKIP_BOOTSTRAP",
  "AGENT_RELAY_RESULT_",
  "AGENT_RELAY_APP_SERVER_AUTH_",
  "AGENT_RELAY_ORIGIN_ACTOR"
]
/** Sessions of agent CLIs. */
const sessions = [
  "CLAUDE_CODE_SSE_PORT",
  "CLAUDE_CODE_BRIDGE_",
  "CLAUDE_EFFORT",
  "CLAUDE_PID",
  "CLAUDE_SESSION",
  "CLAUDE_PROJECT_DIR",
  "CLAUDE_ENV_FILE",
  "CODEX_THREAD",
  "CODEX_SESSION",
  "CODEX_SANDBOX",
  "CODEX_INTERNAL_",
  "CODEX_CI",
  "GEMINI_CLI_IDE_",
  "CURSOR_AGENT",
  "CURSOR_TRACE",
  "OPENCODE_SERVER_",
  "OPENCODE_CLIENT"
]
/** Words of the variables that Claude Code (2.1.197, 2.1.332) sets for what it runs: `CLAUDE_CODE_CHILD_SESSION`. */
const claudeMarks = new Set(["SESSION", "CHILD", "MESSAGING", "ENTRYPOINT", "EXECPATH"])
/** Settings of the user's that speak of sessions: `CLAUDE_CODE_FORCE_SESSION_PERSISTENCE`. */
const claudeSettings = /^CLAUDE_CODE_(?:DISABLE|ENABLE|FORCE|SUPPRESS|MAX|SKIP|USE)_/

const isClaudeMark = (name: string) =>
  name.startsWith("CLAUDE_CODE_") && !claudeSettings.test(name) && name.split("_").some((word) => claudeMarks.has(word))

const strippedNames = new Set([
  "AI_AGENT",
  "CLAUDECODE",
  "GEMINI_CLI",
  "OPENCODE",
  "AGENT",
  "TMUX",
  "TMUX_PANE",
  "STY",
  "COLUMNS",
  "LINES"
])
/** The terminal and its multiplexer: the agent has a terminal of its own, with its own size. */
const terminals = [
  "ZELLIJ",
  "KITTY_",
  "WEZTERM_",
  "ITERM_",
  "VTE_VERSION",
  "TERM_PROGRAM",
  "TERM_SESSION_ID",
  "VSCODE_"
]
const strippedPrefixes = [...credentials, ...otherAgent, ...sessions, ...terminals]

/** Not a mark, although it begins like one. */
const kept = new Set(["CURSOR_API_KEY"])

/** What every hosted program gets (S 3.4): no ghost text in the composer, no update in the middle of a session. */
const always = { CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: "false", DISABLE_AUTOUPDATER: "1" }

const startsWithOneOf = (name: string, prefixes: ReadonlyArray<string>) =>
  prefixes.some((prefix) => name.startsWith(prefix))

const isStripped = (name: string) =>
  !kept.has(name) && (isClaudeMark(name) || strippedNames.has(name) || startsWithOneOf(name, strippedPrefixes))

const isBlank = (value: string | undefined) => value === undefined || value.trim() === ""

/** A broker that a service manager started has no locale, and programs then draw their frames in ASCII, or not at all. */
const localeOf = (environment: Readonly<Record<string, string>>) =>
  ["LC_ALL", "LC_CTYPE", "LANG"].every((name) => isBlank(environment[name])) ? { LANG: "C.UTF-8" } : {}

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
  Object.assign(environment, localeOf(environment))
  const term = environment["TERM"]?.trim() ?? ""
  if (term === "" || term === "dumb") environment["TERM"] = "xterm-256color"
  return environment
}
