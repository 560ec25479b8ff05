/** What the broker's launcher left open: the agents get none of it, with a terminal and without. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually, makeWorld, program, root, temporaryHome } from "./rig.ts"

const launcher = join(root, "fixtures", "programs", "careless-launcher.mjs")

const openIn = (pid: number): ReadonlyArray<string> =>
  readdirSync(`/proc/${pid}/fd`).map((number) => readlinkSync(`/proc/${pid}/fd/${number}`))

describe.skipIf(process.platform !== "linux")("descriptors that the launcher left open", () => {
  it.scopedLive("reach the broker, and no agent of it", () =>
    Effect.gen(function* () {
      const home = yield* temporaryHome
      const bin = join(home, "bin")
      mkdirSync(bin)
      // A run for one message, which lists what it has open.
      writeFileSync(join(bin, "claude"), `#!/bin/sh\nls -l /proc/$$/fd > "${home}/listed"\necho done\n`)
      chmodSync(join(bin, "claude"), 0o755)
      const env = { BROKER: program, PATH: `${bin}:${process.env["PATH"]}` }
      const { broker } = yield* makeWorld({ home, program: launcher, env })
      const { pid } = JSON.parse(readFileSync(join(broker.stateDir, "connection.json"), "utf8")) as { pid: number }
      assert.strictEqual(openIn(pid).filter((path) => path === process.execPath).length, 3, "the launcher is careless")

      // First the one without a terminal: nothing has been closed for one with a terminal yet.
      yield* broker.expect("POST", "/api/spawn", { name: "h1", cli: "claude", transport: "headless", task: "list" })
      const listed = yield* eventually(() => {
        const found = readdirSync(home).includes("listed") && readFileSync(join(home, "listed"), "utf8")
        return found !== false && / 2 -> /.test(found) && found
      }, "the list of the headless agent")
      assert.notInclude(listed, process.execPath)

      const spawned = (yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: "cat" })) as { pid: number }
      const own = new Set(openIn(spawned.pid))
      assert.strictEqual(own.size, 1, [...own].join(", "))
      assert.match([...own][0] ?? "", /^\/dev\/pts\/\d+$/)
    })
  )
})
