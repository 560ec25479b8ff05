/** Real terminals with real programs: what a fake cannot promise. */
import { createHash } from "node:crypto"
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { NodePty } from "../../src/pty/NodePty.ts"
import { Pty, type PtyOptions } from "../../src/pty/Pty.ts"
import { until } from "../support/until.ts"
import { readAll, readUntil, suite } from "./PtySuite.ts"

const sh = (script: string) => ({ command: "sh", args: ["-c", script] })
const env = { PATH: process.env["PATH"] ?? "", TERM: "xterm" }

suite("NodePty", NodePty.layer, (behaviour) => {
  switch (behaviour) {
    case "echoes":
      return { command: "cat", args: [] }
    case "says hello, exits 7":
      return sh("echo hello; exit 7")
    case "says tail, killed by SIGSEGV":
      return sh("printf tail; kill -SEGV $$")
    case "never reads":
      return sh("stty raw -echo; echo deaf; exec sleep 60")
    case "ignores SIGTERM":
      return sh("trap '' TERM HUP; echo stubborn; while :; do sleep 5; done")
  }
})

const spawn = (options: Pick<PtyOptions, "command" | "args"> & Partial<PtyOptions>) =>
  Effect.flatMap(Pty, (pty) => pty.spawn({ cwd: "/", env, cols: 100, rows: 30, ...options }))

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-pty-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

/** Not a zombie: who inherits an orphan may take its time to reap it. */
const isRunning = (pid: number) => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

const test = (title: string, body: Effect.Effect<void, unknown, Pty | Scope.Scope>, timeout?: number) =>
  it.scopedLive(title, () => Effect.provide(body, NodePty.layer), timeout)

