/** When `inventory.sync` may leave and what it must list, against an engine that completes, steals, marks offline and refuses. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { AgentName, InvocationId } from "../../src/domain/Ids.ts"
import type { Worker } from "../../src/injection/Worker.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { NodeLink } from "../../src/node/NodeLink.ts"
import type { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { encodeOutbound, type Outbound } from "../../src/wire/Outbound.ts"
import { fakeWorker, seenNothing } from "../api/rig.ts"
import { makeNodeRig, nodeName } from "../support/nodeRig.ts"

const rig = Effect.gen(function* () {
  const workers: Array<Worker> = []
  const { context, engine } = yield* makeNodeRig({ workers: () => workers })
  const node = Context.get(context, NodeControl)
  const host = (name: string) =>
    Effect.gen(function* () {
      const { agentId } = yield* node.registerAgent({ name: AgentName.make(name) })
      workers.push(fakeWorker(seenNothing(), { name: AgentName.make(name), agentId }))
    })
  const syncs = () =>
    engine.observations.frames.flatMap(({ frame }) =>
      frame?.type === "inventory.sync" ? [frame.agents.map(({ name }) => name)] : []
    )
  yield* TestClock.adjust("100 millis")
  return { engine, node, host, syncs, workers, alerts: Context.get(context, Alerts) }
})

/** Another node of the workspace, for as long as the scope lives; it hosts `agent`. */
const otherNode = (engine: FakeEngine["Type"], agent: string) =>
  Effect.gen(function* () {
    const { id, name, token } = yield* engine.enrollNode("other")
    const link = yield* NodeLink
    const { send: write } = yield* link.connect(Redacted.make(token))
    const send = (frame: Outbound) => Effect.flatMap(encodeOutbound(frame), write)
    yield* send({
      v: 1,
      type: "node.register",
      name,
      node_id: id,
      capabilities: [],
      max_agents: 0,
      tags: [],
      version: "other"
    })
    yield* send({ v: 1, type: "agent.register", name: agent })
    yield* send({ v: 1, type: "node.heartbeat", load: 0, active_agents: 1, handlers_live: false }).pipe(
      Effect.delay("10 seconds"),
      Effect.forever,
      Effect.forkScoped
    )
  }).pipe(Effect.provide(engine.nodeLinkLayer))

const places = (node: NodeControl["Type"]) =>
  Effect.map(node.frames.takeAll, ([frames]) =>
    [...frames].flatMap((frame) => (frame._tag === "AgentPlace" ? [`${frame.agent} ${frame.elsewhere}`] : []))
  )

