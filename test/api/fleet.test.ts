import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { laneOf } from "../../src/api/fleet/FleetSocket.ts"
import { SpawnFailed, UnknownWorker } from "../../src/domain/Errors.ts"
import { AgentName, InvocationId } from "../../src/domain/Ids.ts"
import { version } from "../../src/domain/Version.ts"
import { type Client, fakeWorker, makeRig, type Rig } from "./rig.ts"

type Fields = { readonly [key: string]: unknown }

/** A sidecar on the socket: `ask` sends a frame and waits for its reply. */
const join = ({ socket }: Rig) =>
  Effect.gen(function* () {
    const client = yield* socket("/api/fleet/ws")
    let asked = 0
    const post = (type: string, payload: unknown = {}) => {
      asked += 1
      const requestId = `r${asked}`
      client.socket.send(JSON.stringify({ v: 2, type, request_id: requestId, payload }))
      return requestId
    }
    const replyTo = (requestId: string | null) =>
      Effect.map(
        client.until((frames) => frames.some((frame) => frame["request_id"] === requestId)),
        () => client.frames.find((frame) => frame["request_id"] === requestId) as { type: string; payload: Fields }
      )
    const ask = (type: string, payload?: unknown) => Effect.suspend(() => replyTo(post(type, payload)))
    const register = (...names: ReadonlyArray<string>) =>
      ask("register_node", { manifest: { name: "node-1", capabilities: names.map((name) => ({ name })) } }).pipe(
        Effect.zipRight(ask("register_handlers", { names }))
      )
    return { ...client, post, replyTo, ask, register }
  })

const result = (frame: { readonly type: string; readonly payload: Fields }) => {
  assert.strictEqual(frame.type, "ok", JSON.stringify(frame))
  return frame.payload["result"]
}
const error = (frame: { readonly type: string; readonly payload: Fields }) => {
  assert.strictEqual(frame.type, "error", JSON.stringify(frame))
  return frame.payload
}
const invocationId = InvocationId.make("inv_1")
const invoked = (client: Pick<Client, "until">) =>
  client.until((frames) => frames.some(({ type }) => type === "invoke_handler"))

