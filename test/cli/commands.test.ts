import { type AddressInfo, createServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { EngineUnavailable, SpawnFailed } from "../../src/domain/Errors.ts"
import { AgentName, MessageId } from "../../src/domain/Ids.ts"
import { alertOf } from "../api/data.ts"
import { apiKey, fakeWorker, makeRig, workspace, workspaceKey } from "../api/rig.ts"
import { runCli } from "./terminal.ts"

/** The commands against the real API over fakes. */
const makeShell = Effect.gen(function* () {
  const rig = yield* makeRig()
  const env = { RELAY_BROKER_URL: rig.url, RELAY_BROKER_API_KEY: apiKey }
  return { ...rig, env, cli: (...words: ReadonlyArray<string>) => runCli(words, { env }) }
})

describe("reading", () => {
  it.scopedLive("status, agents and alerts print text for people", () =>
    Effect.gen(function* () {
      const { cli, script, url } = yield* makeShell
      script.alerts = [alertOf("BindFailed")]
      const status = yield* cli("status")
      assert.deepStrictEqual([status.code, status.err], [0, ""])
      assert.include(status.out, `api        ${url}, 0 event clients\n`)
      assert.include(status.out, "alerts     BindFailed  (relay-broker alerts)\n")
      assert.match(status.out, /\nw1 {4}idle {3}claude {2}4711 {7}2 {2}busy /)
      const agents = yield* cli("agents")
      assert.match(agents.out, /^NAME {2}STATE .*\nw1 .*#general\n$/)
      const alerts = yield* cli("alerts")
      assert.isTrue(
        alerts.out.startsWith("1 error\n\nERROR  BindFailed  w1\n  since  1970-01-01 00:00:01 ("),
        alerts.out
      )
      assert.notInclude(status.out + agents.out + alerts.out, "\u001b")
    })
  )

  it.scopedLive("--json prints one document, and no secret", () =>
    Effect.gen(function* () {
      const { ask, cli, url } = yield* makeShell
      for (const [command, path] of [
        ["agents", "/api/spawned"],
        ["alerts", "/api/alerts"]
      ] as const) {
        const { code, err, out } = yield* cli(command, "--json")
        assert.deepStrictEqual([code, err], [0, ""])
        assert.deepStrictEqual(Object.keys(JSON.parse(out)), Object.keys((yield* ask("GET", path)).body as object))
      }
      const status = yield* cli("status", "--json")
      assert.deepStrictEqual(Object.keys(JSON.parse(status.out)), ["url", "mode", "relay_base_url", "health", "status"])
      assert.strictEqual(JSON.parse(status.out).url, url)
      assert.notInclude(status.out, workspaceKey)
      assert.notInclude(status.out, apiKey)
    })
  )

  it.scopedLive("is coloured on a terminal only, and not with NO_COLOR", () =>
    Effect.gen(function* () {
      const { env } = yield* makeShell
      assert.include((yield* runCli(["agents"], { env, color: true })).out, "\u001b[1mw1\u001b[22m")
      assert.notInclude((yield* runCli(["agents"], { env: { ...env, NO_COLOR: "1" }, color: true })).out, "\u001b")
    })
  )
})

describe("spawn", () => {
  it.scopedLive("sends what was asked for, program arguments included", () =>
    Effect.gen(function* () {
      const { env, seen } = yield* makeShell
      const words = "spawn w9 --cli codex --task t --channels #a,,b --cwd sub/.. --model m -- -x --json y"
      const { code, err, out } = yield* runCli(words.split(" "), { env, cwd: process.cwd() })
      assert.deepStrictEqual([code, err, out], [0, "", "w9 runs (pid 1234)\n"])
      assert.deepStrictEqual({ ...seen.spawned[0]?.spec } as object, {
        name: "w9",
        cli: "codex",
        args: ["-x", "--json", "y"],
        channels: ["a", "b"],
        cwd: process.cwd(),
        parent: "Dashboard",
        task: "t",
        model: "m"
      })
    })
  )

  it.scopedLive("leaves out what was not said", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      script.spawn = ({ spec }) => Effect.succeed({ worker: fakeWorker(seen, { name: spec.name }), registered: false })
      const { code, out } = yield* cli("spawn", "w9")
      assert.strictEqual(code, 0)
      assert.match(out, /^w9 runs \(pid 4711\)\nwarning: not known to the engine/)
      assert.deepStrictEqual({ ...seen.spawned[0]?.spec } as object, {
        name: "w9",
        cli: "claude",
        args: [],
        channels: ["general", "engineering"],
        cwd: "/",
        parent: "Dashboard"
      })
    })
  )

  it.scopedLive("tells a failure in one line", () =>
    Effect.gen(function* () {
      const { cli, script } = yield* makeShell
      script.spawn = () => Effect.fail(new SpawnFailed({ agent: "w9", stage: "start", reason: "no such\nprogram" }))
      const { code, err, out } = yield* cli("spawn", "w9")
      assert.deepStrictEqual([code, out], [1, ""])
      assert.strictEqual(err, "relay-broker: cannot spawn 'w9' (start): no such program; see `relay-broker status`\n")
    })
  )

  it.scopedLive("shows the end of what the program said, below", () =>
    Effect.gen(function* () {
      const { cli, script } = yield* makeShell
      const lines = Array.from({ length: 12 }, (_, i) => `line ${i}`)
      const lastOutput = `${lines.join("\r\n")}\r\n\r\n 10 %\r 99 %\r\n\u001b[2Jno licence\r\n`
      script.spawn = () =>
        Effect.fail(new SpawnFailed({ agent: "w9", stage: "stability", reason: "ended", exitCode: 3, lastOutput }))
      const { code, err, out } = yield* cli("spawn", "w9")
      assert.deepStrictEqual([code, out], [1, ""])
      assert.deepStrictEqual(err.split("\n"), [
        "relay-broker: cannot spawn 'w9' (stability): ended, exit code 3; see `relay-broker status`",
        ...lines.slice(-8).map((line) => `  ${line}`),
        "   99 %",
        "   [2Jno licence",
        ""
      ])
    })
  )
})

