/** A broker to measure. */
import { spawnSync } from "node:child_process"
import { commandOf } from "../../src/testing/BrokerProcess.ts"
import type { Who } from "./Figures.ts"

export interface Subject {
  readonly who: Who
  readonly program: string
  /** What `--version` prints. */
  readonly version: string
}

/** Undefined when it cannot be run. */
export const subject = (who: Who, program: string): Subject | undefined => {
  const [command, ...words] = commandOf(program)
  const { status, stdout } = spawnSync(command, [...words, "--version"], { encoding: "utf8", timeout: 10_000 })
  return status === 0 ? { who, program, version: stdout.trim() } : undefined
}
