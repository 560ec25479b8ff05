/** What the judge knows of each program's screen: only to bring it into a state and to see that it is there. */
import type { Family } from "./versions.ts"

export interface ScreenFacts {
  /** Its composer, empty. */
  readonly composer: RegExp
  /** A permission dialog. */
  readonly permission: RegExp
  /** The key that allows once. */
  readonly allow: string
  /** A question to the person, where the program has one. */
  readonly question?: RegExp
  readonly answer: string
  /** Arguments with which it asks before it runs a tool. */
  readonly asks: ReadonlyArray<string>
  /** The command that compacts. */
  readonly compact: string
  /** Empties a draft. */
  readonly clear: string
}

export const facts: { readonly [family in Family]: ScreenFacts } = {
  claude: {
    composer: /^❯[\u00a0 ]*$|^❯[\u00a0 ]+(Try "|Press up to edit)/m,
    permission: /Do you want to proceed\?|Do you want to /,
    allow: "1",
    question: /Enter to select/,
    answer: "\r",
    asks: ["--allow-dangerously-skip-permissions", "--permission-mode", "default"],
    compact: "/compact",
    clear: "\x15"
  },
  codex: {
    composer: /^› (Ask Codex to do anything|Explain this codebase|Summarize recent commits|.*)$/m,
    permission: /Press enter to confirm or esc to cancel/,
    allow: "y",
    answer: "\r",
    asks: [
      "--ask-for-approval",
      "on-request",
      "--sandbox",
      "workspace-write",
      "-c",
      'developer_instructions="not in full-auto"'
    ],
    compact: "/compact",
    clear: "\x15"
  },
  gemini: {
    composer: /^ [>*] {3}Type your message/m,
    permission: /Allow execution of/,
    allow: "1",
    answer: "\r",
    asks: ["--yolo", "false"],
    compact: "/compress",
    clear: "\x15"
  },
  opencode: {
    composer: /^\s*╹▀▀▀/m,
    permission: /Permission required/,
    allow: "\r",
    answer: "\r",
    asks: [],
    compact: "/compact",
    clear: "\x15"
  },
  qwen: {
    composer: /^[>*] {3}Type your message/m,
    permission: /Yes, allow once/,
    allow: "\r",
    answer: "\r",
    asks: ["--yolo", "false"],
    compact: "/compress",
    clear: "\x15"
  }
}
