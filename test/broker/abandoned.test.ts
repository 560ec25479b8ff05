import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "vitest"
import { abandonedDirs } from "../../src/broker/abandoned.ts"

it("only directories of ephemeral brokers whose process is gone", () => {
  const temporary = mkdtempSync(join(tmpdir(), "relay-broker-abandoned-"))
  const { pid: gone } = spawnSync("true")
  const hex = "0123456789abcdef0123456789abcdef"
  const abandoned = `agent-relay-ephemeral-${gone}-my-project-${hex}`
  const directories = [
    `${abandoned}/harness-my-project`,
    `${abandoned}/processes-my-project`,
    `${abandoned}/team`,
    `agent-relay-ephemeral-${process.pid}-live-${hex}/harness-live`,
    `agent-relay-ephemeral-${gone}-short/harness-short`,
    `${gone}/harness-other`
  ]
  try {
    for (const directory of directories) mkdirSync(join(temporary, directory), { recursive: true })
    assert.deepStrictEqual(abandonedDirs(temporary, "harness"), [join(temporary, directories[0]!)])
    assert.deepStrictEqual(abandonedDirs(temporary, "processes"), [join(temporary, directories[1]!)])
    assert.deepStrictEqual(abandonedDirs(join(temporary, "nowhere"), "harness"), [])
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
})
