/** The agent CLIs that are judged, and the other published programs the judge needs. Never dependencies of the project. */

export const families = ["claude", "codex", "gemini", "opencode", "qwen"] as const
export type Family = (typeof families)[number]
export type Tool = "agent-relay" | "broker"

export interface Source {
  /** Name in the npm registry. */
  readonly pkg: string
  /** Name of its command in `node_modules/.bin`. */
  readonly bin: string
  /** Its install script, below `node_modules`: npm is told to run none. */
  readonly script?: string
}

export const sources: { readonly [name in Family | Tool]: Source } = {
  claude: {
    pkg: "@anthropic-ai/claude-code",
    bin: "claude",
    script: "@anthropic-ai/claude-code/install.cjs"
  },
  codex: { pkg: "@openai/codex", bin: "codex" },
  gemini: { pkg: "@google/gemini-cli", bin: "gemini" },
  opencode: { pkg: "opencode-ai", bin: "opencode", script: "opencode-ai/postinstall.mjs" },
  qwen: { pkg: "@qwen-code/qwen-code", bin: "qwen" },
  "agent-relay": { pkg: "agent-relay", bin: "agent-relay" },
  broker: { pkg: `@agent-relay/broker-${process.platform}-${process.arch}`, bin: "agent-relay-broker" }
}

export const isFamily = (text: string): text is Family => (families as ReadonlyArray<string>).includes(text)

/** Judged unless asked otherwise; a new version is one line. The last of a family is its newest that is known to work. */
export const pinned: { readonly [name in Family | Tool]: ReadonlyArray<string> } = {
  claude: ["2.1.197", "2.1.332"],
  codex: ["0.171.0"],
  gemini: ["0.61.0"],
  opencode: ["1.18.33"],
  qwen: ["0.15.10"],
  "agent-relay": ["9.1.6"],
  broker: ["9.1.6"]
}
