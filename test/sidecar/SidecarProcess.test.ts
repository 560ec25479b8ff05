import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { launcher } from "../../src/sidecar/SidecarProcess.ts"
import { until } from "../support/until.ts"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-sidecar-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const sh = (script: string, cwd: string, env: Record<string, string> = {}) =>
  ({ argv: ["/bin/sh", "-c", script], cwd, env }) as const

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    // A zombie of somebody else's has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== ""
  } catch {
    return false
  }
}
describe("a sidecar's process", () => {
  it.scopedLive("writes to a private log, in its directory, with its variables and without the broker's key", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const logPath = join(home, "team", "sidecar.log")
      const inherited = { PATH: process.env["PATH"], RELAY_BROKER_API_KEY: "br_secret", LANG: "C" }
      const launch = launcher({ inherited, logPath })
      const child = yield* launch(sh(`pwd; env; echo wrong >&2; exit 3`, home, { RELAY_BASE_URL: "http://e" }))
      assert.strictEqual(yield* child.exit, "exit code 3")
      const log = readFileSync(logPath, "utf8")
      for (const line of [home, "RELAY_BASE_URL=http://e", "LANG=C", "wrong"]) assert.include(log, line)
      assert.notInclude(log, "br_secret")
      assert.strictEqual(statSync(logPath).mode & 0o777, 0o600)
      const again = yield* launch(sh("echo second", home))
      yield* again.exit
      assert.isTrue(readFileSync(logPath, "utf8").startsWith(log))
    })
  )

  it.scopedLive("takes its whole group along, by a signal and by its own end", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const logPath = join(home, "log")
      const launch = launcher({ inherited: { PATH: process.env["PATH"] }, logPath })
      const grandchild = () => Number(/child (\d+)\n$/.exec(readFileSync(logPath, "utf8"))?.[1] ?? 0)

      const first = yield* launch(sh("sleep 300 & echo child $!; wait", home))
      yield* until(() => grandchild() > 0)
      const one = grandchild()
      yield* first.signal("SIGTERM")
      assert.strictEqual(yield* first.exit, "SIGTERM")
      yield* until(() => !isAlive(one))

      const second = yield* launch(sh("sleep 300 & echo child $!; exit 0", home))
      assert.strictEqual(yield* second.exit, "exit code 0")
      yield* until(() => grandchild() > 0 && grandchild() !== one)
      yield* until(() => !isAlive(grandchild()))
      // Nobody is left to be signalled.
      yield* second.signal("SIGKILL")
    })
  )

  it.scopedLive("that cannot be started says why", () =>
    Effect.gen(function* () {
      const home = yield* directory
      const launch = launcher({ inherited: {}, logPath: undefined })
      const missing = yield* Effect.flip(launch({ argv: ["/no/such/program"], cwd: home, env: {} }))
      assert.include(missing.message, "ENOENT")
      const nowhere = yield* Effect.flip(launch({ argv: ["/bin/true"], cwd: join(home, "gone"), env: {} }))
      assert.include(nowhere.message, "not started")
      const unwritable = launcher({ inherited: {}, logPath: "/dev/null/here.log" })
      assert.include(
        (yield* Effect.flip(unwritable({ argv: ["/bin/true"], cwd: home, env: {} }))).message,
        "not started"
      )
    })
  )
})
