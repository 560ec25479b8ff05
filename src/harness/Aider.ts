/** aider: it speaks no MCP, so the relay's tools are not there; it reads and answers in its terminal. */
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import { aider } from "./terminal/lineEditors.ts"

export const Aider: Harness = {
  family: "aider",
  launch: { plan: (context) => assemble(context, {}) },
  terminal: aider
}
