/** What a program has open when it starts: its own terminal, and nothing else of ours. node-pty 1.2.0-beta.15 leaves gaps. */
import { execFileSync } from "node:child_process"
import { readdirSync, readlinkSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { NodePty } from "../../src/pty/NodePty.ts"
import { Pty } from "../../src/pty/Pty.ts"
import { readAll, readUntil } from "./PtySuite.ts"

const env = { PATH: process.env["PATH"] ?? "", TERM: "xterm" }

const spawn = (script: string) =>
  Effect.flatMap(Pty, (pty) => pty.spawn({ command: "sh", args: ["-c", script], cwd: "/", env, cols: 200, rows: 30 }))

const startCat = Effect.gen(function* () {
  const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
  const program = yield* Scope.extend(spawn("echo on; exec cat"), scope)
  yield* readUntil(program.output, "on")
  return { pid: program.pid, end: Scope.close(scope, Exit.void) }
})

const openIn = (pid: number): ReadonlyArray<string> =>
  readdirSync(`/proc/${pid}/fd`).map((number) => readlinkSync(`/proc/${pid}/fd/${number}`))

describe.skipIf(process.platform !== "linux")("descriptors of a program", () => {
  it.scopedLive("are those of its own terminal, with many terminals open, some of which have closed", () =>
    Effect.gen(function* () {
      const before = yield* Effect.replicateEffect(startCat, 20)
      // Closed ones leave gaps in the broker's table, and what is above them must not be forgotten.
      yield* Effect.forEach(before.slice(3, 9), ({ end }) => end, { concurrency: "unbounded", discard: true })
      const after = yield* Effect.replicateEffect(startCat, 10)
      const living = [...before.slice(0, 3), ...before.slice(9), ...after]
      const terminals = living.map(({ pid }) => [...new Set(openIn(pid))])
      for (const own of terminals) {
        assert.strictEqual(own.length, 1, `more than one file: ${own.join(", ")}`)
        assert.match(own[0] ?? "", /^\/dev\/pts\/\d+$/)
      }
      assert.strictEqual(new Set(terminals.flat()).size, living.length, "a terminal of its own each")

      // What it can list itself, and what another child of the broker can.
      const listed = yield* Effect.flatMap(spawn("ls -l /proc/self/fd"), ({ output }) => readAll(output))
      assert.notInclude(listed, "/dev/ptmx")
      assert.deepStrictEqual(
        [...listed.matchAll(/ (\d+) -> /g)].map(([, number]) => number),
        ["0", "1", "2", "3"]
      )
      assert.notInclude(execFileSync("ls", ["-l", "/proc/self/fd"]).toString(), "/dev/ptmx")
    }).pipe(Effect.provide(NodePty.layer))
  )
})
