// A broker to judge: how it is run, and whether it brings agents back by itself.
import { spawnSync } from "node:child_process"
import { commandOf } from "../../dist/lib/testing/BrokerProcess.js"

const ask = (program, ...words) => {
  const [command, ...first] = commandOf(program)
  return spawnSync(command, [...first, ...words], { encoding: "utf8", timeout: 15_000 })
}

/** Undefined when it cannot be run. */
export const subject = (who, program) => {
  const version = ask(program, "--version")
  if (version.status !== 0) return undefined
  const respawns = ask(program, "init", "--help").stdout.includes("--respawn")
  return { who, program, version: version.stdout.trim().split("\n")[0], respawns }
}