describe("release", () => {
  it.scopedLive("ends the named, and says which were never there", () =>
    Effect.gen(function* () {
      const { cli, seen } = yield* makeShell
      const known = yield* cli("release", "w1", "w1")
      assert.deepStrictEqual([known.code, known.out, known.err], [0, "w1 released (it had ended before)\n", ""])
      assert.strictEqual(seen.released.length, 1)
      const mixed = yield* cli("release", "w1", "ghost", "a/b")
      assert.deepStrictEqual([mixed.code, mixed.out], [1, "w1 released (it had ended before)\n"])
      assert.strictEqual(mixed.err, "relay-broker: no agent named 'ghost', 'a/b'; see `relay-broker agents`\n")
    })
  )

  it.scopedLive("--all ends every live agent", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      script.workers = [fakeWorker(seen), fakeWorker(seen, { name: AgentName.make("w2") })]
      script.release = ({ name }) => {
        const end = name === "w1" ? { exitCode: 0, signal: null } : { exitCode: null, signal: 9 }
        const exit = { ...end, reason: "released" as const, lastOutput: "", lastLines: [] }
        return Effect.succeed({ exit, droppedDeliveries: 3 })
      }
      const all = yield* cli("release", "--all")
      assert.strictEqual(all.code, 0)
      assert.strictEqual(
        all.out,
        "w1 released (exit code 0), 3 waiting messages given up\nw2 released (signal 9), 3 waiting messages given up\n"
      )
      script.workers = []
      assert.strictEqual((yield* cli("release", "--all")).out, "no agents to release\n")
      const json = JSON.parse((yield* cli("release", "--json", "w1")).out)
      assert.deepStrictEqual(json, [
        { success: true, name: "w1", known: true, exit_code: 0, signal: null, dropped_deliveries: 3 }
      ])
    })
  )
})

