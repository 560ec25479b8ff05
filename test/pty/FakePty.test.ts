import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Pty, Pty as PtyTag } from "../../src/pty/Pty.ts"

import { type FakeProgram, FakePty } from "../../src/testing/FakePty.ts"
import { type Behaviour, suite } from "./PtySuite.ts"

const programs: Record<Behaviour, FakeProgram> = {
  echoes: (process) => process.onWrite(process.emit),
  "says hello, exits 7": (process) => Effect.zipRight(process.emit("hello\r\n"), process.exit({ exitCode: 7 })),
  "says tail, killed by SIGSEGV": (process) => Effect.zipRight(process.emit("tail"), process.exit({ signal: 11 })),
  "never reads": (process) => Effect.zipRight(process.stopReading, process.emit("deaf\r\n")),
  "ignores SIGTERM": (process) =>
    Effect.zipRight(process.ignoreSignals("SIGTERM", "SIGHUP"), process.emit("stubborn\r\n"))
}

const layer: Layer.Layer<Pty> = Layer.effectDiscard(
  Effect.flatMap(FakePty, (fake) =>
    Effect.forEach(Object.entries(programs), ([command, program]) => fake.program(command, program))
  )
).pipe(Layer.provideMerge(FakePty.layer))

suite("FakePty", layer, (behaviour) => ({ command: behaviour, args: [] }))

it.scoped("FakePty: a test can refuse the next start, and play a process by hand", () =>
  Effect.gen(function* () {
    const fake = yield* FakePty
    const pty = yield* PtyTag
    const options = { command: "x", args: ["a"], cwd: "/", env: {}, cols: 80, rows: 24 }
    yield* fake.failNextSpawn("command not found: x")
    assert.strictEqual((yield* Effect.flip(pty.spawn(options))).reason, "command not found: x")
    const process = yield* pty.spawn(options)
    const played = yield* fake.next
    yield* process.write("hi")
    assert.strictEqual(yield* played.nextWrite, "hi")
    yield* process.resize(10, 5)
    assert.deepStrictEqual(played.size(), { cols: 10, rows: 5 })
  }).pipe(Effect.provide(FakePty.layer))
)
