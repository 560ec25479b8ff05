/** Published node definitions (`@agent-relay/fleet` 9.1.6) in a process of their own, on the socket of the real broker. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { publishedClients } from "../../scripts/aside.mjs"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import type { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { eventually, makeWorld, root, startBroker } from "./rig.ts"

const script = join(root, "fixtures", "programs", "sidecar.mjs")
const installed = await publishedClients()

const ended = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** Killed with the scope, whatever became of it. */
const startSidecar = (broker: BrokerProcess, ...flags: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { HOME, PATH } = process.env
      const child = spawn(process.execPath, [script, installed, ...flags], {
        env: { HOME, PATH, AGENT_RELAY_STATE_DIR: broker.stateDir, NOT_LISTED: "1" },
        stdio: ["ignore", "pipe", "inherit"]
      })
      child.stdout.resume()
      return child
    }),
    (child) => Effect.sync(() => void (ended(child) || child.kill("SIGKILL")))
  )

const ownNames = ["echo", "work", "fail", "die", "hang", "team"]

/** What the engine knows of the one node. */
const node = (engine: FakeEngine["Type"]) => engine.nodes().find(({ connected }) => connected)

const registered = (engine: FakeEngine["Type"]) =>
  eventually(() => {
    const view = node(engine)
    return view?.handlersLive === true && view.capabilities.includes("echo") && view
  }, "the sidecar's manifest at the engine")

const bootstrapped = (engine: FakeEngine["Type"]) =>
  eventually(() => {
    const view = node(engine)
    return view !== undefined && view.capabilities.length === 0 && !view.handlersLive
  }, "the bootstrap manifest at the engine")

const isRunning = (pid: number) => {
  try {
    // A zombie has no memory any more.
    return statSync(`/proc/${pid}`).isDirectory() && readFileSync(`/proc/${pid}/cmdline`).length > 0
  } catch {
    return false
  }
}

