/** Agents without a terminal: real programs for one message. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import { families } from "../../src/harness/families.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { until } from "../support/until.ts"
import * as rig from "./rig.ts"

const script = join(import.meta.dirname, "..", "..", "fixtures", "programs", "fake-one-shot.mjs")

/** Programs `claude` and `opencode` in a directory of their own. */
const programs = Effect.acquireRelease(
  Effect.sync(() => {
    const bin = mkdtempSync(join(tmpdir(), "relay-broker-headless-"))
    for (const name of ["claude", "opencode"]) {
      writeFileSync(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`)
      chmodSync(join(bin, name), 0o755)
    }
    return bin
  }),
  (bin) => Effect.sync(() => rmSync(bin, { recursive: true, force: true }))
)

/** A shell script with this name, in a directory of its own. */
const scriptCalled = (name: string, body: string) =>
  Effect.map(programs, (bin) => {
    const path = join(bin, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    return path
  })

const layer = rig.fakeLayer({ harnesses: families })

const eventually = (check: () => boolean) =>
  Effect.suspend(() => (check() ? Effect.void : Effect.fail("not yet"))).pipe(
    Effect.retry(Schedule.spaced("10 millis").pipe(Schedule.upTo("10 seconds")))
  )

const start = (spec: Partial<AgentSpec> = {}) =>
  Effect.gen(function* () {
    const bin = yield* programs
    const env = { PATH: `${bin}:${process.env["PATH"]}`, ...spec.env }
    const worker = yield* rig.start(rig.specOf("w1", { cli: "claude", runtime: "headless", ...spec, env }))
    const events = yield* rig.Recorded
    const of = (kind: string) => events.filter((event) => event.kind === kind)
    const lines = (stream: string) =>
      events.flatMap((event) => (event.kind === "worker_stream" && event.stream === stream ? [event.chunk] : []))
    const given = () =>
      JSON.parse(lines("stdout").at(-1) ?? "{}") as {
        readonly argv: ReadonlyArray<string>
        readonly OPENCODE_PERMISSION?: string
      }
    yield* eventually(() => of("worker_ready").length === 1)
    return { worker, events, of, lines, given }
  })

describe("a headless agent", () => {
  it.scopedLive("runs its program with the message as it is, and its success is the receipt", () =>
    Effect.gen(function* () {
      const { events, given, lines, of, worker } = yield* start({ args: ["--verbose"] })
      assert.deepInclude(worker, { runtime: "headless", provider: "claude", pid: undefined })
      const sent = yield* rig.send(worker, { text: "do it\nnow" })
      rig.assertSubmitted(yield* sent.outcome, "turn_completed")
      assert.deepStrictEqual(sent.hooks, ["typing", "Submitted"])
      const exit = yield* worker.exit
      assert.deepInclude(exit, { exitCode: 0, signal: null, reason: "child_exited" })
      const { argv } = given()
      assert.deepStrictEqual(argv.slice(0, 3), ["-p", "--dangerously-skip-permissions", "--verbose"])
      assert.strictEqual(argv.at(-1), "do it\nnow")
      assert.deepStrictEqual(lines("stderr"), ["a warning"])
      assert.deepStrictEqual(
        events.map(({ kind }) => kind).filter((kind) => kind !== "worker_stream"),
        [
          "worker_ready",
          "delivery_queued",
          "delivery_injected",
          "delivery_active",
          "delivery_ack",
          "delivery_verified",
          "agent_exit",
          "agent_exited"
        ]
      )
      assert.deepInclude(of("delivery_active")[0], { pattern: "headless:claude" })
      assert.deepInclude(of("agent_exited")[0], { code: 0, signal: null })
      assert.isTrue(Option.isNone(yield* (yield* WorkerRegistry).find("w1")))
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("opencode may do everything, and its session is its own", () =>
    Effect.gen(function* () {
      const { given, worker } = yield* start({ cli: "opencode", model: "a/b" })
      yield* (yield* rig.send(worker, { text: "go" })).outcome
      assert.deepStrictEqual(given().argv, ["run", "--model", "a/b", "go"])
      assert.deepStrictEqual(JSON.parse(given().OPENCODE_PERMISSION ?? ""), {
        "*": "allow",
        external_directory: { "*": "allow" }
      })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a program that fails gives the message up, with its code", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start()
      const sent = yield* rig.send(worker, { text: "fail 3" })
      assert.deepStrictEqual(yield* sent.outcome, { _tag: "GivenUp", reason: "program_failed" })
      assert.deepInclude(yield* worker.exit, { exitCode: 3, reason: "child_exited" })
      assert.deepInclude(of("delivery_failed")[0], { reason: "claude exited with code 3" })
      assert.deepStrictEqual(of("delivery_ack"), [])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a program that is not there gives it up, too", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start({ env: { PATH: "/nowhere" } })
      const sent = yield* rig.send(worker, { text: "x" })
      assert.deepStrictEqual(yield* sent.outcome, { _tag: "GivenUp", reason: "program_failed" })
      assert.deepNestedInclude(of("worker_error")[0], { "error.code": "spawn_failed", "error.retryable": false })
      assert.deepInclude(yield* worker.exit, { exitCode: null, signal: null })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("and one that the system refuses, with why", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start({ env: { TOO_LONG: "x".repeat(200_000) } })
      const sent = yield* rig.send(worker, { text: "x" })
      assert.deepStrictEqual(yield* sent.outcome, { _tag: "GivenUp", reason: "program_failed" })
      assert.match((of("worker_error")[0] as { error: { message: string } }).error.message, /E2BIG/)
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("what comes second waits no longer than the run, and is refused after it", () =>
    Effect.gen(function* () {
      const { worker } = yield* start()
      const first = yield* rig.send(worker, { text: "one" })
      const second = yield* rig.send(worker, { text: "two" })
      yield* first.outcome
      assert.deepStrictEqual(yield* second.outcome, { _tag: "NotSubmitted", reason: "worker_exited" })
      assert.deepStrictEqual(second.hooks, ["NotSubmitted"])
      const third = yield* Effect.flip(rig.send(worker, { text: "three" }))
      assert.strictEqual(third._tag, "UnknownWorker")
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a release ends the program, and its message is not counted as delivered", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start()
      const sent = yield* rig.send(worker, { text: "wait" })
      yield* eventually(() => of("worker_stream").length === 3)
      const { pid } = worker
      const exit = yield* worker.end("released")
      assert.deepInclude(exit, { exitCode: 143, reason: "released" })
      assert.deepStrictEqual(yield* sent.outcome, { _tag: "NotSubmitted", reason: "agent_released" })
      assert.throws(() => process.kill(pid!, 0))
      assert.deepStrictEqual(of("agent_exited"), [])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a release before the first message starts nothing", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start()
      assert.deepInclude(yield* worker.end("released"), { exitCode: null, signal: null, reason: "released" })
      assert.deepStrictEqual(of("worker_stream"), [])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("at a shutdown the message stays for the next run", () =>
    Effect.gen(function* () {
      const { of, worker } = yield* start()
      const sent = yield* rig.send(worker, { text: "wait" })
      yield* eventually(() => of("worker_stream").length === 3)
      yield* worker.end("shutdown")
      assert.deepStrictEqual(sent.hooks, ["typing"])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive.each<readonly [string, string, string]>([
    ["too long for an argument", "x".repeat(200_000), "message of 200000: xxx"],
    ["like an option", "--help me", "message of 10:  --help me"]
  ])("a message %s arrives all the same", ([, text, expected]) =>
    Effect.gen(function* () {
      const { lines, worker } = yield* start(text.length > 1_000 ? { env: { FAKE_READS_INPUT: "1" } } : {})
      rig.assertSubmitted(yield* (yield* rig.send(worker, { text })).outcome, "turn_completed")
      assert.isTrue(lines("stdout")[0]?.startsWith(expected), lines("stdout")[0])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("one that floods holds up nobody, and loses none of its last lines", () =>
    Effect.gen(function* () {
      const cli = yield* scriptCalled("claude", "yes 'a line of a flood' & sleep 1; kill $!; wait $!; echo the end")
      const { events, lines, worker } = yield* start({ cli })
      yield* rig.send(worker, { text: "go" })
      yield* eventually(() => lines("stdout").length > 0)
      const bursts: Array<number> = []
      for (let turn = 0; turn < 200; turn++) {
        const before = events.length
        yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        bursts.push(events.length - before)
      }
      assert.isBelow(Math.max(...bursts), 1_000)
      yield* worker.exit
      assert.strictEqual(lines("stdout").at(-1), "the end")
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive(
    "a line without an end comes in pieces, and what holds its output open is not heard after its end",
    () =>
      Effect.gen(function* () {
        const stays = "setsid sh -c 'while sleep 0.02; do echo still here || exit; done' &"
        const long = "head -c 300000 /dev/zero | tr '\\0' x"
        const cli = yield* scriptCalled("claude", `${long}; printf '\\none\\r\\ntwo\\rthree'; ${stays}`)
        const { lines, worker } = yield* start({ cli })
        rig.assertSubmitted(yield* (yield* rig.send(worker, { text: "go" })).outcome, "turn_completed")
        yield* worker.exit
        const told = lines("stdout")
        const pieces = told.filter((line) => line.startsWith("xx"))
        assert.strictEqual(pieces.join("").length, 300_000)
        assert.isAtMost(Math.max(...pieces.map(({ length }) => length)), 64 * 1024)
        assert.includeMembers([...told], ["one", "two"])
        yield* Effect.sleep(100)
        assert.strictEqual(lines("stdout").length, told.length)
      }).pipe(Effect.provide(layer))
  )
  it.scopedLive("holds its message in manual_flush until it is let go", () =>
    Effect.gen(function* () {
      const { worker } = yield* start()
      yield* worker.setMode("manual_flush")
      const sent = yield* rig.send(worker, { text: "one" })
      yield* until(() => Effect.map(worker.pending, ({ length }) => length === 1))
      assert.isUndefined(yield* sent.outcomeNow)
      assert.strictEqual((yield* worker.status).waiting, "held")
      assert.strictEqual(yield* worker.flush(), 1)
      rig.assertSubmitted(yield* sent.outcome, "turn_completed")
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("has no terminal, and says so", () =>
    Effect.gen(function* () {
      const { worker } = yield* start()
      assert.strictEqual((yield* Effect.flip(worker.write("x")))._tag, "PtyClosed")
      assert.strictEqual((yield* Effect.flip(worker.resize(1, 1)))._tag, "PtyClosed")
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("is refused for a program that cannot", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(rig.start(rig.specOf("w1", { cli: "cat", runtime: "headless" })))
      assert.include(
        failure.message,
        "provider 'cat' does not support headless transport (supported: claude, opencode)"
      )
    }).pipe(Effect.provide(layer))
  )
})
