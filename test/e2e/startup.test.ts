import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { eventually, launchBroker, makeEngine, makeWorld, program, startBroker, temporaryHome } from "./rig.ts"

/** Starts it and expects it to end by itself: its exit code and what it said last. */
const failedStart = (o: Parameters<typeof launchBroker>[0]) =>
  Effect.gen(function* () {
    const started = yield* Effect.either(launchBroker(o))
    if (started._tag === "Left")
      return { code: /exit code (\d+)/.exec(started.left.reason)?.[1], said: started.left.reason, stdout: "" }
    const { code } = yield* started.right.exited
    return { code: String(code), said: started.right.stderr(), stdout: started.right.stdout() }
  })

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

const run = (
  args: ReadonlyArray<string>,
  o: { readonly program?: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}
) =>
  Effect.async<{ code: number; stdout: string; stderr: string }>((resume) => {
    execFile(
      process.execPath,
      [o.program ?? program, ...args],
      { env: o.env ?? process.env, cwd: o.cwd },
      (error, stdout, stderr) =>
        resume(Effect.succeed({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }))
    )
  })

/** As src/cli/loadProgram.ts does it, in a process of its own: this one has its own flags. */
const refused = `
const { readFileSync, readdirSync } = require("node:fs")
require("node:v8").setFlagsFromString("--semi-space-growth-factor=1")
const path = readdirSync(".").find((name) => /^program-.*[.]cjs$/.test(name))
const source = "(function (exports, require, module, __filename) {" + readFileSync(path, "utf8") + "\\n})"
const script = new (require("node:vm").Script)(source, { filename: path, cachedData: readFileSync(path + ".cache") })
process.stdout.write(String(script.cachedDataRejected))
`

describe("the built program", () => {
  it.live("comes with code that V8 takes", () =>
    Effect.gen(function* () {
      const { stderr, stdout } = yield* run(["-e", refused], { cwd: join(program, ".."), program: "--no-warnings" })
      assert.deepStrictEqual([stdout, stderr], ["false", ""])
    })
  )
})