describe("send", () => {
  it.scopedLive("joins the words and says where they went", () =>
    Effect.gen(function* () {
      const { cli, script, seen } = yield* makeShell
      const local = yield* cli("send", "w1", "hello", "there", "--from", "me", "--mode", "steer", "--thread=t1")
      assert.deepStrictEqual([local.code, local.out], [0, "queued for w1 (http_1)\n"])
      const { from, mode, text, threadId, to } = seen.sent[0]!
      assert.deepStrictEqual([to, text, from, mode, threadId], ["w1", "hello there", "me", "steer", "t1"])
      script.send = () =>
        Effect.succeed({ _tag: "Published", messageId: MessageId.make("m2"), targets: [], here: [], workspace })
      assert.strictEqual((yield* cli("send", "#general", "--", "-dash")).out, "posted as m2\n")
      assert.strictEqual(seen.sent[1]?.text, "-dash")
      const both = {
        _tag: "Published",
        messageId: MessageId.make("m3"),
        targets: ["w1"],
        here: ["w1"],
        workspace
      } as const
      script.send = () => Effect.succeed(both)
      assert.strictEqual((yield* cli("send", "#general", "all")).out, "posted as m3, and queued for w1\n")
    })
  )

  it.scopedLive("passes the broker's reason on", () =>
    Effect.gen(function* () {
      const { cli, script } = yield* makeShell
      script.send = () => Effect.fail(new EngineUnavailable({ operation: "send", url: "http://e", reason: "refused" }))
      const { code, err } = yield* cli("send", "w1", "x")
      assert.strictEqual(code, 1)
      assert.match(err, /^relay-broker: engine unavailable for send at http:\/\/e: refused; /)
    })
  )
})

describe("stop", () => {
  it.live("returns when the broker is gone, not before", () =>
    Effect.gen(function* () {
      const broker = yield* Scope.make()
      const { cli, script } = yield* Scope.extend(makeShell, broker)
      const told = yield* Effect.makeLatch()
      script.shutdown = () => told.open
      const stop = yield* Effect.fork(cli("stop"))
      yield* told.await
      assert.isTrue(Option.isNone(yield* Fiber.poll(stop)))
      yield* Scope.close(broker, Exit.void)
      assert.deepStrictEqual(yield* Fiber.join(stop), { code: 0, out: "stopped\n", err: "" })
    })
  )
})

describe("no broker", () => {
  it.scopedLive("is one line with a way out, for each way to miss it", () =>
    Effect.gen(function* () {
      const { env, url } = yield* makeShell
      const line = (words: ReadonlyArray<string>, around: Record<string, string>) =>
        Effect.map(runCli(words, { env: around, cwd: "/nowhere" }), ({ code, err, out }) => {
          assert.deepStrictEqual([code, out], [1, ""])
          assert.strictEqual(err.split("\n").length, 2)
          return err
        })
      assert.match(
        yield* line(["agents"], {}),
        /^relay-broker: no broker found: \/nowhere\/\.agentworkforce\/relay\/connection\.json: no such file; start one with `relay-broker init`/
      )
      assert.strictEqual(
        yield* line(["agents", "--api-key", "br_wrong"], env),
        `relay-broker: the broker at ${url} refused the API key; give its own with --api-key or RELAY_BROKER_API_KEY; connection.json in its state directory has it\n`
      )
      const port = yield* freePort
      assert.match(
        yield* line(["agents"], { ...env, RELAY_BROKER_URL: `http://127.0.0.1:${port}` }),
        new RegExp(`^relay-broker: no broker answers at http://127.0.0.1:${port}: connection refused; start one with`)
      )
      assert.match(yield* line(["agents", "--broker-url", `${url}/elsewhere`], env), /^relay-broker: HTTP 404; see/)
    })
  )
})

/** A port where nothing listens: it was free a moment ago. */
const freePort = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

it.scoped("invoke waits for the broker as long as the broker was asked to wait, and no longer than a minute more", () =>
  Effect.gen(function* () {
    const asked = yield* Deferred.make<void>()
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", () => Deferred.unsafeDone(asked, Effect.void))
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () => Effect.sync(() => server.close())
    )
    const { port } = server.address() as AddressInfo
    const env = { RELAY_BROKER_URL: `http://127.0.0.1:${port}`, RELAY_BROKER_API_KEY: apiKey }
    const running = yield* Effect.fork(runCli(["invoke", "slow", "--wait", "120"], { env }))
    yield* Deferred.await(asked)
    yield* TestClock.adjust("179 seconds")
    assert.isNull(running.unsafePoll())
    yield* TestClock.adjust("1 second")
    const { code, err } = yield* Fiber.join(running)
    assert.strictEqual(code, 1)
    assert.include(err, "no answer within 180 seconds")
  })
)
