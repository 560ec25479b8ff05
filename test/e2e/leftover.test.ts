/** What agents leave when their broker is killed (`kill -9`): the next start ends it, before it brings them back. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually, makeWorld, startBroker } from "./rig.ts"

const isRunning = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0 // a zombie has no memory any more
  } catch {
    return false
  }
}

describe("agents that outlive a killed broker", () => {
  it.scopedLive("are ended with their jobs by the next start, which then brings them back once", () =>
    Effect.gen(function* () {
      const { broker, home, options } = yield* makeWorld({ args: ["--persist", "--respawn"] })
      const scripts = {
        // Ended by the hang-up of its terminal; the second ignores it; the job of the third is in a group of its own.
        plain: "sleep 300 & echo $$ $!; cat",
        deaf: "trap '' HUP; sleep 300 & echo $$ $!; while :; do sleep 1; done",
        jobs: "set -m; sleep 300 & echo $$ $!; cat"
      }
      const pids = () =>
        Object.keys(scripts).flatMap((name) => {
          const log = join(broker.stateDir, "team", "worker-logs", `${name}.log`)
          const text = existsSync(log) ? readFileSync(log, "utf8") : ""
          return [...text.matchAll(/^(\d+) (\d+)\r?$/gm)].flatMap(([, own, job]) => [Number(own), Number(job)])
        })
      for (const [name, script] of Object.entries(scripts)) {
        yield* broker.expect("POST", "/api/spawn", { name, cli: "/bin/bash", args: ["-c", script] })
      }
      const before = yield* eventually(() => pids().length === 6 && pids(), "the pids of all")
      const records = join(broker.stateDir, `processes-${basename(home)}`)
      assert.strictEqual(readdirSync(records).length, 3)
      yield* broker.kill("SIGKILL")
      yield* broker.exited
      assert.isNotEmpty(before.filter(isRunning))

      const second = yield* startBroker(options)
      assert.deepStrictEqual(before.filter(isRunning), [])
      const back = yield* eventually(() => {
        const running = pids().filter(isRunning)
        return running.length === 6 && running
      }, "each once")
      yield* second.expect("POST", "/api/shutdown")
      yield* second.exited
      assert.deepStrictEqual(back.filter(isRunning), [])
      assert.deepStrictEqual(readdirSync(records), [])
    })
  )
})