describe("GET /api/fleet/ws", () => {
  it.scopedLive("greets, registers, is given an invocation and answers it, and says goodbye", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      const hello = yield* sidecar.ask("hello", { client_name: "t", client_version: "1" })
      assert.deepStrictEqual(result(hello), { broker_version: version, protocol_version: 2 })
      assert.deepStrictEqual(result(yield* sidecar.register("echo")), { handlers_live: true })
      const { sidecar: shown } = (yield* rig.ask("GET", "/api/status")).body as { sidecar: Fields }
      assert.deepInclude(shown, { name: "node-1", handlers: ["echo"], in_flight: 0 })
      const answer = yield* Effect.fork(rig.hub.invoke({ invocationId, name: "echo", input: { a: 1 } }))
      yield* invoked(sidecar)
      const reply = yield* sidecar.ask("handler_result", { invocation_id: invocationId, output: { a: 1 } })
      assert.deepStrictEqual(result(reply), { completed: true })
      assert.deepStrictEqual(yield* Fiber.join(answer), { a: 1 })
      const unknown = yield* sidecar.ask("handler_result", { invocation_id: "nope", output: 1 })
      assert.strictEqual(error(unknown)["code"], "unknown_invocation")
      assert.deepStrictEqual(result(yield* sidecar.ask("deregister_node")), { deregistered: true })
      assert.isFalse(yield* rig.hub.handles("echo"))
    })
  )

  it.scopedLive("is closed to those without the key", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const refused = yield* Effect.exit(rig.socket("/api/fleet/ws", { "x-api-key": "wrong" }))
      assert.strictEqual(refused._tag, "Failure")
    })
  )

  it.scopedLive("answers garbage without losing what follows it", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      for (const text of ["garbage", "[]", '{"type":1}']) sidecar.socket.send(text)
      sidecar.socket.send(Buffer.from([0, 1, 2]))
      yield* sidecar.until((frames) => frames.length === 4)
      for (const frame of sidecar.frames) {
        const { code } = frame["payload"] as Fields
        assert.deepStrictEqual([frame["request_id"], code], [null, "invalid_frame"])
      }
      assert.strictEqual(error(yield* sidecar.ask("set_model", { name: "w1" }))["code"], "frame_failed")
      assert.deepInclude(error(yield* sidecar.ask("send_input", { name: "w1" })), { code: "frame_failed" })
      assert.strictEqual((yield* sidecar.ask("hello")).type, "ok")
    })
  )

  it.scopedLive("ends a socket that sends 10 MiB at once, and with it what was in flight", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      yield* sidecar.register("echo")
      const answer = yield* Effect.fork(Effect.flip(rig.hub.invoke({ invocationId, name: "echo", input: 1 })))
      yield* invoked(sidecar)
      sidecar.socket.send("x".repeat(10 << 20))
      assert.strictEqual((yield* Fiber.join(answer))._tag, "HandlerUnavailable")
      assert.strictEqual(yield* sidecar.closed, 1009)
      const next = yield* join(rig)
      assert.deepStrictEqual(result(yield* next.register("echo")), { handlers_live: true })
    })
  )

  it.scopedLive("drops a sidecar that never reads, instead of keeping its frames", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      yield* sidecar.register("echo")
      sidecar.socket.pause()
      const input = "x".repeat(1 << 20)
      const answers = yield* Effect.forEach(Array.from({ length: 40 }), (_, n) =>
        Effect.fork(Effect.flip(rig.hub.invoke({ invocationId: InvocationId.make(`inv_${n}`), name: "echo", input })))
      )
      for (const answer of answers) assert.strictEqual((yield* Fiber.join(answer))._tag, "HandlerUnavailable")
      assert.isUndefined(yield* rig.hub.view)
    })
  )

  it.scoped("drops a sidecar that answers no ping", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      yield* sidecar.register("echo")
      for (const n of [1, 2, 3]) {
        yield* TestClock.adjust("10 seconds")
        yield* sidecar.pinged(n)
      }
      assert.isDefined(yield* rig.hub.view)
      // It hangs: what comes is neither read nor answered.
      sidecar.socket.pause()
      yield* TestClock.adjust("51 seconds")
      sidecar.socket.resume()
      assert.strictEqual(yield* sidecar.closed, 1006)
    })
  )

  it.scopedLive("refuses a second sidecar while the first one is there", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const first = yield* join(rig)
      yield* first.register("echo")
      const second = yield* join(rig)
      const refused = error(yield* second.ask("register_handlers", { names: ["echo"] }))
      assert.deepInclude(refused, { code: "sidecar_exists", retryable: true })
      assert.strictEqual((yield* second.ask("list_agents")).type, "ok")
      assert.isTrue(yield* rig.hub.handles("echo"))
    })
  )
})