describe("real programs", () => {
  test(
    "a mebibyte reaches a raw-mode reader intact",
    Effect.gen(function* () {
      const size = 1024 * 1024
      const data = Array.from({ length: size }, (_, i) => String.fromCharCode(33 + ((i * 7 + (i >> 8)) % 90))).join("")
      const reader = yield* spawn(sh(`stty raw -echo; echo ready; head -c ${size} | sha256sum`))
      yield* readUntil(reader.output, "ready")
      yield* reader.write(data)
      assert.include(yield* readAll(reader.output), createHash("sha256").update(data).digest("hex"))
    }),
    20_000
  )

  test(
    "64 KiB just before the exit arrive whole, three hundred times",
    Effect.gen(function* () {
      const directory = yield* temporary
      const file = join(directory, "burst")
      const burst = Array.from({ length: 64 * 1024 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("")
      writeFileSync(file, burst)
      const wrong = yield* Effect.forEach(
        Array.from({ length: 300 }, (_, child) => child),
        (child) =>
          Effect.scoped(
            Effect.gen(function* () {
              const exitCode = child % 100
              const program = yield* spawn({ command: "sh", args: ["-c", `cat "$1"; exit ${exitCode}`, "sh", file] })
              const text = yield* readAll(program.output)
              assert.deepStrictEqual(yield* program.exit, { exitCode, signal: 0 })
              return text === burst ? [] : [{ child, bytes: text.length }]
            })
          ),
        { concurrency: 10 }
      )
      assert.deepStrictEqual(wrong.flat(), [])
    }),
    90_000
  )

  test(
    "the tail arrives although the event loop was blocked when the program ended",
    Effect.gen(function* () {
      const directory = yield* temporary
      const file = join(directory, "burst")
      writeFileSync(file, "t".repeat(60_000))
      for (let i = 0; i < 3; i++) {
        const program = yield* spawn({ command: "cat", args: [file] })
        for (const from = performance.now(); performance.now() - from < 300; );
        assert.strictEqual((yield* readAll(program.output)).length, 60_000)
        assert.deepStrictEqual(yield* program.exit, { exitCode: 0, signal: 0 })
      }
    })
  )

  test(
    "output that nobody takes until after the exit is not lost either, and reading paused meanwhile",
    Effect.gen(function* () {
      const directory = yield* temporary
      const file = join(directory, "flood")
      writeFileSync(file, "y".repeat(2 * 1024 * 1024))
      const program = yield* spawn({ command: "cat", args: [file] })
      // Left alone, the reader stops at its mark and the program is stuck in its write.
      assert.strictEqual((yield* Effect.timeoutOption(program.exit, "150 millis"))._tag, "None")
      assert.strictEqual((yield* readAll(program.output)).length, 2 * 1024 * 1024)
      yield* program.exit
    })
  )

  test(
    "a program that never reads costs little and delays nobody",
    Effect.gen(function* () {
      const deaf = yield* spawn(sh("stty raw -echo; echo deaf; exec sleep 60"))
      yield* readUntil(deaf.output, "deaf")
      const echo = yield* spawn(sh("stty raw -echo; echo ready; exec cat"))
      yield* readUntil(echo.output, "ready")
      const stuck = yield* Effect.fork(deaf.write("x".repeat(1024 * 1024)))
      yield* Effect.sleep("50 millis")
      const before = process.cpuUsage()
      yield* Effect.sleep("500 millis")
      const used = process.cpuUsage(before)
      assert.isBelow((used.user + used.system) / 1000, 100, "milliseconds of CPU in half a second")
      const times: Array<number> = []
      for (let i = 0; i < 20; i++) {
        const from = performance.now()
        yield* echo.write(`ping ${i};`)
        yield* readUntil(echo.output, `ping ${i};`)
        times.push(performance.now() - from)
      }
      assert.isBelow(times.sort((a, b) => a - b)[10]!, 20, "median round trip in milliseconds")
      yield* Fiber.interrupt(stuck)
    })
  )

  test(
    "a character split between two writes of the program stays whole",
    Effect.gen(function* () {
      const program = yield* spawn(
        sh("printf 'a\\303'; sleep 0.1; printf '\\251\\360\\237'; sleep 0.1; printf '\\230\\200z'")
      )
      assert.strictEqual(yield* readAll(program.output), "aé😀z")
    })
  )

  test(
    "a character split at the exit itself stays whole",
    Effect.gen(function* () {
      for (let i = 0; i < 10; i++) {
        const program = yield* spawn(sh("printf 'a\\303'; printf '\\251'"))
        assert.strictEqual(yield* readAll(program.output), "aé")
      }
    })
  )

  test(
    "the exit is known at once, also while a background job holds the terminal",
    Effect.gen(function* () {
      const from = performance.now()
      const program = yield* spawn(sh("trap '' HUP; sleep 3 & echo done"))
      yield* program.exit
      assert.isBelow(performance.now() - from, 1_000)
    })
  )

  test(
    "an exit is not held up by node-pty's own wait of 200 ms",
    Effect.gen(function* () {
      const times: Array<number> = []
      for (let i = 0; i < 5; i++) {
        const program = yield* spawn({ command: "true", args: [] })
        const from = performance.now()
        yield* program.exit
        times.push(performance.now() - from)
      }
      assert.isBelow(Math.min(...times), 150)
    })
  )

  test(
    "what is left of the group is ended with the scope",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const program = yield* Scope.extend(spawn(sh("trap '' HUP TERM; sleep 30 & echo pid=$!.; exit 0")), scope)
      const text = yield* readAll(program.output)
      const survivor = Number(/pid=(\d+)\./.exec(text)?.[1])
      yield* program.exit
      assert.isTrue(isRunning(survivor), "the background job outlives its parent")
      yield* Scope.close(scope, Exit.void)
      yield* until(() => !isRunning(survivor))
    }),
    10_000
  )

  test(
    "a hundred starts and exits leave no descriptor behind",
    Effect.gen(function* () {
      const cycle = Effect.scoped(Effect.flatMap(spawn({ command: "true", args: [] }), (program) => program.exit))
      const count = () => readdirSync("/proc/self/fd").length
      yield* cycle // the first one loads native code
      const before = count()
      yield* Effect.replicateEffect(cycle, 100, { concurrency: 4, discard: true })
      assert.strictEqual(count(), before)
    }),
    30_000
  )

  test(
    "size, environment and directory are as asked for, the program's pid is reported",
    Effect.gen(function* () {
      const program = yield* spawn({
        ...sh("stty size; pwd; env | sort | tr '\\n' ' '; echo pid=$$."),
        cwd: "/tmp",
        env: { ...env, MARK: "m1" },
        cols: 91,
        rows: 17
      })
      const text = yield* readAll(program.output)
      assert.include(text, "17 91")
      assert.include(text, "/tmp")
      assert.include(text, "MARK=m1")
      assert.notInclude(text, "npm_")
      assert.include(text, `pid=${program.pid}.`)
    })
  )

  test(
    "a resize is seen by the program",
    Effect.gen(function* () {
      const program = yield* spawn(sh("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"))
      yield* readUntil(program.output, "ready")
      yield* program.resize(77, 11)
      assert.include(yield* readUntil(program.output, "11 77"), "11 77")
    })
  )

  test(
    "a missing program or directory is found before the fork and named",
    Effect.gen(function* () {
      const reason = (options: Parameters<typeof spawn>[0]) => Effect.map(Effect.flip(spawn(options)), (e) => e.reason)
      assert.strictEqual(yield* reason({ command: "no-such-cli", args: [] }), "command not found: no-such-cli")
      assert.strictEqual(yield* reason({ command: "cat", args: [], cwd: "/no/such" }), "no such directory: /no/such")
      assert.strictEqual(yield* reason({ command: "./absent", args: [] }), "command not found: ./absent")
      const directory = yield* temporary
      const script = join(directory, "tool")
      writeFileSync(script, "#!/bin/sh\necho $0\n")
      chmodSync(script, 0o644)
      assert.strictEqual(yield* reason({ command: "./tool", args: [], cwd: directory }), `not executable: ${script}`)
    })
  )

  test(
    "a shim is started under its own name; an empty PATH has the usual places",
    Effect.gen(function* () {
      const directory = yield* temporary
      writeFileSync(join(directory, "manager"), "#!/bin/sh\necho called as $0\n", { mode: 0o755 })
      symlinkSync(join(directory, "manager"), join(directory, "shim"))
      const shim = yield* spawn({ command: "shim", args: [], env: { PATH: `/nowhere:${directory}:/usr/bin:/bin` } })
      assert.include(yield* readAll(shim.output), `called as ${join(directory, "shim")}`)
      const bare = yield* spawn({ ...sh("echo found"), env: { PATH: "" } })
      assert.include(yield* readAll(bare.output), "found")
    })
  )
})
