/** A program of no known family: a shell, a REPL, `cat`, somebody's own agent. */
import type { Harness } from "./Harness.ts"
import { withModel } from "./model.ts"
import { generic } from "./terminal/generic.ts"

export const Generic: Harness = {
  family: "generic",
  launch: { commandLine: withModel, environment: {} },
  terminal: generic
}