describe("an inventory", () => {
  it.scoped("lists every live worker, also none, and never an invocation", () =>
    Effect.gen(function* () {
      const { engine, host, syncs } = yield* rig
      yield* TestClock.adjust("1 second")
      yield* host("w1")
      yield* host("w2")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(syncs(), [[], ["w1", "w2"]])
      const listed = engine.observations.frames.flatMap(({ frame }) =>
        frame?.type === "inventory.sync" ? frame.agents : []
      )
      assert.isTrue(listed.every((agent) => !("invocation_id" in agent)))
    })
  )

  it.scoped("makes agents active again after a reconnect, which the engine does not do by itself", () =>
    Effect.gen(function* () {
      const { engine, host } = yield* rig
      yield* host("w1")
      engine.faults.dropSockets()
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(engine.agent("w1")?.status, "offline")
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(engine.agent("w1")?.status, "active")
    })
  )

  it.scoped("is never beside another one, so that an engine has its whole time twice before it is given up", () =>
    Effect.gen(function* () {
      const { engine, node, syncs } = yield* rig
      yield* TestClock.adjust("5 seconds")
      const before = syncs().length
      engine.faults.holdReplies("inventory.sync")
      // Somebody waits for a replay all the time.
      yield* node.requestReplay.pipe(Effect.delay("1 second"), Effect.forever, Effect.forkScoped)
      yield* TestClock.adjust("25 seconds")
      assert.strictEqual(syncs().length, before + 1)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* node.view).sessions, 1)
      engine.faults.releaseReplies()
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* node.view).sessions, 1)
    })
  )

  it.scoped("keeps agents' presence from lapsing for as long as they live", () =>
    Effect.gen(function* () {
      const { engine, host } = yield* rig
      yield* host("w1")
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual(engine.agent("w1")?.status, "active")
    })
  )

  it.scoped("does not take an invocation away that is being handled: its result is accepted", () =>
    Effect.gen(function* () {
      const { engine, node, syncs } = yield* rig
      yield* node.declare({ capabilities: [{ name: "spawn:box" }] })
      yield* TestClock.adjust("55 seconds")
      yield* engine.registerAgent("alice")
      const before = syncs().length
      const id = yield* engine.spawn({ name: "w9", cli: "box" })
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(syncs().length, before)
      const invocationId = InvocationId.make(id)
      yield* node.result({ invocationId, output: { spawned: true, name: "w9" } })
      yield* node.invocationClosed(invocationId)
      yield* TestClock.adjust("900 millis")
      assert.strictEqual(syncs().length, before)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(syncs().length, before + 1)
      assert.strictEqual(engine.invocation(id)?.status, "completed")
    })
  )

  it.scoped("goes after 4 min although invocations follow one another without a gap", () =>
    Effect.gen(function* () {
      const { engine, host, node, syncs } = yield* rig
      yield* TestClock.adjust("1 second")
      yield* host("w1")
      const before = syncs().length
      yield* Effect.forEach(Array.from({ length: 15 }), (_, n) =>
        Effect.gen(function* () {
          yield* node.invocationOpened(InvocationId.make(`inv_${n}`))
          yield* TestClock.adjust("10 seconds")
          yield* node.invocationOpened(InvocationId.make(`inv_${n}b`))
          yield* node.invocationClosed(InvocationId.make(`inv_${n}`))
          yield* TestClock.adjust("10 seconds")
          yield* node.invocationClosed(InvocationId.make(`inv_${n}b`))
          yield* node.invocationOpened(InvocationId.make(`inv_${n + 1}`))
        })
      )
      assert.isAtLeast(syncs().length, before + 1)
      assert.strictEqual(engine.agent("w1")?.status, "active")
    })
  )
})

describe("an agent that is active on another node", () => {
  it.scoped(
    "is left out and alerted, the others are synced all the same; it goes on when the other node has gone",
    () =>
      Effect.gen(function* () {
        const { alerts, engine, host, node, syncs } = yield* rig
        yield* host("w1")
        yield* host("w2")
        yield* TestClock.adjust("1 second")
        engine.faults.dropSockets()
        const elsewhere = yield* Scope.make()
        yield* otherNode(engine, "w1").pipe(Scope.extend(elsewhere))
        yield* TestClock.adjust("3 seconds")
        assert.deepStrictEqual(syncs().slice(-2), [["w1", "w2"], ["w2"]])
        assert.strictEqual(engine.agent("w2")?.status, "active")
        assert.deepStrictEqual(
          (yield* alerts.list).map(({ code, subject }) => `${code} ${subject}`),
          ["AgentLocationConflict w1"]
        )
        assert.deepStrictEqual(yield* places(node), ["w1 true"])
        // Not every minute, and not for ever.
        yield* TestClock.adjust("4 minutes")
        assert.isTrue(
          syncs()
            .slice(-4)
            .every((names) => names.join() === "w2")
        )
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(
          syncs()
            .slice(-3)
            .some((names) => names.join() === "w1,w2")
        )
        yield* Scope.close(elsewhere, Exit.void)
        yield* TestClock.adjust("6 minutes")
        assert.deepStrictEqual(syncs().at(-1), ["w1", "w2"])
        assert.deepStrictEqual(yield* alerts.list, [])
        assert.deepStrictEqual(yield* places(node), ["w1 false"])
      })
  )

  it.scoped("a refusal that names nobody of ours is one log line, no loop", () =>
    Effect.gen(function* () {
      const { alerts, engine, host, syncs } = yield* rig
      yield* host("w1")
      engine.faults.rejectNext("inventory.sync", "agent_location_conflict", 'Agent "nobody" is elsewhere', 100)
      yield* TestClock.adjust("3 minutes")
      assert.isAtMost(syncs().length, 4)
      assert.deepStrictEqual(yield* alerts.list, [])
    })
  )
})

