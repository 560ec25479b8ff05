/** A program of no known family: a shell, a REPL, `cat`, somebody's own agent. */
import { assemble } from "./argv.ts"
import type { Harness } from "./Harness.ts"
import { generic } from "./terminal/generic.ts"

export const Generic: Harness = {
  family: "generic",
  launch: { plan: (context) => assemble(context, {}) },
  terminal: generic
}
