/** The process of an app-server, with small programs in its place. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { type AppServer, start } from "../../../src/harness/codex/AppServer.ts"
import * as Door from "../../../src/harness/codex/Door.ts"
import { nativeProgram } from "../../../src/harness/codex/native.ts"
import { isSaved } from "../../../src/harness/codex/session.ts"
import { liveAsk } from "../../../src/harness/liveAsk.ts"
import { connect, directory } from "./rig.ts"

const run = (script: string) =>
  start({ commandLine: { command: process.execPath, args: ["-e", script] }, cwd: "/", env: {} })

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The first line for which the test holds. */
const until = (server: AppServer, test: (line: string) => boolean) =>
  Effect.async<string>((resume) =>
    server.listen((line) => {
      if (test(line)) resume(Effect.succeed(line))
    })
  )

describe("an app-server's process", () => {
  it.scopedLive("is spoken to line by line, whatever pieces come", () =>
    Effect.gen(function* () {
      const server = yield* run(`
        process.stdin.setEncoding("utf8").on("data", (text) => {
          process.stdout.write("ec")
          setImmediate(() => process.stdout.write("ho " + text + "two\\nthr"))
          setImmediate(() => setImmediate(() => process.stdout.write("ee €\\n")))
        })`)
      const lines: Array<string> = []
      const done = until(server, (line) => {
        lines.push(line)
        return line.startsWith("three")
      })
      server.send("hello €")
      yield* done
      assert.deepStrictEqual(lines, ["echo hello €", "two", "three €"])
    })
  )
  it.scopedLive("what it wrote before anybody listened is not lost", () =>
    Effect.gen(function* () {
      const server = yield* run(`console.log("early"); process.stdin.resume()`)
      yield* Effect.yieldNow() // nothing depends on it: either way the line comes
      assert.strictEqual(yield* until(server, () => true), "early")
    })
  )
  it.scopedLive("ends with its input, as codex does, before any signal", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const server = yield* Scope.extend(
        run(`process.on("SIGTERM", () => process.exit(9)); process.stdin.resume().on("end", () => process.exit(0))
             console.log("up")`),
        scope
      )
      yield* until(server, () => true)
      yield* Scope.close(scope, Exit.void)
      assert.match(yield* server.gone, /exit code 0/)
    })
  )
  it.scopedLive("is ended by signals when that does not end it, with what it started", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const server = yield* Scope.extend(
        run(`const { spawn } = require("node:child_process")
             const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])
             setInterval(() => {}, 1000); process.on("SIGTERM", () => {}); process.on("SIGHUP", () => {})
             child.once("spawn", () => console.log(child.pid))`),
        scope
      )
      const child = Number(yield* until(server, () => true))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(isAlive(server.pid))
      // Its parent is gone: it may be a zombie for a moment, until somebody takes it.
      yield* Effect.repeat(
        Effect.sync(() => isAlive(child)),
        { while: (alive) => alive, schedule: Schedule.spaced("10 millis") }
      )
    })
  )
  it.scopedLive("its last error is the reason of its end", () =>
    Effect.gen(function* () {
      const server = yield* run(`console.error("Error loading config.toml: no"); process.exit(1)`)
      assert.strictEqual(yield* server.gone, "Error loading config.toml: no")
    })
  )
  it.scopedLive("a program that cannot be run is a reason, no defect", () =>
    Effect.gen(function* () {
      const failed = yield* Effect.flip(
        start({ commandLine: { command: "/nowhere/codex", args: [] }, cwd: "/", env: {} })
      )
      assert.match(failed, /ENOENT/)
    })
  )
})