describe("requests of a sidecar", () => {
  it.scopedLive("spawn as POST /api/spawn does, with the invocation and the initial task", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      const agent = {
        name: "w9",
        runtime: "pty",
        cli: "cat",
        session_id: "s1",
        args: ["-u"],
        channels: ["dev"],
        cwd: "/",
        harness_config: { runtime: "pty", command: "/bin/cat", args: ["-e"], env: { A: "1" }, sessionId: "s1" }
      }
      const spawned = yield* sidecar.ask("spawn_agent", {
        agent,
        initial_task: "do it",
        skip_relay_prompt: false,
        invocation_id: "inv_x"
      })
      assert.deepInclude(result(spawned), { success: true, name: "w9", runtime: "pty", pre_registered: true })
      const [request] = rig.seen.spawned
      assert.deepInclude(request, { source: "sidecar", invocationId: InvocationId.make("inv_x") })
      assert.deepInclude(request?.spec, {
        name: AgentName.make("w9"),
        cli: "/bin/cat",
        args: ["-e"],
        task: "do it",
        sessionRef: "s1",
        channels: ["dev"],
        skipRelayPrompt: false
      })
    })
  )

  it.scopedLive("are refused with the sentence that HTTP has, retryable or not", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      const refusal = (type: string, payload: unknown) => Effect.map(sidecar.ask(type, payload), error)
      const failed = (code: string, message: string, retryable = false) => ({ code, message, retryable })
      assert.deepStrictEqual(
        yield* refusal("spawn_agent", { agent: {} }),
        failed("frame_failed", "Missing required field: name")
      )
      rig.script.spawn = () => Effect.fail(new SpawnFailed({ agent: "w9", stage: "start", reason: "no such program" }))
      assert.include((yield* refusal("spawn_agent", { agent: { name: "w9", cwd: "/" } }))["message"], "no such program")
      assert.include((yield* refusal("spawn_agent", { agent: { name: "w9", args: 3 } }))["message"], "args")
      rig.script.send = () => Effect.fail(new UnknownWorker({ agent: "x" }))
      assert.deepStrictEqual(
        yield* refusal("send_message", { to: "x", text: "t" }),
        failed("frame_failed", `Agent "x" not found`)
      )
      assert.deepStrictEqual(
        yield* refusal("send_input", { name: "nope", data: "x" }),
        failed("frame_failed", "agent_not_found: no worker named 'nope'")
      )
    })
  )

  it.scopedLive("list, send as the named sender, type, and release as their routes do", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      const { agents } = result(yield* sidecar.ask("list_agents")) as { agents: ReadonlyArray<Fields> }
      assert.deepStrictEqual(
        agents.map(({ name }) => name),
        ["w1"]
      )
      const sent = yield* sidecar.ask("send_message", {
        to: "w1",
        text: "hi",
        from: "node-1",
        mode: "steer",
        thread_id: "9"
      })
      assert.deepInclude(result(sent), { success: true, local: true })
      assert.deepInclude(rig.seen.sent[0], { to: "w1", text: "hi", from: "node-1", mode: "steer", threadId: "9" })
      const typed = yield* sidecar.ask("send_input", { name: "w1", data: "é\r" })
      assert.deepStrictEqual(result(typed), { name: "w1", bytes_written: 3 })
      for (const name of ["w1", "never"]) {
        const released = yield* sidecar.ask("release_agent", { name, reason: "bye" })
        assert.deepStrictEqual(result(released), { success: true, name })
      }
      assert.deepStrictEqual(rig.seen.released[0], { name: "w1", reason: "bye" })
      let asked = ""
      rig.script.shutdown = (reason) =>
        Effect.sync(() => {
          asked = reason
        })
      assert.deepStrictEqual(result(yield* sidecar.ask("shutdown")), { status: "shutting_down" })
      assert.include(asked, "sidecar")
    })
  )

  it.scopedLive("are served while one of its invocations is open and another request is slow", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      yield* sidecar.register("echo")
      const slow = yield* Deferred.make<void>()
      const { spawn } = rig.script
      rig.script.spawn = (request) => Effect.zipRight(Deferred.await(slow), spawn(request))
      yield* Effect.fork(rig.hub.invoke({ invocationId, name: "echo", input: 1 }))
      yield* invoked(sidecar)
      const spawned = sidecar.post("spawn_agent", { agent: { name: "w9", cwd: "/" } })
      const waiting = sidecar.post("send_message", { to: "@W9", text: "after its spawn" })
      assert.strictEqual((yield* sidecar.ask("list_agents")).type, "ok")
      assert.strictEqual((yield* sidecar.ask("send_message", { to: "w1", text: "not behind it" })).type, "ok")
      assert.deepStrictEqual(
        rig.seen.sent.map(({ to }) => to),
        ["w1"]
      )
      yield* Deferred.succeed(slow, undefined)
      yield* sidecar.replyTo(spawned)
      yield* sidecar.replyTo(waiting)
      assert.deepStrictEqual(
        rig.seen.sent.map(({ to }) => to),
        ["w1", "@W9"]
      )
    })
  )

  it.scopedLive("beyond 256 in progress are refused as retryable, and served again later", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      const slow = yield* Deferred.make<void>()
      const { send } = rig.script
      rig.script.send = (request) => Effect.zipRight(Deferred.await(slow), send(request))
      const ids = Array.from({ length: 256 }, (_, n) => sidecar.post("send_message", { to: `w${n}`, text: "t" }))
      const refused = error(yield* sidecar.ask("send_message", { to: "w1", text: "one more" }))
      assert.deepInclude(refused, { code: "too_many_requests", retryable: true })
      yield* Deferred.succeed(slow, undefined)
      for (const id of ids) assert.strictEqual((yield* sidecar.replyTo(id)).type, "ok")
      assert.strictEqual((yield* sidecar.ask("send_message", { to: "w1", text: "again" })).type, "ok")
    })
  )

  it.scopedLive("are answered even when they fail by a bug of the broker", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const sidecar = yield* join(rig)
      rig.script.send = () => Effect.die(new Error("a bug"))
      const failed = error(yield* sidecar.ask("send_message", { to: "w1", text: "t" }))
      assert.deepStrictEqual(failed, { code: "internal_error", message: "internal error", retryable: false })
    })
  )

  it("keep their order per agent and channel", () => {
    const lane = (type: string, payload: unknown) => laneOf({ type, payload } as Parameters<typeof laneOf>[0])
    assert.strictEqual(lane("spawn_agent", { agent: { name: " W1 " } }), "agent w1")
    assert.strictEqual(lane("send_message", { to: "@w1" }), "agent w1")
    assert.strictEqual(lane("release_agent", { name: "w1" }), "agent w1")
    assert.strictEqual(lane("send_message", { to: "#dev" }), "channel #dev")
    assert.isUndefined(lane("list_agents", {}))
  })
})

