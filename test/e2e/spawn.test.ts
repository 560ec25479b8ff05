/** Spawns that go wrong: the caller hears why, nothing is left anywhere, and the name can be used again. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { awaitGone, awaitHere, makePrograms, processesBelow } from "./agreement.ts"
import { eventually, makeWorld, temporaryHome } from "./rig.ts"

const makePlace = Effect.gen(function* () {
  const world = yield* makeWorld()
  const programs = makePrograms(world.home)
  const { broker, engine, recorder } = world
  const place = { broker, engine, directory: programs.directory }
  const spawn = (name: string, cli: string, more: object = {}) =>
    broker.call("POST", "/api/spawn", { name, cli, channels: ["general"], ...more })
  return {
    ...world,
    ...place,
    programs,
    spawn,
    gone: (name: string) => awaitGone(place, name),
    /** The proof that the name is free: an agent under it that gets a message. Released again. */
    usable: (name: string) =>
      Effect.gen(function* () {
        yield* broker.expect("POST", "/api/spawn", recorder.spec(name))
        yield* awaitHere(place, name)
        yield* broker.expect("DELETE", `/api/spawned/${name}`)
        yield* eventually(() => engine.agent(name)?.bound !== true, `${name} left`)
      })
  }
})

describe("a spawn that comes to nothing", () => {
  it.scopedLive("names its stage, leaves nothing, and its name can be used again", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { engine, home, programs, spawn } = place
      const dies = programs.script("dies", "echo something went wrong >&2; exit 3")
      const diesLater = programs.script("dies-later", "sleep 0.1; exit 4")
      const killsItself = programs.script("kills-itself", "kill -9 $$")
      const cases: ReadonlyArray<readonly [string, string, object, object]> = [
        ["missing", "no-such-program-anywhere", {}, { stage: "validate" }],
        ["path", join(home, "programs", "absent"), {}, { stage: "validate" }],
        ["relative", "cat", { cwd: "programs" }, { stage: "validate" }],
        ["nowhere", "cat", { cwd: join(home, "absent") }, { stage: "validate" }],
        ["atonce", dies, {}, { stage: "stability", exit_code: 3 }],
        ["later", diesLater, {}, { stage: "stability", exit_code: 4 }],
        ["killed", killsItself, {}, { stage: "stability", signal: 9 }]
      ]
      for (const [name, cli, more, fields] of cases) {
        const { body, status } = yield* spawn(name, cli, more)
        assert.strictEqual(status, 500, name)
        assert.deepInclude(body as object, { success: false, name, ...fields })
        if ("exit_code" in fields) assert.include((body as { log_path: string }).log_path, `${name}.log`)
        yield* place.gone(name)
      }
      const { body } = yield* spawn("atonce", dies)
      assert.include((body as { last_output: string }).last_output, "something went wrong")
      // What is wrong with the request is known before the engine is touched.
      assert.isUndefined(engine.agent("missing"))
      assert.isUndefined(engine.agent("nowhere"))
      for (const name of ["missing", "atonce", "killed"]) yield* place.usable(name)
    })
  )

  it.scopedLive("over HTTP, when the bind fails: 500, and the engine keeps no active agent", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { engine, recorder, broker } = place
      engine.faults.refuseUpgrades(1_000, 503)
      engine.faults.dropSockets()
      engine.faults.refuseHttp("POST /v1/nodes/:name/agents", 1_000, 409, "node_capacity_exceeded")
      const { body, status } = yield* broker.call("POST", "/api/spawn", recorder.spec("w1"))
      assert.strictEqual(status, 500)
      assert.deepInclude(body as object, { success: false, name: "w1", stage: "bind" })
      yield* place.gone("w1")
      engine.faults.heal()
      yield* broker.expect("POST", "/api/node/reconnect")
      yield* engine.awaitNode()
      yield* place.usable("w1")
    })
  )

  it.scopedLive("when its caller leaves before the engine answers: the late success is undone", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { broker, engine, recorder } = place
      engine.faults.holdReplies("agent.register")
      const calling = yield* Effect.fork(broker.call("POST", "/api/spawn", recorder.spec("w1")))
      yield* eventually(() => engine.agent("w1")?.bound === true, "the engine registered it")
      yield* Fiber.interrupt(calling)
      engine.faults.heal()
      yield* place.gone("w1")
      yield* place.usable("w1")
    })
  )
})

