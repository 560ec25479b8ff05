/** Every scripted fault does what it says, and its end ends it. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { ConnectFailed } from "../../src/node/NodeLink.ts"
import type { FakeEngineService } from "../../src/testing/index.ts"
import { connectNode, type Door, deliveries, type Frame, linkTo, makeEngine, throughBothDoors } from "./engineRig.ts"

const hosted = (engine: FakeEngineService, door: Door = "memory") =>
  Effect.gen(function* () {
    yield* engine.registerAgent("alice")
    const node = yield* connectNode(engine, { name: "vm", door })
    yield* node.register()
    yield* node.host("w1")
    return node
  })

const say = (engine: FakeEngineService, text = "x") => engine.send({ from: "alice", to: "w1", text })

const get = (engine: FakeEngineService, path: string) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.get(`http://e${path}`).pipe(HttpClientRequest.bearerToken(engine.key()))
    const response = yield* client.execute(request)
    return { status: response.status, retryAfter: response.headers["retry-after"], body: yield* response.json }
  }).pipe(Effect.provide(engine.httpClientLayer))

describe("silence", () => {
  throughBothDoors("frames are recorded and not handled, nothing leaves, pings go unanswered", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, door)
      yield* say(engine)
      yield* node.drain
      engine.faults.goSilent()
      yield* say(engine)
      assert.deepStrictEqual(
        engine.mailbox("w1").map((row) => row.state),
        ["delivered", "delivered"]
      )
      yield* node.ack("w1", 2)
      const seen = yield* engine.observations.awaitFrame((one) => one.frame?.type === "delivery.ack")
      assert.isTrue(seen.ignored)
      assert.strictEqual(engine.cursor("w1"), 0)
      const before = yield* node.connection.lastInboundMillis
      yield* node.connection.ping
      yield* node.send({ type: "node.deregister" })
      yield* engine.observations.awaitFrame((one) => one.frame?.type === "node.deregister")
      assert.strictEqual(yield* node.connection.lastInboundMillis, before)
      engine.faults.unsilence()
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1", "w1 2"])
    })
  )

  it.scoped("with pongs only the engine is dead, not the socket", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      engine.faults.goSilent({ pongs: true })
      yield* TestClock.adjust("10 seconds")
      yield* node.connection.ping
      assert.strictEqual(yield* node.connection.lastInboundMillis, 10_000)
      engine.faults.goSilent()
      yield* TestClock.adjust("10 seconds")
      yield* node.connection.ping
      assert.strictEqual(yield* node.connection.lastInboundMillis, 10_000)
    })
  )
})

throughBothDoors("a dead engine: sockets drop, nothing is answered, state and mailboxes survive", (door) =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* hosted(engine, door)
    const { token } = yield* engine.enrollNode("vm")
    const link = yield* linkTo(engine, door)
    yield* say(engine)
    engine.faults.goDown()
    const frames = yield* Effect.exit(Effect.forever(node.connection.inbound.take))
    assert.strictEqual(frames._tag, "Failure")
    const refused = yield* Effect.flip(link.connect(Redacted.make(token)))
    assert(refused instanceof ConnectFailed)
    assert.strictEqual(refused.status, 0)
    assert.strictEqual((yield* Effect.flip(get(engine, "/v1/workspace")))._tag, "RequestError")
    engine.faults.comeBack()
    const again = yield* connectNode(engine, { name: "vm", door })
    yield* again.register()
    assert.deepStrictEqual(deliveries(yield* again.drain), ["w1 1"])
  })
)

describe("replies", () => {
  it.scoped("delayed: they leave later, and what follows them after that", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      yield* say(engine)
      yield* node.drain
      engine.faults.delayReplies("5 seconds")
      yield* node.send({ type: "inventory.sync", id: "i", agents: [] })
      yield* say(engine)
      yield* TestClock.adjust("4999 millis")
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 2"], "only the live frame")
      yield* TestClock.adjust("1 millis")
      const frames = yield* node.drain
      assert.deepInclude(frames[0], { type: "reply", id: "i" })
      assert.deepStrictEqual(deliveries(frames), ["w1 1", "w1 2"])
    })
  )

  it.scoped("held by type: handled at once, sent when released, in order", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      engine.faults.holdReplies("agent.register")
      yield* node.send({ type: "agent.register", id: "a", name: "w2" })
      yield* node.send({ type: "agent.register", id: "b", name: "w3" })
      assert.strictEqual(engine.agent("w2")?.status, "active")
      assert.strictEqual((yield* node.request({ type: "inventory.sync", agents: [] })).type, "reply")
      assert.deepStrictEqual(yield* node.drain, [])
      engine.faults.releaseReplies()
      assert.deepStrictEqual(
        (yield* node.drain).map((frame) => frame["id"]),
        ["a", "b"]
      )
      assert.strictEqual((yield* node.request({ type: "agent.register", name: "w4" })).type, "reply")
    })
  )

  it.scoped("a replay can be late, so that live frames overtake it", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      yield* say(engine)
      yield* node.drain
      engine.faults.delayReplays("1 seconds")
      yield* node.register()
      yield* say(engine)
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 2"])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1", "w1 2"])
    })
  )

  it.scoped("rejected: the next n of a type get the error with their id, and have no effect", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      engine.faults.rejectNext("agent.register", "agent_location_conflict", "no", 2)
      for (const name of ["w2", "w2"])
        assert.deepInclude(yield* node.request({ type: "agent.register", name }), {
          type: "error",
          code: "agent_location_conflict",
          message: "no"
        })
      assert.isUndefined(engine.agent("w2"))
      yield* node.host("w2")
      assert.deepStrictEqual(engine.observations.rejectedFrames, [], "a scripted error is no invalid frame")
    })
  )
})

describe("frames", () => {
  it.scoped("every delivery twice", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      engine.faults.duplicateDeliveries(true)
      yield* say(engine)
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1", "w1 1"])
      engine.faults.duplicateDeliveries(false)
      yield* say(engine)
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 2"])
    })
  )

  it.scoped("lost, doubled or late, both ways, as a schedule decides", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      const fates = ["lose", "duplicate", { delay: "3 seconds" }, "deliver"] as const
      let sent = 0
      engine.faults.onFrame(({ to, type }) => {
        if (to === "node" && type === "deliver") return fates[sent++] ?? "deliver"
        return to === "engine" && type === "delivery.ack" ? "lose" : "deliver"
      })
      for (let i = 0; i < 4; i++) yield* say(engine)
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 2", "w1 2", "w1 4"])
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 3"])
      assert.deepStrictEqual(
        engine.observations.sent.filter(({ lost }) => lost).map(({ frame }) => frame["seq"]),
        [1]
      )
      yield* node.ack("w1", 4)
      assert.strictEqual(engine.cursor("w1"), 0)
      engine.faults.onFrame(undefined)
      yield* node.ack("w1", 4)
      assert.strictEqual(engine.cursor("w1"), 4)
    })
  )

  it.scoped("any text reaches the node as it is", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine)
      yield* engine.sendRaw("vm", "not JSON")
      assert.strictEqual(yield* Effect.orDie(node.connection.inbound.take), "not JSON")
      yield* engine.sendRaw("vm", { type: "node.spawn", v: 1 })
      assert.strictEqual((yield* node.next).type, "node.spawn")
      yield* node.connection.close("abrupt", "")
      assert.strictEqual((yield* Effect.flip(engine.sendRaw("vm", "x"))).code, "node_offline")
    })
  )
})

describe("HTTP", () => {
  it.scoped("refusals are counted down and carry what they should", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      engine.faults.refuseHttp("GET /v1/workspace", 2, 429, "rate_limit_exceeded", { retryAfter: 3, message: "slow" })
      const refused = yield* get(engine, "/v1/workspace")
      assert.deepStrictEqual(refused, {
        status: 429,
        retryAfter: "3",
        body: { ok: false, error: { code: "rate_limit_exceeded", message: "slow" } }
      })
      assert.strictEqual((yield* get(engine, "/v1/agents")).status, 200, "another path is not meant")
      assert.strictEqual((yield* get(engine, "/v1/workspace")).status, 429)
      assert.strictEqual((yield* get(engine, "/v1/workspace")).status, 200)
      assert.deepStrictEqual(
        engine.observations.httpRequests.map(({ path, status }) => `${path} ${status}`),
        ["/v1/workspace 429", "/v1/agents 200", "/v1/workspace 429", "/v1/workspace 200"]
      )
    })
  )

  it.scoped("matchers: any, a pattern with segments, an expression, a function", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const hit = (path: string) => Effect.map(get(engine, path), ({ status }) => status === 500)
      yield* engine.enrollNode("vm")
      engine.faults.refuseHttp("GET /v1/nodes/:name", 1, 500, "x")
      assert.isFalse(yield* hit("/v1/nodes"))
      assert.isFalse(yield* hit("/v1/nodes/vm/agents"))
      assert.isTrue(yield* hit("/v1/nodes/vm"))
      engine.faults.refuseHttp(/^GET .*agents$/, 1, 500, "x")
      assert.isTrue(yield* hit("/v1/nodes/vm/agents"))
      engine.faults.refuseHttp(({ path }) => path.endsWith("space"), 1, 500, "x")
      assert.isTrue(yield* hit("/v1/workspace"))
      engine.faults.refuseHttp("*", 1, 500, "x")
      assert.isTrue(yield* hit("/v1/agents"))
      assert.isFalse(yield* hit("/v1/agents"))
    })
  )

  it.scoped("late and never", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      engine.faults.delayHttp("GET /v1/workspace", "4 seconds")
      const late = yield* Effect.fork(get(engine, "/v1/workspace"))
      yield* TestClock.adjust("3999 millis")
      assert.isTrue((yield* Fiber.poll(late))._tag === "None")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(late)).status, 200)
      engine.faults.heal()
      engine.faults.hangHttp("*", 1)
      const never = yield* Effect.fork(get(engine, "/v1/workspace"))
      yield* TestClock.adjust("1 hours")
      assert.isTrue((yield* Fiber.poll(never))._tag === "None")
      yield* Fiber.interrupt(never)
      assert.strictEqual((yield* get(engine, "/v1/workspace")).status, 200)
    })
  )
})

it.scoped("healing ends everything and sends what was kept", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* hosted(engine)
    engine.faults.refuseUpgrades(5, 503)
    engine.faults.refuseHttp("*", 5, 500, "x")
    engine.faults.rejectNext("inventory.sync", "x", "x", 5)
    engine.faults.duplicateDeliveries(true)
    engine.faults.delayReplies("1 minutes")
    engine.faults.delayReplays("1 minutes")
    engine.faults.holdReplies()
    yield* node.send({ type: "agent.register", id: "kept", name: "w2" })
    engine.faults.onFrame(() => "lose")
    engine.faults.goSilent()
    engine.faults.heal()
    assert.deepInclude(yield* node.next, { type: "reply", id: "kept" } as Partial<Frame>)
    assert.strictEqual((yield* node.request({ type: "inventory.sync", agents: [] })).type, "reply")
    yield* say(engine)
    assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1"])
    assert.strictEqual((yield* get(engine, "/v1/workspace")).status, 200)
    yield* connectNode(engine, { name: "vm" })
  })
)
