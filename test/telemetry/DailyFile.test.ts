import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { fileLogging, keptDays, logDirectory, openDailyFile } from "../../src/telemetry/DailyFile.ts"

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rb-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("the log file of the day", () => {
  it.scopedLive("is made for the user alone, begins anew each day, and the oldest go", () =>
    Effect.gen(function* () {
      const directory = join(yield* temporary, "a", "logs")
      const file = openDailyFile({ directory, id: "rig", complain: assert.fail })
      file.append("first", new Date("2026-01-01T23:59:59Z"))
      writeFileSync(join(directory, "rig-2.log.2025-01-01"), "of another broker")
      for (let day = 2; day <= keptDays + 5; day++) {
        file.append(`day ${day}`, new Date(Date.UTC(2026, 0, day)))
      }
      yield* Effect.promise(file.close)
      const names = readdirSync(directory).filter((name) => name.startsWith("rig.log."))
      assert.lengthOf(names, keptDays)
      assert.notInclude(names, "rig.log.2026-01-01")
      assert.isTrue(existsSync(join(directory, "rig-2.log.2025-01-01")))
      const last = join(directory, "rig.log.2026-01-19")
      assert.strictEqual(readFileSync(last, "utf8"), "day 19\n")
      assert.strictEqual(statSync(last).mode & 0o777, 0o600)
      assert.strictEqual(statSync(directory).mode & 0o777, 0o700)
    })
  )

  it.scopedLive("costs nothing but the log when it cannot be made", () =>
    Effect.gen(function* () {
      const directory = yield* temporary
      writeFileSync(join(directory, "blocked"), "a file, not a directory")
      const reasons: Array<string> = []
      const file = openDailyFile({
        directory: join(directory, "blocked", "logs"),
        id: "rig",
        complain: (reason) => void reasons.push(reason)
      })
      file.append("lost", new Date(0))
      file.append("lost", new Date(1))
      assert.lengthOf(reasons, 1)
      file.append("tried again", new Date(86_400_000))
      assert.lengthOf(reasons, 2)
      yield* Effect.promise(file.close)
      chmodSync(directory, 0o700)
    })
  )

  it.scoped("has JSON, one record per line, without credentials", () =>
    Effect.gen(function* () {
      const directory = yield* temporary
      yield* TestClock.setTime(Date.UTC(2026, 4, 6))
      yield* Effect.logInfo("up with rk_live_0123456789abcdef").pipe(
        Effect.annotateLogs({ agent: "w1" }),
        Effect.provide(fileLogging({ directory, id: "rig" }))
      )
      const [line = "", ...rest] = readFileSync(join(directory, "rig.log.2026-05-06"), "utf8").split("\n")
      assert.deepStrictEqual(rest, [""])
      assert.deepStrictEqual(JSON.parse(line), {
        time: "2026-05-06T00:00:00.000Z",
        level: "info",
        message: "up with rk_<redacted>",
        agent: "w1"
      })
    })
  )

  it("is where the system keeps logs", () => {
    const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
      logDirectory({ platform, env, home: platform === "win32" ? "C:\\u" : "/u" })
    assert.deepStrictEqual(
      [
        at("linux"),
        at("linux", { XDG_STATE_HOME: "/s" }),
        at("linux", { XDG_STATE_HOME: "s" }),
        at("darwin"),
        at("win32")
      ],
      [
        "/u/.local/state/agentworkforce/relay/logs",
        "/s/agentworkforce/relay/logs",
        "/u/.local/state/agentworkforce/relay/logs",
        "/u/Library/Logs/agentworkforce/relay",
        "C:\\u\\AppData\\Local\\agentworkforce\\relay\\Logs"
      ]
    )
  })
})