describe("relay-broker init", () => {
  it.scopedLive("prints one line, answers 503 until it is ready, and writes its files with the right modes", () =>
    Effect.gen(function* () {
      const { baseUrl, engine } = yield* makeEngine()
      engine.faults.delayHttp("POST /v1/agents", "500 millis")
      const home = yield* temporaryHome
      const broker = yield* launchBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
      const early = yield* broker.call("GET", "/api/session")
      assert.deepInclude(early, { status: 503, body: "Broker is starting, please retry" })
      const health = yield* broker.call("GET", "/health")
      assert.deepInclude(health.body, { status: "ok", workspaceId: "ws_unknown" })
      // The node may be registered before the answer that the API waits for.
      const session = yield* broker
        .expect("GET", "/api/session")
        .pipe(Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.upTo("15 seconds"))))
      assert.deepInclude(session, { protocol_version: 2, workspace_key: engine.key(), mode: "ephemeral" })
      assert.strictEqual(broker.stdout(), `[agent-relay] API listening on ${broker.url}\n`)
      const file = join(broker.stateDir, "connection.json")
      assert.strictEqual(modeOf(file), "600")
      assert.strictEqual(modeOf(broker.stateDir), "700")
      assert.deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), {
        api_key: broker.apiKey,
        pid: broker.pid,
        port: Number(new URL(broker.url).port),
        url: broker.url
      })
      const tokens = join(home, "data", "agent-relay", "node-tokens")
      assert.strictEqual(modeOf(tokens), "700")
      assert.notInclude(broker.stderr(), broker.apiKey)
      assert.notInclude(broker.stderr(), engine.key())
    })
  )

  it.scopedLive("stops on SIGTERM: exit 0, agents gone, the node deregistered, its file removed", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      const spawned = (yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))) as { readonly pid: number }
      yield* broker.kill("SIGTERM")
      const exit = yield* broker.exited
      assert.deepStrictEqual(exit, { code: 0, signal: null })
      assert.isFalse(existsSync(join(broker.stateDir, "connection.json")))
      assert.throws(() => process.kill(spawned.pid, 0))
      assert.isTrue(engine.observations.frames.some(({ frame }) => frame?.type === "node.deregister"))
      assert.isFalse(engine.observations.frames.some(({ frame }) => frame?.type === "agent.deregister"))
    })
  )

  it.scopedLive("stops on POST /api/shutdown, and a message that came in between stays with the engine", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      assert.deepStrictEqual(yield* broker.expect("POST", "/api/shutdown"), { status: "shutting_down" })
      assert.deepInclude(yield* broker.exited, { code: 0 })
      yield* engine.send({ from: "alice", to: "w1", text: "too late" })
      assert.strictEqual(engine.cursor("w1"), 0)
    })
  )

  it.scopedLive(
    "a second instance of the name is refused with the documented sentence; kill -9 leaves no stale lock",
    () =>
      Effect.gen(function* () {
        const { baseUrl, broker, engine, home } = yield* makeWorld()
        const again = { program, home, engineUrl: baseUrl, workspaceKey: engine.key() }
        const second = yield* failedStart(again)
        assert.strictEqual(second.code, "1")
        assert.include(
          second.said,
          `another broker instance is already running in this directory (pid: ${broker.pid}, ${broker.stateDir})`
        )
        assert.isTrue(existsSync(join(broker.stateDir, "connection.json")), "the loser removed the winner's file")
        yield* broker.kill("SIGKILL")
        yield* broker.exited
        const third = yield* startBroker(again)
        assert.notStrictEqual(third.pid, broker.pid)
      })
  )

  it.scopedLive("a port in use is one line, exit 1, and leaves no connection file", () =>
    Effect.gen(function* () {
      const { baseUrl, engine } = yield* makeEngine()
      const home = yield* temporaryHome
      const taken = yield* Effect.acquireRelease(
        Effect.async<{ readonly port: number; readonly close: () => void }>((resume) => {
          const server = createServer()
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" ? (address?.port ?? 0) : 0
            resume(Effect.succeed({ port, close: () => server.close() }))
          })
        }),
        ({ close }) => Effect.sync(close)
      )
      const start = yield* failedStart({
        program,
        home,
        engineUrl: baseUrl,
        workspaceKey: engine.key(),
        args: ["--api-port", String(taken.port)]
      })
      assert.strictEqual(start.code, "1")
      assert.include(start.said, `failed to bind API on 127.0.0.1:${taken.port}`)
      assert.isFalse(existsSync(join(home, "state", "connection.json")))
    })
  )

  describe("credentials", () => {
    it.scopedLive("a key that does not start with rk_ is one clear line and exit 1", () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* makeEngine()
        const start = yield* failedStart({
          program,
          home: yield* temporaryHome,
          engineUrl: baseUrl,
          workspaceKey: "nonsense"
        })
        assert.strictEqual(start.code, "1")
        assert.match(start.said.trim().split("\n").at(-1)!, /AGENT_RELAY_WORKSPACE_KEY.*rk_/)
        assert.notInclude(start.said, "nonsense")
      })
    )

    it.scopedLive("a rejected key is exit 1 with the remedy, never a new workspace, and leaves no file behind", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const start = yield* failedStart({
          program,
          home,
          engineUrl: baseUrl,
          workspaceKey: "rk_live_00000000000000000000000000000000"
        })
        assert.strictEqual(start.code, "1")
        assert.match(start.said, /workspace key refused .*AGENT_RELAY_WORKSPACE_KEY/)
        assert.strictEqual(engine.workspaces().length, 1)
        assert.isFalse(existsSync(join(home, "state", "connection.json")))
      })
    )

    it.scopedLive("no key at all creates a workspace and says so", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const broker = yield* startBroker({ program, home: yield* temporaryHome, engineUrl: baseUrl })
        assert.strictEqual(engine.workspaces().length, 2)
        assert.match(broker.stderr(), /created workspace ws_/)
      })
    )

    it.scopedLive("a refused node token is minted anew and the node connects", () =>
      Effect.gen(function* () {
        const { broker, engine, recorder } = yield* makeWorld()
        yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
        const { name } = yield* engine.awaitNode()
        const before = engine.observations.frames.length
        engine.faults.invalidateNodeToken(name)
        engine.faults.dropSockets()
        yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "node.register", before)
        const mints = engine.observations.httpRequests.filter(
          ({ method, path }) => method === "POST" && path === "/v1/nodes"
        )
        assert.strictEqual(mints.length, 2)
        yield* engine.send({ from: "alice", to: "w1", text: "after the storm" })
        yield* engine.awaitAck("w1", 1)
      })
    )

    it.scopedLive("the cached token is used after a restart, and a corrupt cache is one line and a new mint", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const o = { program, home, engineUrl: baseUrl, workspaceKey: engine.key() }
        const mints = () =>
          engine.observations.httpRequests.filter(({ method, path }) => method === "POST" && path === "/v1/nodes")
            .length
        const registers = () => engine.observations.frames.filter(({ frame }) => frame?.type === "node.register").length
        const once = Effect.scoped(
          Effect.gen(function* () {
            const before = registers()
            const broker = yield* startBroker(o)
            yield* engine.observations.awaitState(() => (registers() > before ? true : undefined))
            return broker.stderr()
          })
        )
        yield* once
        yield* once
        assert.strictEqual(mints(), 1)
        const { readdirSync } = yield* Effect.promise(() => import("node:fs"))
        const directory = join(home, "data", "agent-relay", "node-tokens")
        for (const file of readdirSync(directory)) writeFileSync(join(directory, file), "{ not json")
        const said = yield* once
        assert.strictEqual(mints(), 2)
        assert.strictEqual(said.split("\n").filter((line) => line.includes("node-tokens")).length, 1)
      })
    )

    it.scopedLive("a pinned id and token appear verbatim in node.register, and nothing is minted", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const { id, name, token } = yield* engine.enrollNode("pinned-node")
        const seed = join(home, "data", "agent-relay")
        mkdirSync(seed, { recursive: true })
        writeFileSync(join(seed, "machine-id"), `${id}\n`)
        const enrolled = engine.observations.httpRequests.length
        yield* startBroker({
          program,
          home,
          engineUrl: baseUrl,
          workspaceKey: engine.key(),
          env: { RELAY_NODE_TOKEN: token, RELAY_NODE_NAME: name }
        })
        const { frame } = yield* engine.observations.awaitFrame(({ frame: each }) => each?.type === "node.register")
        assert.deepInclude(frame, { node_id: id, name })
        const mints = engine.observations.httpRequests
          .slice(enrolled)
          .filter(({ method, path }) => method === "POST" && path === "/v1/nodes")
        assert.deepStrictEqual(mints, [])
      })
    )

    it.scopedLive("a pinned token without a seed file is IdentityUnavailable: one line, exit 1", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const start = yield* failedStart({
          program,
          home: yield* temporaryHome,
          engineUrl: baseUrl,
          workspaceKey: engine.key(),
          env: { RELAY_NODE_TOKEN: "nt_live_x" }
        })
        assert.strictEqual(start.code, "1")
        assert.match(start.said, /node identity unavailable: .*machine-id/)
      })
    )

    it.scopedLive("a seed that cannot be read is IdentityUnavailable, and no other identity is invented", () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        mkdirSync(join(home, "data", "agent-relay", "machine-id"), { recursive: true })
        const start = yield* failedStart({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
        assert.strictEqual(start.code, "1")
        assert.match(start.said, /node identity unavailable: .*machine-id/)
        assert.isFalse(
          engine.observations.httpRequests.some(({ method, path }) => method === "POST" && path === "/v1/nodes")
        )
      })
    )

    it.scopedLive("an engine that is not there is one line with its address", () =>
      Effect.gen(function* () {
        const start = yield* failedStart({
          program,
          home: yield* temporaryHome,
          engineUrl: "http://127.0.0.1:9",
          workspaceKey: "rk_live_1"
        })
        assert.strictEqual(start.code, "1")
        assert.match(start.said, /engine unavailable .*127\.0\.0\.1:9/)
      })
    )
  })
})

