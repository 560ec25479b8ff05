/** The whole room on real terminals with real programs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import type { SpawnFailed } from "../../src/domain/Errors.ts"
import { MessageId } from "../../src/domain/Ids.ts"
import type { Worker } from "../../src/injection/Worker.ts"
import { NodePty } from "../../src/pty/NodePty.ts"
import type { LiveWorkerRegistryOptions } from "../../src/workers/LiveWorkerRegistry.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { until } from "../support/until.ts"
import * as rig from "./rig.ts"

const recorderProgram = fileURLToPath(new URL("../../fixtures/programs/recorder.mjs", import.meta.url))

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-workers-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

const test = (
  title: string,
  body: Effect.Effect<void, unknown, WorkerRegistry | rig.Recorded | Scope.Scope>,
  options: Partial<LiveWorkerRegistryOptions> = {}
) => it.scopedLive(title, () => Effect.provide(body, rig.layerOn(NodePty.layer, options)), 20_000)

const startRecorder = (directory: string, name: string, flags: ReadonlyArray<string>) =>
  rig.start(
    rig.specOf(name, { cli: `'${process.execPath}' '${recorderProgram}'`, args: [join(directory, name), ...flags] })
  )
const readsOf = (directory: string, name: string) =>
  readFileSync(join(directory, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly data: string }).data)

const sendAndWait = (worker: Worker, text: string) =>
  Effect.gen(function* () {
    const sent = yield* rig.message({ text })
    const from = performance.now()
    yield* worker.submit(sent.item)
    const outcome = yield* sent.outcome
    return { outcome, millis: performance.now() - from }
  })

const slowProgram = fileURLToPath(new URL("../../fixtures/programs/slow-tui.mjs", import.meta.url))
const startSlow = (directory: string, name: string, ...args: ReadonlyArray<string>) =>
  rig.start(rig.specOf(name, { cli: `'${process.execPath}' '${slowProgram}'`, args: [join(directory, name), ...args] }))
const recordOf = (directory: string, name: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const path = join(directory, name)
  if (!existsSync(path)) return []
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}
const untilSo = (isSo: () => boolean) =>
  Effect.repeat(Effect.sync(isSo), {
    until: (so) => so,
    schedule: Schedule.spaced("25 millis").pipe(Schedule.intersect(Schedule.recurs(400)))
  })

const shell = (name: string, script: string) => rig.specOf(name, { cli: `sh -c '${script}'` })

describe("programs of no known family", () => {
  test(
    "cat is seen to read: it has its message at once",
    Effect.gen(function* () {
      const worker = yield* rig.start(rig.specOf("cat", { cli: "cat" }))
      const { outcome } = yield* sendAndWait(worker, "meow")
      rig.assertSubmitted(outcome, "echo")
    })
  )

  test(
    "must not fire: the kernel's own echo proves nothing of sleep",
    Effect.gen(function* () {
      const worker = yield* rig.start(rig.specOf("sleep", { cli: "sleep 60" }))
      rig.assertSubmitted((yield* sendAndWait(worker, "wake up")).outcome, "unconfirmed")
    })
  )

  test(
    "one that boots silently for 4 s has its message as one turn",
    Effect.gen(function* () {
      const directory = yield* temporary
      const worker = yield* startSlow(directory, "slow", "4000")
      yield* sendAndWait(worker, "first line\nsecond line")
      yield* untilSo(() => recordOf(directory, "slow").length > 0)
      const [turn, ...more] = recordOf(directory, "slow").map((entry) => entry["turn"] ?? "")
      assert.include(turn, "]: first line")
      assert.include(turn, "second line")
      yield* Effect.sleep("500 millis")
      assert.deepStrictEqual(more, [])
      assert.lengthOf(recordOf(directory, "slow"), 1)
    })
  )

  test(
    "must not fire: a menu is not typed into, and a person is told",
    Effect.gen(function* () {
      const directory = yield* temporary
      const worker = yield* startSlow(directory, "menu", "100", "--menu")
      yield* rig.send(worker, { text: "hello" })
      yield* untilSo(() => Effect.runSync(worker.status).asking !== undefined)
      yield* Effect.sleep("2500 millis")
      assert.deepStrictEqual(recordOf(directory, "menu"), [])
      assert.deepInclude(yield* worker.status, { waiting: "asking" })
      assert.strictEqual((yield* worker.status).asking?.what, "menu")
    })
  )
})

describe("delivery", () => {
  test(
    "cat: the line comes through, its echo is the evidence",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const worker = yield* rig.start(rig.specOf("cat", { cli: "cat" }))
      const sent = yield* rig.send(worker, { id: MessageId.make("msg_live"), text: "meow" })
      rig.assertSubmitted(yield* sent.outcome, "echo")
      const line = "Relay message from Alice [msg_live]: meow"
      const shown = () => events.flatMap((event) => (event.kind === "worker_stream" ? [event.chunk] : [])).join("")
      // The echo is the terminal's; what cat prints comes when it has read.
      yield* until(() => shown().split(line).length >= 3)
      assert.lengthOf(shown().split(line), 3, "typed, and printed by cat")
    })
  )

  test(
    "a raw program that asked for brackets: one bracketed text, Enter in a read of its own",
    Effect.gen(function* () {
      const directory = yield* temporary
      const worker = yield* startRecorder(directory, "raw", ["--paste", "--prompt"])
      const { outcome } = yield* sendAndWait(worker, "line one\nline two \x1b[201~ not yet")
      rig.assertSubmitted(outcome, "unconfirmed")
      const reads = readsOf(directory, "raw")
      assert.strictEqual(reads.at(-1), "\r")
      assert.match(
        reads.slice(0, -1).join(""),
        /^\x1b\[200~<system-reminder>[^\x1b]*Relay message from Alice \[[^\]]+\]: line one\nline two \[201~ not yet \x1b\[201~$/
      )
    })
  )

  test(
    "a hundred queued messages are all submitted, in order, in well under a second",
    Effect.gen(function* () {
      const directory = yield* temporary
      const worker = yield* startRecorder(directory, "many", ["--echo", "--prompt"])
      yield* sendAndWait(worker, "warm up")
      const from = performance.now()
      const sent = yield* Effect.forEach(Array.from({ length: 100 }), (_, i) => rig.send(worker, { text: `no ${i}.` }))
      for (const one of sent) rig.assertSubmitted(yield* one.outcome, "echo")
      assert.isBelow(performance.now() - from, 1_000)
      const bodies = [
        ...readsOf(directory, "many")
          .join("")
          .matchAll(/\]: no (\d+)\./g)
      ].map((match) => Number(match[1]))
      assert.deepStrictEqual(
        bodies,
        sent.map((_, i) => i)
      )
    })
  )

  test(
    "agents that flood or never read delay nobody else",
    Effect.gen(function* () {
      for (const name of ["flood1", "flood2"]) yield* rig.start(shell(name, "exec yes floooooood"))
      const deaf = yield* rig.start(shell("deaf", "stty raw -echo; echo deaf; exec sleep 60"))
      for (let i = 0; i < 50; i++) yield* rig.send(deaf, { text: "x".repeat(4_000) })
      const cat = yield* rig.start(rig.specOf("cat", { cli: "cat" }))
      yield* sendAndWait(cat, "warm up")
      const times: Array<number> = []
      for (let i = 0; i < 30; i++) times.push((yield* sendAndWait(cat, `no ${i}`)).millis)
      assert.isBelow(times.sort((a, b) => a - b)[15]!, 50, "median in milliseconds")
    })
  )
})

describe("start and end", () => {
  const failure = (spec: Parameters<typeof rig.start>[0]) =>
    Effect.flip(rig.start(spec)) as Effect.Effect<SpawnFailed, never, WorkerRegistry>
  const logDir = join(tmpdir(), `relay-broker-logs-${process.pid}`)

  test(
    "a program that ends at once failed to start, and that is told with status, output and log; no exit is announced",
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(logDir, { recursive: true, force: true })))
      const events = yield* rig.Recorded
      const registry = yield* WorkerRegistry
      const error = yield* failure(shell("bad", "echo no licence; exit 3"))
      assert.deepInclude(error, { stage: "stability", exitCode: 3, lastOutput: "no licence\r\n" })
      const path = join(logDir, "bad.log")
      assert.strictEqual(error.logPath, path)
      assert.strictEqual(readFileSync(path, "utf8"), "no licence\r\n")
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.strictEqual(statSync(logDir).mode & 0o777, 0o700)
      assert.deepStrictEqual(rig.kindsOf(events, "agent_"), [])
      assert.strictEqual((yield* registry.exits.size)._tag === "Some" && (yield* registry.list).length, 0)
      assert.deepStrictEqual([...(yield* registry.starting)] as Array<string>, ["bad"])
    }),
    { logDir }
  )

  test(
    "what cannot be started is named by its stage",
    Effect.gen(function* () {
      assert.deepInclude(yield* failure(rig.specOf("a", { cli: "say 'x" })), { stage: "validate" })
      assert.deepInclude(yield* failure(rig.specOf("b", { cli: "no-such-cli" })), {
        stage: "start",
        reason: "command not found: no-such-cli"
      })
      assert.deepInclude(yield* failure(rig.specOf("c", { cli: "cat", cwd: "/no/such" })), {
        stage: "start",
        reason: "no such directory: /no/such"
      })
    })
  )

  test(
    "a NUL in what the program is given is refused by the name of its place, before anything is done",
    Effect.gen(function* () {
      const registry = yield* WorkerRegistry
      const reasonOf = (more: Partial<AgentSpec>) =>
        Effect.map(Effect.flip(registry.check(rig.specOf("nul", { cli: "cat", ...more }))), ({ reason, stage }) => [
          stage,
          reason
        ])
      const refused = (place: string) => ["validate", `${place} has a NUL character`]
      assert.deepStrictEqual(yield* reasonOf({ args: ["-u", "a\0b"] }), refused("args[1]"))
      assert.deepStrictEqual(yield* reasonOf({ cli: "cat 'a\0b'" }), refused("cli"))
      assert.deepStrictEqual(yield* reasonOf({ model: "m\0" }), refused("model"))
      assert.deepStrictEqual(yield* reasonOf({ sessionRef: "\0" }), refused("the session id"))
      assert.deepStrictEqual(yield* reasonOf({ env: { KEY: "secret\0" } }), refused('env "KEY"'))
      yield* registry.check(rig.specOf("none", { cli: "cat", args: ["\x01\\0"], env: { KEY: "0" } }))
    })
  )

  test(
    "the program gets its words, arguments, size, directory and a clean environment",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const spec = rig.specOf("env", {
        cli: `sh -c 'stty size; echo "args:$1:$2"; env; exec cat' name "one two"`,
        args: ["three"],
        env: { MINE: "yes" },
        cwd: "/tmp"
      })
      yield* rig.start(spec)
      const shown = events.flatMap((event) => (event.kind === "worker_stream" ? [event.chunk] : [])).join("")
      for (const wanted of ["50 220", "args:one two:three", "PWD=/tmp", "MINE=yes", "TERM=xterm-256color"]) {
        assert.include(shown, wanted)
      }
      assert.notInclude(shown, "TMUX")
    }),
    { baseEnv: { PATH: process.env["PATH"], TERM: "dumb", TMUX: "x" } }
  )

  test(
    "a name is free as soon as its exit is known, and generations grow",
    Effect.gen(function* () {
      const registry = yield* WorkerRegistry
      const first = yield* rig.start(rig.specOf("again", { cli: "cat" }))
      assert.strictEqual((yield* Effect.flip(registry.reserve(first.name)))._tag, "AgentExists")
      assert.deepInclude(yield* first.end("released"), { reason: "released" })
      const second = yield* rig.start(rig.specOf("again", { cli: "cat" }))
      assert.isAbove(second.generation, first.generation)
      assert.strictEqual(
        (yield* registry.find("again")).pipe((found) => found._tag === "Some" && found.value),
        second
      )
      const [exits] = yield* registry.exits.takeAll
      assert.deepStrictEqual(
        [...exits].map(({ worker }) => worker),
        [first]
      )
    })
  )

  it.live("closing the layer ends every program", () =>
    Effect.gen(function* () {
      const pids = yield* Effect.forEach(["a", "b"], (name) =>
        Effect.map(rig.start(rig.specOf(name, { cli: "cat" })), (worker) => worker.pid)
      ).pipe(Effect.provide(Layer.fresh(rig.layerOn(NodePty.layer))))
      for (const pid of pids) assert.throws(() => process.kill(pid!, 0))
    })
  )
})
