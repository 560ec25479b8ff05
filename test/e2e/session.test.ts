/** The node session of the real program: an engine that is away, a drain, a reconnect, signals. */
import { spawn as start } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually, makeEngine, makeRecorder, makeWorld, program, startBroker, temporaryHome } from "./rig.ts"

const cli = (words: ReadonlyArray<string>, stateDir: string) =>
  Effect.async<{ readonly code: number | null; readonly out: string; readonly err: string }>((resume) => {
    const child = start(process.execPath, [program, ...words, "--state-dir", stateDir], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] }
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk) => (out += chunk))
    child.stderr.on("data", (chunk) => (err += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, out, err })))
  })

type Health = { readonly status: string; readonly nodeSession: string; readonly alerts: ReadonlyArray<string> }

describe("without an engine", () => {
  it.scopedLive("a broker that has run here before starts, says so, and is well when the engine is back", () =>
    Effect.gen(function* () {
      const { baseUrl, engine } = yield* makeEngine()
      const home = yield* temporaryHome
      const o = { program, home, engineUrl: baseUrl, workspaceKey: engine.key(), args: ["--persist"] }
      const known = yield* Effect.scoped(
        Effect.gen(function* () {
          const broker = yield* startBroker(o)
          yield* engine.awaitNode()
          return (yield* broker.expect("GET", "/api/status")) as { readonly auth: object }
        })
      )
      const calls = engine.observations.httpRequests.length
      engine.faults.goDown()
      const broker = yield* startBroker(o)
      assert.match(broker.stderr(), /starting as '.*' of workspace .*, known from before/)
      const status = (yield* broker.expect("GET", "/api/status")) as typeof known
      assert.deepStrictEqual(status.auth, known.auth)
      const health = (yield* broker.expect("GET", "/health")) as Health
      assert.include(["waiting", "minting", "connecting"], health.nodeSession)
      engine.faults.comeBack()
      yield* broker.expect("POST", "/api/node/reconnect")
      yield* engine.awaitNode()
      yield* eventually(() => broker.stderr().includes("node session: ready"), "ready")
      // The cached token, the known identity: nothing was minted, registered or rotated anew.
      const made = engine.observations.httpRequests
        .slice(calls)
        .filter(({ method, path, status }) => method === "POST" && status !== 0 && !path.startsWith("/v1/channels"))
      assert.deepStrictEqual(
        made.map(({ method, path }) => `${method} ${path}`),
        []
      )
    })
  )

  it.scopedLive("agents go on, and write to each other and to their channel", () =>
    Effect.gen(function* () {
      const { broker, engine, recorder } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w2"))
      engine.faults.goDown()
      yield* eventually(() => broker.stderr().includes("node session: waiting"), "the loss")
      yield* broker.expect("POST", "/api/send", { from: "w1", to: "w2", text: "straight to you" })
      yield* broker.expect("POST", "/api/send", { from: "w2", to: "#general", text: "to all of us" })
      yield* eventually(() => recorder.text("w2").includes("straight to you"), "the direct message")
      yield* eventually(() => recorder.text("w1").includes("to all of us"), "the channel message")
      const refused = yield* broker.call("POST", "/api/spawn", recorder.spec("w3"))
      assert.strictEqual(refused.status, 500)
      assert.match(JSON.stringify(refused.body), /unavailable|lost/)
      engine.faults.comeBack()
      yield* broker.expect("POST", "/api/node/reconnect")
      yield* engine.send({ from: "alice", to: "w1", text: "from the engine again" })
      yield* engine.awaitAck("w1", 1)
    })
  )
})

describe("relay-broker reconnect", () => {
  it.scopedLive("begins a new session at once, and says when there is none", () =>
    Effect.gen(function* () {
      const { broker, engine } = yield* makeWorld()
      const well = yield* cli(["reconnect"], broker.stateDir)
      assert.deepStrictEqual([well.code, well.err], [0, ""])
      assert.match(well.out, /^connected as /)
      engine.faults.refuseUpgrades(1_000, 503)
      engine.faults.dropSockets()
      const away = yield* cli(["reconnect", "--wait", "1s"], broker.stateDir)
      assert.strictEqual(away.code, 1)
      assert.match(away.err, /the node session is \w+ .*after 1 s/)
      const status = yield* cli(["status"], broker.stateDir)
      assert.match(status.out, /\nnode +(waiting: engine_unavailable: .*, until |minting|connecting)/)
    })
  )
})

describe("relay-broker drain", () => {
  it.scopedLive("waits for agents, refuses spawns, beats on, and stops in order", () =>
    Effect.gen(function* () {
      const { broker, engine, home } = yield* makeWorld()
      const recorder = makeRecorder(home)
      // Works for 4 s, and then ends by itself.
      yield* broker.expect("POST", "/api/spawn", {
        name: "w1",
        cli: "sh",
        args: ["-c", "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done"]
      })
      const draining = yield* Effect.fork(cli(["drain", "--deadline", "60s"], broker.stateDir))
      yield* engine.observations.awaitFrame(
        ({ frame }) => frame?.type === "node.heartbeat" && frame.max_agents === 1 && frame.load === 1
      )
      const refused = yield* broker.call("POST", "/api/spawn", recorder.spec("w2"))
      assert.match(JSON.stringify(refused.body), /draining/)
      assert.strictEqual(((yield* broker.expect("GET", "/health")) as Health).nodeSession, "draining")
      const { code, out } = yield* draining
      assert.strictEqual(code, 0)
      assert.match(out, /^draining until .*\nwaiting for w1\n(every agent is done\n)?stopped\n$/)
      assert.deepInclude(yield* broker.exited, { code: 0 })
      const last = engine.observations.frames.slice(-2).map(({ frame }) => frame?.type)
      assert.strictEqual(last.at(-1), "node.deregister")
    })
  )

  it.scopedLive("ends whoever is not done at the deadline", () =>
    Effect.gen(function* () {
      const { broker } = yield* makeWorld()
      yield* broker.expect("POST", "/api/spawn", {
        name: "w1",
        cli: "sh",
        args: ["-c", "while :; do echo busy; sleep 0.2; done"]
      })
      const { code } = yield* cli(["drain", "--deadline", "2s"], broker.stateDir)
      assert.strictEqual(code, 0)
      assert.match(broker.stderr(), /not done: w1/)
    })
  )
})

describe("SIGTERM", () => {
  it.scopedLive("is bounded although the engine hangs and agents do not go; a second one ends the process", () =>
    Effect.gen(function* () {
      const stubborn = { name: "w1", cli: "sh", args: ["-c", "trap '' TERM HUP INT; while :; do sleep 1; done"] }
      const world = makeWorld().pipe(
        Effect.tap(({ broker, engine }) =>
          Effect.zipRight(
            broker.expect("POST", "/api/spawn", stubborn),
            Effect.sync(() => engine.faults.goSilent())
          )
        )
      )
      const patient = yield* world
      const begun = Date.now()
      yield* patient.broker.kill("SIGTERM")
      assert.deepInclude(yield* patient.broker.exited, { code: 0 })
      assert.isBelow(Date.now() - begun, 8_000)
      const forced = yield* world
      const again = Date.now()
      yield* forced.broker.kill("SIGTERM")
      yield* Effect.sleep(300)
      yield* forced.broker.kill("SIGTERM")
      assert.deepInclude(yield* forced.broker.exited, { code: 1 })
      assert.isBelow(Date.now() - again, 1_500)
    })
  )
})