describe("an agent that a handler spawned", () => {
  const world = Effect.gen(function* () {
    const rig = yield* makeRig()
    const sidecar = yield* join(rig)
    yield* sidecar.register("work")
    const invocation = yield* Effect.fork(Effect.either(rig.hub.invoke({ invocationId, name: "work", input: {} })))
    yield* invoked(sidecar)
    const worker = fakeWorker(rig.seen, { name: AgentName.make("w9") })
    rig.script.spawn = () =>
      Effect.sync(() => {
        rig.script.workers.push(worker)
        return { worker, registered: true }
      })
    const released = yield* Deferred.make<string>()
    rig.script.release = ({ name }) =>
      Effect.as(Deferred.succeed(released, name), { exit: undefined, droppedDeliveries: 0 })
    const agent = { agent: { name: "w9", cwd: "/" }, invocation_id: invocationId }
    return { rig, sidecar, invocation, released, agent }
  })

  it.scopedLive("goes when its invocation ends unanswered, because that may be run again", () =>
    Effect.gen(function* () {
      const { agent, released, sidecar } = yield* world
      assert.strictEqual((yield* sidecar.ask("spawn_agent", agent)).type, "ok")
      sidecar.socket.terminate()
      assert.strictEqual(yield* Deferred.await(released), "w9")
    })
  )

  it.scopedLive("stays when it was answered for, by whatever answer", () =>
    Effect.gen(function* () {
      const { agent, released, rig, sidecar } = yield* world
      assert.strictEqual((yield* sidecar.ask("spawn_agent", agent)).type, "ok")
      yield* sidecar.ask("handler_result", { invocation_id: invocationId, error: "it went wrong later" })
      sidecar.socket.terminate()
      yield* rig.hub.view.pipe(Effect.delay("5 millis"), Effect.repeat({ until: (view) => view === undefined }))
      assert.isFalse(yield* Deferred.isDone(released))
    })
  )

  it.scopedLive("is not spawned any more when the time of its invocation is over", () =>
    Effect.gen(function* () {
      const { agent, invocation, rig, sidecar } = yield* world
      const undone = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      rig.script.spawn = () =>
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Deferred.succeed(undone, undefined))
        )
      const spawned = sidecar.post("spawn_agent", agent)
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(invocation)
      yield* Deferred.await(undone)
      assert.include(error(yield* sidecar.replyTo(spawned))["message"], "the spawn was undone")
    })
  )

  it.scopedLive("goes with a sidecar that leaves while it is started", () =>
    Effect.gen(function* () {
      const { agent, rig, sidecar } = yield* world
      const undone = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      rig.script.spawn = () =>
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Deferred.succeed(undone, undefined))
        )
      sidecar.post("spawn_agent", { agent: agent.agent })
      yield* Deferred.await(begun)
      sidecar.socket.terminate()
      yield* Deferred.await(undone)
    })
  )
})
