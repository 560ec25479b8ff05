import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { AgentId, AgentName, InvocationId } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { makeNodeRig, type NodeRigOptions, nodeId, nodeName } from "../support/nodeRig.ts"

const rig = (o: NodeRigOptions = {}) =>
  Effect.map(makeNodeRig(o), ({ context, engine, events }) => ({
    engine,
    events,
    node: Context.get(context, NodeControl),
    alerts: Context.get(context, Alerts)
  }))

const typesOf = (frames: ReadonlyArray<{ readonly frame: { readonly type: string } | undefined }>) =>
  frames.map(({ frame }) => frame?.type)

describe("NodeControl", () => {
  it.scoped("registers first, beats after the reply, and never touches /v1/ws", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(typesOf(engine.observations.frames).slice(0, 2), ["node.register", "node.heartbeat"])
      assert.deepInclude(engine.observations.frames[0]!.frame, { node_id: nodeId, name: nodeName, capabilities: [] })
      yield* TestClock.adjust("24 seconds")
      assert.strictEqual(engine.observations.frames.filter(({ frame }) => frame?.type === "node.heartbeat").length, 3)
      assert.deepStrictEqual(engine.observations.rejectedFrames, [])
      assert.strictEqual(engine.observations.observerSocketAttempts, 0)
    })
  )

  it.scoped("does not beat before the register reply, but hands on what arrives", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig({ engine: {} })
      yield* TestClock.adjust("1 second")
      engine.faults.holdReplies("node.register")
      engine.faults.dropSockets()
      yield* TestClock.adjust("3 seconds")
      const from = engine.observations.frames.length - 1
      assert.strictEqual(engine.observations.frames[from]?.frame?.type, "node.register")
      yield* engine.sendRaw(nodeName, { v: 1, type: "action.invoke", invocation_id: "inv_1", action: "x", input: {} })
      yield* TestClock.adjust("1 second")
      assert.strictEqual(engine.observations.frames.length, from + 1)
      const seen = yield* node.frames.takeAll
      assert.isTrue([...seen[0]].some((frame) => frame._tag === "Invoke" && !frame.stale))
      engine.faults.releaseReplies()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(engine.observations.frames[from + 1]?.frame?.type, "node.heartbeat")
    })
  )

  it.scoped("marks an invocation that was queued before the first register as stale", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      engine.faults.holdReplies("node.register")
      yield* TestClock.adjust("1 second")
      yield* engine.sendRaw(nodeName, {
        v: 1,
        type: "action.invoke",
        invocation_id: "inv_1",
        action: "release",
        input: {}
      })
      yield* TestClock.adjust("1 millis")
      const [frames] = yield* node.frames.takeAll
      assert.isTrue([...frames].some((frame) => frame._tag === "Invoke" && frame.stale))
    })
  )

  it.scoped("registers an agent: the reply matches by id and says where replays begin", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      const registered = yield* node.registerAgent({ name: AgentName.make("w1") })
      assert.strictEqual(engine.agent("w1")?.id, registered.agentId)
      const [frames] = yield* node.frames.takeAll
      const triggers = [...frames].flatMap((frame) => (frame._tag === "ReplayStarts" ? [frame.trigger] : []))
      assert.deepStrictEqual([triggers[0], triggers.at(-1)], ["node.register", "agent.register"])
    })
  )

  it.scoped("tells a location conflict from other refusals", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      engine.faults.rejectNext("agent.register", "agent_location_conflict", 'Agent "w1" already has an active location')
      const conflict = yield* Effect.flip(node.registerAgent({ name: AgentName.make("w1") }))
      assert.strictEqual(conflict._tag, "AgentLocationConflict")
      engine.faults.rejectNext("agent.register", "node_capacity_exceeded", "full")
      const refused = yield* Effect.flip(node.registerAgent({ name: AgentName.make("w1") }))
      assert.strictEqual(refused._tag, "NodeRequestRefused")
    })
  )

  it.scoped("gives up a register that is not answered, and tells of its late success", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      engine.faults.holdReplies("agent.register")
      const pending = yield* Effect.fork(Effect.flip(node.registerAgent({ name: AgentName.make("w1") })))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(pending))._tag, "NodeRequestTimeout")
      engine.faults.releaseReplies()
      const { agentId, name } = yield* node.lateRegistrations.take
      assert.deepStrictEqual([name, agentId], ["w1", engine.agent("w1")?.id] as never)
    })
  )

  it.scoped("sends no ack under a name that is being registered, nor for whom it belonged to before", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      const agent = AgentName.make("w1")
      const ack = (agentId: AgentId) => node.ack({ agent, agentId, upToSeq: 0 })
      const former = AgentId.make("a former one")
      assert.strictEqual(yield* ack(former), "sent")
      engine.faults.holdReplies("agent.register")
      const registering = yield* Effect.fork(node.naming(agent, node.registerAgent({ name: agent })))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* ack(former), "later")
      assert.strictEqual(yield* node.ack({ agent: AgentName.make("w2"), agentId: former, upToSeq: 0 }), "sent")
      engine.faults.releaseReplies()
      const { agentId } = yield* Fiber.join(registering)
      assert.strictEqual(yield* ack(former), "never")
      assert.strictEqual(yield* ack(agentId), "sent")
      engine.faults.rejectNext("agent.register", "node_capacity_exceeded", "full")
      yield* Effect.flip(node.naming(agent, node.registerAgent({ name: agent })))
      assert.strictEqual(yield* ack(agentId), "sent")
    })
  )

  it.scoped("does not undo a register that was answered in time", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      yield* node.registerAgent({ name: AgentName.make("w1") })
      yield* TestClock.adjust("2 minutes")
      assert.isUndefined(engine.observations.frames.find(({ frame }) => frame?.type === "agent.deregister"))
    })
  )

  describe("coming back", () => {
    it.scoped("reconnects after a loss and fails what waited", () =>
      Effect.gen(function* () {
        const { engine, node } = yield* rig()
        yield* TestClock.adjust("1 second")
        engine.faults.holdReplies("agent.register")
        const pending = yield* Effect.fork(Effect.flip(node.registerAgent({ name: AgentName.make("w1") })))
        yield* TestClock.adjust("1 millis")
        engine.faults.dropSockets()
        assert.strictEqual((yield* Fiber.join(pending))._tag, "LinkLost")
        engine.faults.heal()
        yield* TestClock.adjust("1 second")
        yield* node.awaitReady(0)
        assert.strictEqual((yield* node.view).sessions, 2)
      })
    )

    it.scoped("a 401 is followed by one mint and a connect", () =>
      Effect.gen(function* () {
        const { alerts, engine, node } = yield* rig()
        yield* TestClock.adjust("1 second")
        engine.faults.invalidateNodeToken(nodeName)
        engine.faults.dropSockets()
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          (yield* alerts.list).map(({ code }) => code),
          ["Unauthorized"]
        )
        yield* TestClock.adjust("3 seconds")
        yield* node.awaitReady(0)
        const mints = engine.observations.httpRequests.filter(
          ({ method, path }) => method === "POST" && path === "/v1/nodes"
        )
        assert.strictEqual(mints.length, 2)
        assert.deepStrictEqual(yield* alerts.list, [])
      })
    )

    it.scoped("a storm of 401s costs six mints in five minutes, then one every five", () =>
      Effect.gen(function* () {
        const { alerts, engine } = yield* rig()
        engine.faults.refuseUpgrades(1_000, 401)
        const mints = () =>
          engine.observations.httpRequests.filter(({ method, path }) => method === "POST" && path === "/v1/nodes")
            .length
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(mints(), 6)
        assert.include(
          (yield* alerts.list).map(({ code }) => code),
          "NodeTokenRejected"
        )
        yield* TestClock.adjust("10 minutes")
        assert.isAtMost(mints(), 9)
        engine.faults.heal()
        yield* TestClock.adjust("6 minutes")
        assert.deepStrictEqual(yield* alerts.list, [])
      })
    )

    it.scoped("a 403 never mints", () =>
      Effect.gen(function* () {
        const { engine, node } = yield* rig()
        engine.faults.refuseUpgrades(3, 403)
        yield* TestClock.adjust("1 minute")
        yield* node.awaitReady(0)
        const mints = engine.observations.httpRequests.filter(
          ({ method, path }) => method === "POST" && path === "/v1/nodes"
        )
        assert.strictEqual(mints.length, 1)
      })
    )

    it.scoped("waits as long as Retry-After asks", () =>
      Effect.gen(function* () {
        const { engine, node } = yield* rig()
        engine.faults.refuseUpgrades(1, 503, { retryAfter: 20 })
        yield* TestClock.adjust("19 seconds")
        assert.notStrictEqual((yield* node.view).state._tag, "Ready")
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual((yield* node.view).state._tag, "Ready")
      })
    )

    it.scoped("a silent peer is left after 45 s, a quiet healthy one is not", () =>
      Effect.gen(function* () {
        const { engine, node } = yield* rig()
        yield* TestClock.adjust("10 minutes")
        assert.strictEqual((yield* node.view).sessions, 1)
        engine.faults.goSilent()
        yield* TestClock.adjust("50 seconds")
        assert.notStrictEqual((yield* node.view).state._tag, "Ready")
        engine.faults.heal()
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* node.view).state._tag, "Ready")
      })
    )

    it.scoped("superseded: an alert and no fight until the node is free", () =>
      Effect.gen(function* () {
        const { alerts, engine, node } = yield* rig()
        yield* TestClock.adjust("1 second")
        engine.faults.dropSockets({ code: 1000, reason: "superseded" })
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(
          (yield* alerts.list).map(({ code }) => code),
          ["NodeSuperseded"]
        )
        yield* TestClock.adjust("2 minutes")
        yield* node.awaitReady(0)
        assert.deepStrictEqual(yield* alerts.list, [])
      })
    )
  })

  describe("inventory", () => {
    it.scoped("goes out after a quiet half second, then every minute", () =>
      Effect.gen(function* () {
        const { engine } = yield* rig()
        yield* TestClock.adjust("400 millis")
        const syncs = () => engine.observations.frames.filter(({ frame }) => frame?.type === "inventory.sync").length
        assert.strictEqual(syncs(), 0)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(syncs(), 1)
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(syncs(), 3)
      })
    )

    it.scoped("waits while an invocation is open, and a second after its result", () =>
      Effect.gen(function* () {
        const { engine, node } = yield* rig()
        yield* TestClock.adjust("100 millis")
        yield* engine.sendRaw(nodeName, { v: 1, type: "action.invoke", invocation_id: "inv_9", action: "x", input: {} })
        const syncs = () => engine.observations.frames.filter(({ frame }) => frame?.type === "inventory.sync").length
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(syncs(), 0)
        const invocationId = InvocationId.make("inv_9")
        yield* node.result({ invocationId, output: { ok: true } })
        yield* node.invocationClosed(invocationId)
        yield* TestClock.adjust("900 millis")
        assert.strictEqual(syncs(), 0)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(syncs(), 1)
      })
    )
  })

  it.scoped("survives frames it does not know and frames it cannot read", () =>
    Effect.gen(function* () {
      const { alerts, engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      yield* engine.sendRaw(nodeName, { v: 1, type: "node.spawn", anything: true })
      yield* engine.sendRaw(nodeName, "{ not json")
      yield* engine.sendRaw(nodeName, { v: 1, type: "reply" })
      yield* engine.sendRaw(nodeName, { v: 1, type: "ping" })
      yield* engine.sendRaw(nodeName, { v: 1, type: "reply", id: "nobody", ok: true, data: {} })
      yield* TestClock.adjust("1 second")
      const view = yield* node.view
      assert.strictEqual(view.state._tag, "Ready")
      assert.strictEqual(view.malformedFrames, 2)
      assert.deepStrictEqual(
        (yield* alerts.list).map(({ code }) => code),
        ["UnknownFrame"]
      )
    })
  )

  it.scoped("stop says node.deregister and does not come back", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig()
      yield* TestClock.adjust("1 second")
      const stopping = yield* Effect.fork(node.stop)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(stopping)
      assert.strictEqual(engine.observations.frames.at(-1)?.frame?.type, "node.deregister")
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual((yield* node.view).sessions, 1)
      assert.strictEqual((yield* node.view).state._tag, "Stopped")
    })
  )
})
