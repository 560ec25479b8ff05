/** What every `Pty` promises; run by the real terminals and by the fake. */
import { assert, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Mailbox from "effect/Mailbox"
import * as Scope from "effect/Scope"
import { Pty, type PtyOptions } from "../../src/pty/Pty.ts"

/** How a program behaves; each adapter says which command does that. */
export type Behaviour =
  | "echoes"
  | "says hello, exits 7"
  | "says tail, killed by SIGSEGV"
  | "never reads"
  | "ignores SIGTERM"

export type Commands = (behaviour: Behaviour) => Pick<PtyOptions, "command" | "args">

/** All output up to the end. */
export const readAll = (output: Mailbox.ReadonlyMailbox<string>): Effect.Effect<string> =>
  Effect.gen(function* () {
    let text = ""
    for (;;) {
      const [chunk, done] = yield* output.takeAll
      for (const part of chunk) text += part
      if (done) return text
    }
  })

/** Output until it contains `wanted`. */
export const readUntil = (output: Mailbox.ReadonlyMailbox<string>, wanted: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    let text = ""
    while (!text.includes(wanted)) {
      const [chunk, done] = yield* output.takeAll
      for (const part of chunk) text += part
      if (done) return yield* Effect.dieMessage(`output ended without ${wanted}: ${JSON.stringify(text)}`)
    }
    return text
  })

const place = { cwd: "/", cols: 100, rows: 30 }

export const suite = (name: string, layer: Layer.Layer<Pty>, commands: Commands) => {
  const start = (behaviour: Behaviour) =>
    Effect.flatMap(Pty, (pty) =>
      pty.spawn({ ...commands(behaviour), ...place, env: { PATH: process.env["PATH"] ?? "", TERM: "xterm" } })
    )
  const test = (title: string, body: Effect.Effect<void, unknown, Pty | Scope.Scope>) =>
    it.scopedLive(`${name}: ${title}`, () => Effect.provide(body, layer))

  test(
    "what is written reaches the program in order",
    Effect.gen(function* () {
      const echo = yield* start("echoes")
      yield* Effect.forEach(["one ", "two ", "three\n"], echo.write, { concurrency: "unbounded" })
      assert.include(yield* readUntil(echo.output, "three"), "one two three")
    })
  )
  test(
    "when the exit is known the output is complete, with the program's own exit code",
    Effect.gen(function* () {
      const program = yield* start("says hello, exits 7")
      assert.deepStrictEqual(yield* program.exit, { exitCode: 7, signal: 0 })
      const [messages, ended] = yield* program.output.takeAll
      assert.strictEqual([...messages].join("").trim(), "hello")
      assert.isTrue(ended)
    })
  )
  test(
    "the signal that ended the program is reported",
    Effect.gen(function* () {
      const program = yield* start("says tail, killed by SIGSEGV")
      assert.include(yield* readAll(program.output), "tail")
      assert.strictEqual((yield* program.exit).signal, 11)
    })
  )
  test(
    "writing and resizing after the end is PtyClosed, signals are nothing",
    Effect.gen(function* () {
      const program = yield* start("says hello, exits 7")
      yield* program.exit
      assert.strictEqual((yield* Effect.flip(program.write("late")))._tag, "PtyClosed")
      assert.strictEqual((yield* Effect.flip(program.resize(10, 10)))._tag, "PtyClosed")
      yield* program.signal("SIGKILL")
    })
  )
  test(
    "a write to a program that does not read waits, and the end of the program ends it",
    Effect.gen(function* () {
      const program = yield* start("never reads")
      yield* readUntil(program.output, "deaf")
      const writing = yield* Effect.fork(Effect.flip(program.write("x".repeat(256 * 1024))))
      yield* Effect.yieldNow()
      assert.isTrue((yield* Fiber.poll(writing))._tag === "None")
      yield* program.signal("SIGKILL")
      assert.strictEqual((yield* Fiber.join(writing))._tag, "PtyClosed")
    })
  )
  test(
    "more than 8 MiB do not wait",
    Effect.gen(function* () {
      const program = yield* start("never reads")
      yield* readUntil(program.output, "deaf")
      const first = yield* Effect.fork(program.write("x".repeat(6 * 1024 * 1024)))
      yield* Effect.yieldNow()
      const refused = yield* Effect.flip(program.write("x".repeat(3 * 1024 * 1024)))
      assert.strictEqual(refused._tag, "PtyBacklogFull")
      yield* Fiber.interrupt(first)
    })
  )
  test(
    "an abandoned write gives its room back",
    Effect.gen(function* () {
      const program = yield* start("never reads")
      yield* readUntil(program.output, "deaf")
      for (let i = 0; i < 3; i++) {
        const writing = yield* Effect.fork(program.write("x".repeat(6 * 1024 * 1024)))
        yield* Effect.yieldNow()
        assert.isTrue((yield* Fiber.poll(writing))._tag === "None")
        yield* Fiber.interrupt(writing)
      }
    })
  )
  test(
    "closing the scope ends the program",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const program = yield* Scope.extend(start("echoes"), scope)
      yield* Scope.close(scope, Exit.void)
      assert.isAbove((yield* program.exit).signal, 0)
    })
  )
  test(
    "closing the scope ends a program that ignores SIGTERM and SIGHUP, with SIGKILL",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const program = yield* Scope.extend(start("ignores SIGTERM"), scope)
      yield* readUntil(program.output, "stubborn")
      const [time] = yield* Effect.timed(Scope.close(scope, Exit.void))
      assert.strictEqual((yield* program.exit).signal, 9)
      assert.isBelow(Duration.toMillis(time), 4_000)
    })
  )
}
