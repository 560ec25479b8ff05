/** Real processes whose broker is gone: who is ended, and who is left alone. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { build } from "esbuild"
import * as ChildRecords from "../../src/pty/ChildRecords.ts"
import { endLeftOver } from "../../src/pty/endLeftOver.ts"
import { capturedLogs } from "../identity/support.ts"

const sh = (script: string, env: Readonly<Record<string, string>>): ChildProcess =>
  spawn("/bin/sh", ["-c", script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...env }
  })

const isRunning = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0 // a zombie has no memory any more
  } catch {
    return false
  }
}

const makeRig = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-left-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const groups: Array<number> = []
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const group of groups) {
        try {
          process.kill(-group, "SIGKILL")
        } catch {
          // It has ended.
        }
      }
    })
  )
  const records = join(directory, "processes-proj")
  const children = ChildRecords.make(records)
  /** Never removed: what a killed broker leaves. Its script prints the pid of a job, and then waits. */
  const leave = (script: string) =>
    Effect.gen(function* () {
      const broken = yield* Scope.make()
      const child = yield* ChildRecords.recorded(children, "agent w1", (mark) =>
        Effect.sync(() => {
          const child = sh(script, mark)
          groups.push(child.pid!)
          return Object.assign(child, { pid: child.pid! })
        })
      ).pipe(Scope.extend(broken))
      const printed = yield* Effect.async<string>((resume) => {
        child.stdout!.once("data", (text: Buffer) => resume(Effect.succeed(text.toString())))
      })
      return { pid: child.pid, job: Number(printed), child, close: Scope.close(broken, Exit.void) }
    })
  const logs = capturedLogs()
  return {
    directory,
    records,
    leave,
    warnings: logs.warnings,
    end: Effect.provide(endLeftOver([records, join(directory, "nowhere")]), logs.layer)
  }
})

const withJob = "sleep 300 & echo $!; wait"

describe("what outlived a killed broker", () => {
  it.scopedLive("is ended with its group, and its record goes", () =>
    Effect.gen(function* () {
      const { end, leave, records, warnings } = yield* makeRig
      const { job, pid } = yield* leave(withJob)
      const [file = ""] = readdirSync(records)
      assert.strictEqual(statSync(records).mode & 0o777, 0o700)
      assert.strictEqual(statSync(join(records, file)).mode & 0o777, 0o600)
      yield* end
      assert.deepStrictEqual([isRunning(pid), isRunning(job)], [false, false])
      assert.deepStrictEqual(readdirSync(records), [])
      assert.deepStrictEqual(warnings, [
        `agent w1 (pid ${pid}) outlived a broker that was killed: it is ended, 2 process(es)`
      ])
      yield* end
      assert.strictEqual(warnings.length, 1)
    })
  )

  it.scopedLive("is killed when it ignores SIGTERM", () =>
    Effect.gen(function* () {
      const { end, leave } = yield* makeRig
      const { job, pid } = yield* leave("trap '' TERM; sleep 300 & echo $!; while :; do sleep 1; done")
      yield* end
      assert.deepStrictEqual([isRunning(pid), isRunning(job)], [false, false])
    })
  )

  it.scopedLive("is ended when only its job is left", () =>
    Effect.gen(function* () {
      const { end, leave } = yield* makeRig
      const { child, job } = yield* leave(withJob)
      child.kill("SIGKILL")
      yield* Effect.async<void>((resume) => void child.once("exit", () => resume(Effect.void)))
      assert.isTrue(isRunning(job))
      yield* end
      assert.isFalse(isRunning(job))
    })
  )

  it.scopedLive(
    "is another program when only the pid is the same, of this boot or a former one: it is left alone",
    () =>
      Effect.gen(function* () {
        const { end, leave, records, warnings } = yield* makeRig
        const later = yield* leave(withJob)
        const formerBoot = yield* leave(withJob)
        const change = (pid: number, more: object) => {
          const path = ChildRecords.recordPath(records, pid)
          writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...more }))
        }
        change(later.pid, { startTicks: 1 })
        change(formerBoot.pid, { boot: "another" })
        writeFileSync(join(records, "77.json"), '{"what":"torn')
        yield* end
        for (const pid of [later.pid, later.job, formerBoot.pid, formerBoot.job]) assert.isTrue(isRunning(pid))
        assert.deepStrictEqual(readdirSync(records), [])
        assert.deepStrictEqual(warnings, [])
      })
  )

  it.scopedLive("leaves no record when its broker ended it", () =>
    Effect.gen(function* () {
      const { leave, records } = yield* makeRig
      const { close } = yield* leave(withJob)
      assert.strictEqual(readdirSync(records).length, 1)
      yield* close
      assert.deepStrictEqual(readdirSync(records), [])
    })
  )

  it.scopedLive("where a broker is started from a surviving agent, that agent is left alone", () =>
    Effect.gen(function* () {
      const { directory, leave, records } = yield* makeRig
      const script = join(directory, "start.mjs")
      yield* Effect.promise(() =>
        build({
          stdin: {
            contents: `import * as Effect from "effect/Effect"
              import { endLeftOver } from "../../src/pty/endLeftOver.ts"
              await Effect.runPromise(endLeftOver([process.argv[2]]))`,
            resolveDir: import.meta.dirname
          },
          ...{ outfile: script, bundle: true, platform: "node", format: "esm", target: "node20" }
        })
      )
      // The shell is the surviving agent; what it runs does what a start does.
      const { pid } = yield* leave(`echo 0; sleep 1; "${process.execPath}" "${script}" "${records}"; exec sleep 300`)
      yield* Effect.suspend(() =>
        readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sleep") ? Effect.void : Effect.fail("not yet")
      ).pipe(Effect.retry(Schedule.spaced("50 millis").pipe(Schedule.upTo("20 seconds"))))
      assert.isTrue(isRunning(pid))
      assert.strictEqual(readdirSync(records).length, 1)
    })
  )
})
