/** Records, latches and the two ways of composing the engine. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import WebSocket from "ws"
import { NodeLink } from "../../src/node/NodeLink.ts"
import { FakeEngine } from "../../src/testing/index.ts"
import { connectNode, makeEngine } from "./engineRig.ts"

it.scoped("a latch sees the past, waits for the future, and can be told where to begin", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* connectNode(engine, { name: "vm" })
    yield* node.beat({ load: 0.1 })
    const beat = engine.observations.awaitFrame((one) => one.frame?.type === "node.heartbeat")
    assert.include((yield* beat).text, "0.1")
    const from = engine.observations.frames.length
    const later = yield* Effect.fork(
      engine.observations.awaitFrame((one) => one.frame?.type === "node.heartbeat", from)
    )
    yield* Effect.yieldNow()
    assert.strictEqual((yield* Fiber.poll(later))._tag, "None")
    yield* node.beat({ load: 0.2 })
    assert.include((yield* Fiber.join(later)).text, "0.2")
  })
)

it.scoped("waiting for an ack, an agent, a node and an invocation", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    yield* engine.registerAgent("alice")
    const all = yield* Effect.fork(
      Effect.all([engine.awaitNode(), engine.awaitHosted("w1"), engine.awaitAck("w1", 1)], { concurrency: "unbounded" })
    )
    yield* Effect.yieldNow()
    const node = yield* connectNode(engine, { name: "vm" })
    yield* node.register({ capabilities: ["spawn:cat"] })
    const id = yield* engine.spawn({ name: "w1", cli: "cat" })
    const done = yield* Effect.fork(engine.awaitInvocation(id))
    yield* node.host("w1")
    yield* node.send({ type: "action.result", invocation_id: id, output: { spawned: true } })
    yield* engine.send({ from: "alice", to: "w1", text: "x" })
    assert.strictEqual((yield* Fiber.poll(all))._tag, "None")
    yield* node.ack("w1", 1)
    const [where, who] = yield* Fiber.join(all)
    assert.strictEqual(where.name, "vm")
    assert.strictEqual(who.node, "vm")
    assert.strictEqual((yield* Fiber.join(done)).status, "completed")
  })
)

it.scoped("events are told as they happen, until one stops listening", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const engine = yield* makeEngine({ onEvent: (event) => told.push(event._tag) })
    const more: Array<string> = []
    const stop = engine.observations.onEvent((event) => more.push(event._tag))
    yield* engine.registerAgent("alice")
    const node = yield* connectNode(engine, { name: "vm" })
    yield* node.register()
    yield* node.host("w1")
    stop()
    yield* engine.send({ from: "alice", to: "w1", text: "x" })
    yield* node.ack("w1", 1)
    assert.deepStrictEqual(more, ["SocketOpened", "FrameIn", "FrameOut", "FrameIn", "FrameOut"])
    assert.deepStrictEqual(told.slice(more.length), ["Row", "FrameOut", "Row", "FrameIn", "Row", "Ack"])
  })
)

it.scoped("lists are bounded and can be cleared", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine({ keep: 10 })
    const node = yield* connectNode(engine, { name: "vm" })
    for (let i = 0; i < 100; i++) yield* node.beat({ load: i })
    const { frames } = engine.observations
    assert.isAtMost(frames.length, 15)
    assert.include(frames.at(-1)?.text, '"load":99')
    engine.observations.clear()
    assert.lengthOf(engine.observations.frames, 0)
  })
)

it.scoped("predictable tokens make two engines alike, others not", () =>
  Effect.gen(function* () {
    const key = (predictable: boolean) => Effect.map(makeEngine({ predictable }), (engine) => engine.key())
    assert.strictEqual(yield* key(true), yield* key(true))
    assert.notStrictEqual(yield* key(false), yield* key(false))
    assert.match(yield* key(false), /^rk_live_[0-9a-f]{32}$/)
  })
)

it.scoped("workspaces are apart: names, keys and nodes", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine({ workspace: "one" })
    const two = yield* engine.createWorkspace("two")
    yield* engine.registerAgent("alice")
    yield* two.registerAgent("alice")
    assert.notStrictEqual(engine.agent("alice")?.id, two.agent("alice")?.id)
    assert.deepStrictEqual(
      engine.workspaces().map(({ name }) => name),
      ["one", "two"]
    )
    assert.strictEqual((yield* Effect.flip(two.send({ from: "alice", to: "bob", text: "x" }))).code, "agent_not_found")
  })
)

it.effect("as a layer, with both doors", () =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine
    yield* HttpClient.HttpClient
    const link = yield* NodeLink
    assert.strictEqual(
      (yield* Effect.flip(Effect.scoped(link.connect(Redacted.make("nt_live_none")))))._tag,
      "Unauthorized"
    )
    assert.lengthOf(engine.observations.upgradeRefusals, 1)
  }).pipe(Effect.provide(FakeEngine.layer()))
)

const upgradeStatus = (url: string) =>
  Effect.async<number>((resume) => {
    const socket = new WebSocket(url)
    socket.on("unexpected-response", (_request, response) => resume(Effect.succeed(response.statusCode ?? 0)))
    socket.on("open", () => resume(Effect.succeed(101)))
    socket.on("error", () => {})
    return Effect.sync(() => socket.terminate())
  })

it.scopedLive("/v1/ws is refused and counted, other paths are 426, the token may be in the query and wins there", () =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine.make()
    const { token } = yield* engine.enrollNode("vm")
    const ws = (yield* engine.listen()).baseUrl.replace("http", "ws")
    assert.strictEqual(yield* upgradeStatus(`${ws}/v1/ws?token=${engine.key()}`), 401)
    assert.strictEqual(engine.observations.observerSocketAttempts, 1)
    assert.strictEqual(yield* upgradeStatus(`${ws}/other`), 426)
    assert.strictEqual(yield* upgradeStatus(`${ws}/v1/node/ws`), 401)
    assert.strictEqual(yield* upgradeStatus(`${ws}/v1/node/ws?token=${engine.key()}`), 401)
    assert.strictEqual(yield* upgradeStatus(`${ws}/v1/node/ws?token=${token}`), 101)
    engine.faults.refuseUpgrades(1, 500, { body: "broken" })
    assert.strictEqual(yield* upgradeStatus(`${ws}/v1/node/ws?token=${token}`), 500)
  })
)

it.live("the end of the scope frees the port and drops the sockets; a taken port is said so", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const engine = yield* Scope.extend(FakeEngine.make(), scope)
    const { port } = yield* Scope.extend(engine.listen(), scope)
    const taken = yield* Effect.flip(Effect.scoped(engine.listen({ port })))
    assert.deepInclude(taken, { _tag: "PortInUse", port })
    yield* Scope.close(scope, Exit.void)
    const again = yield* Effect.scoped(engine.listen({ port }))
    assert.strictEqual(again.port, port)
  })
)