describe("a release", () => {
  it.scopedLive("ends what ignores SIGTERM, frees the name at once, and says how it ended", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { broker, programs, spawn } = place
      const stubborn = programs.script("stubborn", "trap '' TERM HUP INT; echo '> '; while :; do sleep 0.05; done")
      assert.strictEqual((yield* spawn("w1", stubborn)).status, 200)
      const began = Date.now()
      const ending = yield* Effect.fork(broker.expect("DELETE", "/api/spawned/w1"))
      yield* eventually(() => place.engine.agent("w1")?.bound !== true, "w1 left")
      // While the old one dies.
      assert.strictEqual((yield* spawn("w1", stubborn)).status, 200)
      assert.isBelow(Date.now() - began, 1_900)
      assert.isAtLeast(processesBelow(place.directory).length, 2)
      assert.deepInclude((yield* ending) as object, { success: true, known: true, exit_code: null, signal: 9 })
      assert.isAtLeast(Date.now() - began, 1_900)
      yield* broker.expect("DELETE", "/api/spawned/w1")
      yield* place.gone("w1")
      yield* place.usable("w1")
    })
  )

  it.scopedLive("takes grandchildren along: in the group, in jobs of their own, in sessions of their own", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { broker, programs, spawn } = place
      const grand = programs.script("grand", "trap '' TERM HUP; while :; do sleep 0.05; done")
      const parent = programs.script(
        "parent",
        `${grand} in-the-group &\nsetsid ${grand} in-its-session &\nset -m; ${grand} in-a-job &\nset +m\necho '> '; exec cat`
      )
      assert.strictEqual((yield* spawn("w1", parent)).status, 200)
      const kinds = ["in-the-group", "in-its-session", "in-a-job"]
      const found = () => kinds.filter((kind) => processesBelow(place.directory).some((line) => line.endsWith(kind)))
      yield* eventually(() => found().length === kinds.length, "all grandchildren run")
      yield* broker.expect("DELETE", "/api/spawned/w1")
      assert.deepStrictEqual(found(), [])
      yield* place.gone("w1")
    })
  )

  it.scopedLive("by the engine: of running, exited and unknown agents, each answered once", () =>
    Effect.gen(function* () {
      const place = yield* makePlace
      const { engine, programs, recorder, broker, spawn } = place
      yield* broker.expect("POST", "/api/spawn", recorder.spec("running"))
      const brief = programs.script("brief", "sleep 0.5; exit 7")
      assert.strictEqual((yield* spawn("exited", brief)).status, 200)
      yield* eventually(() => engine.agent("exited")?.status === "offline", "it ended")
      const running = yield* engine.release({ from: "alice", name: "running" })
      assert.deepInclude(yield* engine.awaitInvocation(running), {
        status: "completed",
        output: { released: true, name: "running" }
      })
      yield* place.gone("running")
      const node = yield* engine.awaitNode()
      const ask = (id: string, name: string) =>
        engine.sendRaw(node.name, {
          v: 1,
          type: "action.invoke",
          invocation_id: id,
          action: "release",
          input: { name }
        })
      const answerTo = (id: string) =>
        Effect.map(
          engine.observations.awaitFrame(({ frame }) => frame?.type === "action.result" && frame.invocation_id === id),
          ({ frame }) => frame
        )
      yield* ask("inv_exited", "exited")
      assert.deepInclude(yield* answerTo("inv_exited"), { output: { released: true, name: "exited" } })
      yield* ask("inv_again", "running")
      assert.deepInclude(yield* answerTo("inv_again"), { output: { released: true, name: "running" } })
      yield* ask("inv_unknown", "nobody")
      assert.deepInclude(yield* answerTo("inv_unknown"), { error: "release_failed: unknown worker 'nobody'" })
      yield* place.usable("exited")
    })
  )
})

describe("an invocation", () => {
  it.scopedLive("without `cli` runs the program of its action's name; its repeat runs nothing", () =>
    Effect.gen(function* () {
      const home = yield* temporaryHome
      const programs = makePrograms(home)
      programs.script("codex", 'case "$1" in app-server | debug | --help) exit 1 ;; esac\necho "> "; cat')
      const PATH = `${programs.directory}:${process.env["PATH"]}`
      const { engine } = yield* makeWorld({ home, env: { PATH } })
      const node = yield* engine.awaitNode()
      const invoke = (action: string) =>
        engine.sendRaw(node.name, {
          v: 1,
          type: "action.invoke",
          invocation_id: "inv_1",
          action,
          input: { name: "w1", task: "say hello", channel: null, model: null, metadata: {} }
        })
      yield* invoke("spawn:codex")
      const isAnswer = ({ frame }: { readonly frame: { readonly type: string } | undefined }) =>
        frame?.type === "action.result"
      const first = yield* engine.observations.awaitFrame(isAnswer)
      assert.deepInclude(first.frame as object, { output: { spawned: true, name: "w1" } })
      assert.deepInclude(engine.agent("w1")?.metadata["fleet"] as object, { invocation_id: "inv_1" })
      const count = () => processesBelow(programs.directory).length
      yield* eventually(() => count() === 1, "one codex")
      // The engine asks again under the bare name when it got no answer within 30 s.
      const from = engine.observations.frames.length
      yield* invoke("spawn")
      const second = yield* engine.observations.awaitFrame(isAnswer, from)
      assert.deepStrictEqual(second.frame, first.frame)
      assert.strictEqual(count(), 1)
      // It is no codex to look at, so nothing is typed into it: that it is hosted is all that can be said.
      yield* engine.awaitHosted("w1")
    })
  )
})