describe("spawning through the API", () => {
  it.scopedLive("a missing program is the documented status before the engine is touched, and the broker goes on", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      const answer = yield* broker.call("POST", "/api/spawn", { name: "w1", cli: "no-such-program-anywhere" })
      assert.strictEqual(answer.status, 500)
      assert.deepInclude(answer.body, { success: false, name: "w1" })
      assert.match((answer.body as { readonly error: string }).error, /no-such-program-anywhere/)
      assert.isFalse(engine.observations.frames.some(({ frame }) => frame?.type === "agent.register"))
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
    })
  )

  it.scopedLive("reports the program's own exit code, removes it, and frees its name", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      const events = yield* broker.events()
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: "sh", args: ["-c", "sleep 0.5; exit 42"] })
      const exited = yield* events.take.pipe(Effect.repeat({ until: ({ kind }) => kind === "agent_exited" }))
      assert.deepInclude(exited, { name: "w1", code: 42, signal: null })
      yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "agent.deregister")
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
    })
  )

  it.scopedLive("gives the program the relay's variables and not the broker's key", () =>
    Effect.gen(function* () {
      const { broker, engine, home } = yield* makeWorld()
      const file = join(home, "env.txt")
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: "sh", args: ["-c", `env > '${file}'; sleep 60`] })
      const env = yield* eventually(
        () =>
          existsSync(file) && readFileSync(file, "utf8").includes("RELAY_AGENT_TOKEN") && readFileSync(file, "utf8"),
        "env"
      )
      assert.include(env, "RELAY_AGENT_NAME=w1\n")
      assert.include(env, `RELAY_WORKSPACE_KEY=${engine.key()}\n`)
      assert.notInclude(env, broker.apiKey)
    })
  )

  it.scopedLive("input, resize and release work on a real terminal", () =>
    Effect.gen(function* () {
      const { broker, home } = yield* makeWorld()
      const file = join(home, "size.txt")
      const spawned = (yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: "sh", args: [] })) as {
        readonly pid: number
      }
      assert.deepStrictEqual(yield* broker.expect("POST", "/api/resize/w1", { rows: 33, cols: 77 }), {
        name: "w1",
        rows: 33,
        cols: 77
      })
      const data = `stty size > '${file}'\r`
      assert.deepStrictEqual(yield* broker.expect("POST", "/api/input/w1", { data }), {
        name: "w1",
        bytes_written: data.length
      })
      yield* eventually(() => existsSync(file) && readFileSync(file, "utf8") === "33 77\n", "the new size")
      assert.deepInclude(yield* broker.expect("DELETE", "/api/spawned/w1"), { success: true, name: "w1" })
      assert.throws(() => process.kill(spawned.pid, 0))
      assert.deepStrictEqual(yield* broker.expect("GET", "/api/spawned"), { agents: [], exited: [] })
    })
  )
})

