/** The known families, by the name of the program; the first match wins, anything else is `Generic`. */
import { Aider } from "./Aider.ts"
import { Antigravity } from "./Antigravity.ts"
import { CursorAgent } from "./CursorAgent.ts"
import { Claude } from "./claude/Claude.ts"
import { Codex } from "./codex/Codex.ts"
import { Droid } from "./Droid.ts"
import { Goose } from "./Goose.ts"
import { Grok } from "./Grok.ts"
import { Gemini } from "./gemini/Gemini.ts"
import type { Harness, HarnessChoice } from "./Harness.ts"
import { Opencode } from "./opencode/Opencode.ts"
import { Qwen } from "./qwen/Qwen.ts"

const named = (harness: Harness, ...names: ReadonlyArray<string>): HarnessChoice => ({
  matches: (programName) => names.includes(programName),
  harness
})

export const families: ReadonlyArray<HarnessChoice> = [
  { matches: (programName) => programName === "claude" || programName.startsWith("claude:"), harness: Claude },
  named(Codex, "codex"),
  named(Gemini, "gemini"),
  named(Qwen, "qwen"),
  named(Antigravity, "agy"),
  named(Opencode, "opencode"),
  named(CursorAgent, "cursor-agent", "cursor", "agent"),
  named(Droid, "droid"),
  named(Grok, "grok"),
  named(Aider, "aider"),
  named(Goose, "goose")
]