describe("a sidecar of @agent-relay/fleet definitions", () => {
  it.scopedLive("registers its node, handles actions with its own errors, spawns agents, and leaves as it came", () =>
    Effect.gen(function* () {
      const { broker, engine } = yield* makeWorld()
      const child = yield* startSidecar(broker)
      const view = yield* registered(engine)
      assert.sameMembers([...view.capabilities], [...ownNames, "spawn:cat"])
      assert.deepInclude(view, { maxAgents: 10 })

      const call = (action: string, input: Record<string, unknown> = {}) =>
        Effect.flatMap(engine.invoke({ from: "alice", action, input }), engine.awaitInvocation)
      const echoed = yield* call("echo", { text: "é", nothing: null, list: [1, { a: 2 }] })
      assert.deepInclude(echoed, { status: "completed" })
      assert.deepStrictEqual(echoed.output, {
        echoed: { text: "é", nothing: null, list: [1, { a: 2 }] },
        pid: child.pid
      })
      assert.deepInclude(yield* call("work", { millis: 300 }), { status: "completed" })
      assert.include((yield* call("work", { millis: "x" })).error, "expected a number")
      assert.deepInclude(yield* call("fail"), { status: "failed", error: "this handler always fails" })

      // Through the engine's own spawn, which writes nulls, to the handler of exactly this harness.
      const spawned = yield* Effect.flatMap(
        engine.spawn({ from: "alice", name: "cat-1", cli: "cat", task: "the first task" }),
        engine.awaitInvocation
      )
      assert.deepInclude(spawned, { status: "completed", error: null })
      assert.deepInclude(spawned.output, { success: true, name: "cat-1", pre_registered: true })
      const hosted = yield* engine.awaitHosted("cat-1")
      assert.strictEqual(hosted.node, view.name)
      const { agents } = (yield* broker.expect("GET", "/api/spawned")) as { agents: ReadonlyArray<{ name: string }> }
      assert.deepStrictEqual(
        agents.map(({ name }) => name),
        ["cat-1"]
      )
      assert.strictEqual(
        engine.observations.frames.find(({ frame }) => frame?.type === "agent.register")?.frame?.[
          "invocation_id" as never
        ],
        spawned.id
      )

      // From inside a handler, while its own invocation is open.
      const team = yield* call("team", { name: "member" })
      assert.deepInclude(team, { status: "completed", error: null })
      assert.deepInclude((team.output as { sent: unknown }).sent, { success: true, local: true })
      const log = join(broker.stateDir, "team", "worker-logs", "member.log")
      yield* eventually(
        () => /the task of the team[\s\S]*welcome to the team/.test(readFileSync(log, "utf8")),
        "task and message in the terminal of the member"
      )

      child.kill("SIGTERM")
      yield* bootstrapped(engine)
      yield* eventually(() => ended(child), "the end of the sidecar")
      assert.strictEqual(child.exitCode, 0)
      const gone = yield* engine.invoke({ from: "alice", action: "echo", input: {} })
      yield* engine.observations.awaitFrame(
        ({ frame }) =>
          frame?.type === "action.result" &&
          frame.invocation_id === gone &&
          "error" in frame &&
          frame.error === "handler_unavailable"
      )
      // Its agents are not its own: they stay.
      assert.strictEqual(engine.agent("member")?.status, "active")
    })
  )

  it.scopedLive("that crashes with work in flight is answered for, and supervision brings it back", () =>
    Effect.gen(function* () {
      const { broker, engine } = yield* makeWorld()
      const first = yield* startSidecar(broker, "--once")
      yield* registered(engine)
      const hanging = yield* engine.invoke({ from: "alice", action: "hang", input: {} })
      yield* engine.invoke({ from: "alice", action: "die", input: {} })
      yield* eventually(() => ended(first), "the crash")
      assert.strictEqual(first.exitCode, 7)
      yield* engine.observations.awaitFrame(
        ({ frame }) =>
          frame?.type === "action.result" &&
          frame.invocation_id === hanging &&
          "error" in frame &&
          frame.error === "handler_unavailable"
      )
      yield* bootstrapped(engine)

      yield* registered(engine)
      const echo = yield* Effect.flatMap(
        engine.invoke({ from: "alice", action: "echo", input: { again: true } }),
        engine.awaitInvocation
      )
      const { pid } = echo.output as { readonly pid: number }
      assert.notStrictEqual(pid, first.pid)
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
      assert.include(environment, `AGENT_RELAY_STATE_DIR=${broker.stateDir}`)
      assert.notInclude(environment, "NOT_LISTED=1")
      assert.isUndefined(environment.find((line) => line.startsWith("RELAY_BROKER_API_KEY=")))
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8")
      for (const secret of [broker.apiKey, engine.key()]) assert.notInclude(words, secret)
      const logPath = join(broker.stateDir, "team", "sidecar.log")
      assert.include(readFileSync(logPath, "utf8"), `registered, pid ${pid}`)
      assert.strictEqual(statSync(logPath).mode & 0o777, 0o600)

      // Killed as hard as can be, it comes back once more; the broker's end is its end.
      process.kill(pid, "SIGKILL")
      const successor = yield* eventually(
        () => /registered, pid (\d+)\n$/.exec(readFileSync(logPath, "utf8"))?.[1] !== String(pid) && logPath,
        "a second start"
      )
      const last = Number(/registered, pid (\d+)\n$/.exec(readFileSync(successor, "utf8"))?.[1])
      yield* registered(engine)
      assert.isTrue(isRunning(last))
      yield* broker.expect("POST", "/api/shutdown")
      yield* broker.exited
      yield* eventually(() => !isRunning(last), "the end of the supervised sidecar")
    })
  )

  it.scopedLive("that outlives a killed broker is ended by the next start; who only has its pid lives on", () =>
    Effect.gen(function* () {
      const { broker, engine, home, options } = yield* makeWorld()
      const first = yield* startSidecar(broker)
      yield* registered(engine)
      first.kill("SIGKILL")
      const logPath = join(broker.stateDir, "team", "sidecar.log")
      const supervised = yield* eventually(() => {
        const log = existsSync(logPath) ? readFileSync(logPath, "utf8") : ""
        return Number(/registered, pid (\d+)\n/.exec(log)?.[1] ?? 0) || undefined
      }, "the supervised start")
      const records = join(broker.stateDir, `processes-${basename(home)}`)
      assert.deepStrictEqual(readdirSync(records), [`${supervised}.json`])
      assert.strictEqual(statSync(join(records, `${supervised}.json`)).mode & 0o777, 0o600)

      yield* broker.kill("SIGKILL")
      yield* broker.exited
      const stranger = yield* startSidecar(broker)
      const record = JSON.parse(readFileSync(join(records, `${supervised}.json`), "utf8"))
      writeFileSync(join(records, `${stranger.pid}.json`), JSON.stringify({ ...record, pid: stranger.pid }))
      assert.isTrue(isRunning(supervised))

      const second = yield* startBroker(options)
      assert.isFalse(isRunning(supervised))
      assert.isFalse(ended(stranger))
      assert.match(second.stderr(), new RegExp(`the sidecar \\(pid ${supervised}\\) outlived a broker that was killed`))
      assert.deepStrictEqual(readdirSync(records), [])
    })
  )

  it.scopedLive("is not needed for programs that --capability names", () =>
    Effect.gen(function* () {
      const { engine } = yield* makeWorld({ args: ["--capability", "cat", "--capability", "spawn:sh"] })
      const view = yield* eventually(() => {
        const known = node(engine)
        return known?.handlersLive === true && known
      }, "live handlers")
      assert.deepStrictEqual(view.capabilities, ["spawn:cat", "spawn:sh"])
      const spawned = yield* Effect.flatMap(
        engine.spawn({ from: "alice", name: "placed", cli: "cat" }),
        engine.awaitInvocation
      )
      assert.deepInclude(spawned, { status: "completed", node: view.name })
      assert.deepStrictEqual(spawned.output, { spawned: true, name: "placed" })
      const refused = yield* Effect.flip(engine.spawn({ from: "alice", name: "other", cli: "codex" }))
      assert.strictEqual(refused.code, "handler_unavailable")
    })
  )
})