describe("the command line against a running broker", () => {
  it.scopedLive("finds it, spawns, lists, sends, releases, stops", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder, home } = yield* makeWorld({ args: ["--persist"] })
      const cli = (...args: ReadonlyArray<string>) =>
        run(args, { cwd: home, env: { PATH: process.env["PATH"], HOME: home } })
      const spec = recorder.spec("w1")
      assert.deepInclude(yield* cli("spawn", "w1", "--cli", spec.cli, "--", ...spec.args), { code: 0 })
      const agents = yield* cli("agents", "--json")
      assert.deepInclude(JSON.parse(agents.stdout).agents[0], { name: "w1" })
      assert.deepInclude(yield* cli("send", "w1", "hello", "from", "the", "shell"), { code: 0 })
      yield* eventually(() => recorder.text("w1").includes("hello from the shell"), "the message")
      const status = yield* cli("status")
      assert.include(status.stdout, engine.id)
      assert.notInclude(status.stdout, broker.apiKey)
      const unknown = yield* cli("release", "nobody")
      assert.strictEqual(unknown.code, 1)
      assert.match(unknown.stderr, /nobody/)
      assert.strictEqual(unknown.stderr.trim().split("\n").length, 1)
      assert.deepInclude(yield* cli("release", "w1"), { code: 0 })
      assert.deepInclude(yield* cli("stop"), { code: 0 })
      assert.deepInclude(yield* broker.exited, { code: 0 })
      const gone = yield* cli("status")
      assert.strictEqual(gone.code, 1)
      assert.strictEqual(gone.stderr.trim().split("\n").length, 1)
    })
  )

  it.scopedLive("--version prints the name it was called by", () =>
    Effect.gen(function* () {
      const home = yield* temporaryHome
      const link = join(home, "agent-relay-broker")
      symlinkSync(program, link)
      const direct = yield* run(["--version"])
      const linked = yield* run(["--version"], { program: link })
      assert.match(direct.stdout, /^relay-broker \d+\.\d+\.\d+\n$/)
      assert.match(linked.stdout, /^agent-relay-broker \d+\.\d+\.\d+\n$/)
    })
  )
})