describe("the door for the screen", () => {
  it.scopedLive("is in a directory that is this user's alone, also when the agent's own path is too long", () =>
    Effect.gen(function* () {
      const { statSync } = yield* Effect.promise(() => import("node:fs"))
      const base = yield* directory
      for (const place of [join(base, "agent"), join(base, "long".repeat(30))]) {
        const path = yield* Door.open({ directory: place, onScreen: () => undefined, onSlow: () => {} })
        assert.isAtMost(Buffer.byteLength(path), 103)
        assert.strictEqual(statSync(dirname(path)).mode & 0o777, 0o700)
      }
    })
  )
  it.scopedLive("closes with its scope, and its connection with it", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const base = yield* directory
      const open = Door.open({ directory: base, onScreen: () => () => {}, onSlow: () => {} })
      const path = yield* Scope.extend(open, scope)
      const screen = yield* connect(path)
      yield* Scope.close(scope, Exit.void)
      yield* screen.closed
      yield* Effect.flip(connect(path))
    })
  )
  it.scopedLive("a screen that does not read makes its server wait, and lets it go on", () =>
    Effect.gen(function* () {
      const base = yield* directory
      const slow = yield* Deferred.make<void>()
      const again = yield* Deferred.make<void>()
      let screen: Door.Screen | undefined
      const path = yield* Door.open({
        directory: base,
        onScreen: (one) => {
          screen = one
          return () => {}
        },
        onSlow: (isSlow) => void Deferred.unsafeDone(isSlow ? slow : again, Exit.void)
      })
      const client = yield* connect(path)
      const line = JSON.stringify({ method: "big", params: "x".repeat(6 * 1024 * 1024) })
      screen?.send(line)
      yield* Deferred.await(slow)
      yield* client.until(({ method }) => method === "big")
      yield* Deferred.await(again)
    })
  )
})

describe("the program behind codex", () => {
  const layout = (base: string) => {
    const root = join(base, "lib", "node_modules", "@openai", "codex")
    const vendor = join(base, "lib", "node_modules", "@openai", "codex-linux-x64")
    const program = join(vendor, "vendor", "x86_64-unknown-linux-musl", "bin", "codex")
    for (const path of [join(root, "bin"), dirname(program), join(base, "bin")]) mkdirSync(path, { recursive: true })
    writeFileSync(join(root, "package.json"), JSON.stringify({ name: "@openai/codex", version: "0.171.0" }))
    writeFileSync(join(vendor, "package.json"), JSON.stringify({ name: "@openai/codex" }))
    writeFileSync(join(root, "bin", "codex.js"), "")
    writeFileSync(program, "")
    symlinkSync(join(root, "bin", "codex.js"), join(base, "bin", "codex"))
    return { command: join(base, "bin", "codex"), program }
  }
  it.scoped("is found in the package that npm installed (layout of 0.171.0)", () =>
    Effect.gen(function* () {
      const { command, program } = layout(yield* directory)
      assert.strictEqual(yield* nativeProgram(command, "linux x64"), program)
    })
  )
  it.scoped("is codex itself where there is no such package, or not for this machine", () =>
    Effect.gen(function* () {
      const base = yield* directory
      const { command } = layout(base)
      assert.strictEqual(yield* nativeProgram(command, "linux arm64"), command)
      assert.strictEqual(yield* nativeProgram(command, "sunos x64"), command)
      const alone = join(base, "codex")
      writeFileSync(alone, "")
      assert.strictEqual(yield* nativeProgram(alone, "linux x64"), alone)
    })
  )
})

describe("a saved thread (codex 0.171.0)", () => {
  const id = "01a22dc2-cb45-71b2-8055-183b7675b89f"
  const context = (home: string) => ({ environment: { HOME: "/nowhere", CODEX_HOME: home } }) as never
  const saved = (home: string, day: string, name: string) => {
    mkdirSync(join(home, "sessions", day), { recursive: true })
    writeFileSync(join(home, "sessions", day, name), "")
  }
  const ask = liveAsk({ cwd: "/", env: {} })
  it.scoped("is looked for under the day on which its id was made, in any time zone", () =>
    Effect.gen(function* () {
      for (const day of ["2026/11/29", "2026/11/30", "2026/12/01"]) {
        const home = yield* directory
        saved(home, day, `rollout-2026-11-30T18-41-10-${id}.jsonl`)
        assert.isTrue(yield* isSaved(id, context(home), ask))
      }
    })
  )
  it.scoped("another one is not it; of an id that tells no day nothing is said", () =>
    Effect.gen(function* () {
      const home = yield* directory
      saved(home, "2026/11/30", `rollout-2026-11-30T18-41-10-${id.replace("9f", "a0")}.jsonl`)
      assert.isFalse(yield* isSaved(id, context(home), ask))
      assert.isUndefined(yield* isSaved("my thread", context(home), ask))
    })
  )
})