describe("a declared manifest", () => {
  it.scoped("is registered at once, kept over reconnects, and taken back to the bootstrap", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      const last = (type: "node.register" | "node.heartbeat") =>
        engine.observations.frames.findLast(({ frame }) => frame?.type === type)?.frame
      yield* node.declare({ capabilities: [{ name: "spawn:box" }, { name: "echo" }], maxAgents: 4, tags: ["gpu"] })
      yield* TestClock.adjust("1 millis")
      assert.deepInclude(last("node.register"), { max_agents: 4, tags: ["gpu"] })
      assert.deepInclude(last("node.heartbeat"), { handlers_live: true, max_agents: 4 })
      engine.faults.dropSockets()
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(last("node.register"), { capabilities: [{ name: "spawn:box" }, { name: "echo" }] })
      yield* node.declare({ capabilities: [], maxAgents: 0, tags: [] })
      yield* TestClock.adjust("1 millis")
      assert.deepInclude(last("node.heartbeat"), { handlers_live: false, capabilities: [] })
    })
  )

  it.scoped("of a bare spawn or release is refused here; one that the engine refuses does not stay", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      for (const name of ["spawn", "release"]) {
        const error = yield* Effect.flip(node.declare({ capabilities: [{ name }] }))
        assert.strictEqual(error._tag, "ConfigInvalid")
      }
      engine.faults.rejectNext("node.register", "invalid", "no")
      const refused = yield* Effect.flip(node.declare({ capabilities: [{ name: "echo" }] }))
      assert.strictEqual(refused._tag, "NodeRequestRefused")
      assert.deepStrictEqual((yield* node.view).capabilities, [])
    })
  )

  it.scoped("without a session is said by the next register", () =>
    Effect.gen(function* () {
      const { engine, node } = yield* rig
      engine.faults.goDown()
      yield* TestClock.adjust("1 second")
      yield* node.declare({ capabilities: [{ name: "echo" }] })
      engine.faults.comeBack()
      yield* TestClock.adjust("1 minute")
      const register = engine.observations.frames.findLast(({ frame }) => frame?.type === "node.register")
      assert.deepInclude(register?.frame, { capabilities: [{ name: "echo" }] })
    })
  )
})

describe("a drain", () => {
  it.scoped("tells the engine that there is no room, beats on, and says so again after a reconnect", () =>
    Effect.gen(function* () {
      const { engine, host, node } = yield* rig
      yield* node.declare({ capabilities: [{ name: "spawn:box" }] })
      yield* host("w1")
      const beats = () =>
        engine.observations.frames.flatMap(({ frame }) => (frame?.type === "node.heartbeat" ? [frame] : []))
      yield* node.drain(600_000)
      yield* TestClock.adjust("1 millis")
      const full = { handlers_live: false, load: 1, active_agents: 1, max_agents: 1 }
      assert.deepInclude(beats().at(-1), full)
      assert.strictEqual((yield* node.view).state._tag, "Draining")
      const sent = beats().length
      yield* TestClock.adjust("1 minute")
      assert.isAtLeast(beats().length, sent + 4)
      engine.faults.dropSockets()
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(beats().at(-1), full)
      assert.strictEqual((yield* node.view).state._tag, "Draining")
      yield* node.awaitReady(0)
      assert.isFalse(engine.node(nodeName)?.handlersLive)
    })
  )
})
