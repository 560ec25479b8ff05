/** Restarts, the end of their agents, and what is owed to an engine that was away. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { Actions } from "../../src/agents/Actions.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { PtyClosed } from "../../src/domain/Errors.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { defaultRestartPolicy } from "../../src/domain/RestartPolicy.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { Store } from "../../src/store/Store.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { inSimulation } from "../simulation/inSimulation.ts"
import { pass } from "../simulation/pass.ts"

/** `dying` ends by itself within 40 s, every time. */
const spawn = (
  name: string,
  cli: "echo" | "dying" = "echo",
  restartPolicy = cli === "dying" ? defaultRestartPolicy : undefined
) =>
  Effect.flatMap(Actions, (actions) =>
    actions.spawn({
      source: "http_api",
      spec: {
        ...{ name: AgentName.make(name), cli, args: [], channels: ["general"], cwd: "/" },
        ...(restartPolicy === undefined ? {} : { restartPolicy })
      }
    })
  )
const release = (name: string) => Effect.flatMap(Actions, (actions) => actions.release({ name, reason: undefined }))
const live = Effect.flatMap(WorkerRegistry, (registry) => registry.list)
const listen = Effect.gen(function* () {
  const events: Array<BrokerEvent> = []
  yield* (yield* Events).listen((event) => void events.push(event))
  const kinds = () => events.map(({ kind }) => kind).filter((kind) => kind.startsWith("agent_"))
  const awaitKind = (kind: BrokerEvent["kind"]) => Effect.repeat(pass(100), { until: () => kinds().includes(kind) })
  return { events, kinds, awaitKind }
})

describe("an engine that is away", () => {
  it("hears of a release when it is back", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        engine.faults.goDown()
        yield* pass(100)
        yield* release("w1")
        assert.strictEqual((yield* (yield* Store).load).undos.length, 1)
        yield* pass(20_000)
        assert.isTrue(engine.agent("w1")?.bound)
        engine.faults.comeBack()
        yield* pass(60_000)
        assert.isFalse(engine.agent("w1")?.bound)
        assert.deepStrictEqual((yield* (yield* Store).load).undos, [])
      })
    ))

  it("that hears of it only when the name is about to come back is looked at, in case it took the goodbye last", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        engine.faults.goDown()
        yield* pass(100)
        yield* release("w1")
        yield* pass(10_000)
        engine.faults.comeBack()
        yield* (yield* NodeControl).reconnect("test")
        const isSaid = () => engine.observations.frames.some(({ frame }) => frame?.type === "agent.deregister")
        yield* Effect.repeat(pass(10), { until: isSaid, times: 1_000 })
        assert.isTrue(isSaid())
        const looks = () =>
          engine.observations.httpRequests.filter(
            ({ method, path }) => method === "GET" && /^\/v1\/nodes\/[^/]+\/agents/.test(path)
          ).length
        const before = looks()
        yield* spawn("w1")
        yield* pass(3_000)
        assert.strictEqual(looks(), before + 1)
        assert.isTrue(engine.agent("w1")?.bound)
        // Long after it there is nothing to be looked at.
        yield* release("w1")
        yield* pass(10_000)
        yield* spawn("w1")
        yield* pass(3_000)
        assert.strictEqual(looks(), before + 1)
      })
    ))

  it("hears nothing of it when the name was taken again meanwhile", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        engine.faults.dropSockets()
        yield* release("w1")
        yield* pass(2_500)
        yield* spawn("w1")
        yield* pass(60_000)
        assert.isTrue(engine.agent("w1")?.bound)
        assert.strictEqual(engine.agent("w1")?.status, "active")
        assert.deepStrictEqual((yield* (yield* Store).load).undos, [])
      })
    ))
})

describe("an engine that was told that the node drains", () => {
  it("hears of a release once", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* (yield* NodeControl).drain(3_600_000)
        yield* release("w1")
        yield* pass(60_000)
        assert.deepStrictEqual((yield* (yield* Store).load).undos, [])
        const goodbyes = engine.observations.frames.filter(({ frame }) => frame?.type === "agent.deregister")
        assert.lengthOf(goodbyes, 1)
      })
    ))
})

describe("a program that ends by itself, under a restart policy", () => {
  it("is started again, gets what came meanwhile, and is given up in the end", () =>
    inSimulation(({ engine, typed }) =>
      Effect.gen(function* () {
        const { awaitKind, events, kinds } = yield* listen
        yield* spawn("w1", "dying")
        const [first] = yield* live
        yield* awaitKind("agent_restarting")
        assert.deepStrictEqual(yield* live, [])
        assert.isTrue(engine.agent("w1")?.bound)
        const taken = yield* Effect.flip(spawn("w1"))
        assert.strictEqual(taken._tag, "AgentExists")
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "still there?" }))
        yield* awaitKind("agent_restarted")
        const [second] = yield* live
        assert.isAbove(second!.generation, first!.generation)
        assert.strictEqual(second!.agentId, first!.agentId)
        yield* Effect.orDie(engine.awaitAck("w1", 1))
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => text),
          ["still there?"]
        )
        yield* awaitKind("agent_permanently_dead")
        yield* pass(5_000)
        assert.isFalse(engine.agent("w1")?.bound)
        const restarting = events.filter(({ kind }) => kind === "agent_restarting")
        assert.deepInclude(restarting[0] as object, { name: "w1", code: 1, signal: null, restart_count: 1 })
        assert.strictEqual(kinds().filter((kind) => kind === "agent_restarted").length, restarting.length)
        yield* spawn("w1")
        assert.strictEqual((yield* live).length, 1)
      }).pipe(Effect.scoped)
    ))

  it("is not started again once it is released, and the engine is told", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { awaitKind, kinds } = yield* listen
        yield* spawn("w1", "dying")
        yield* awaitKind("agent_restarting")
        assert.isUndefined((yield* release("w1")).exit)
        yield* pass(120_000)
        assert.notInclude(kinds(), "agent_restarted")
        assert.deepStrictEqual(yield* live, [])
        assert.isFalse(engine.agent("w1")?.bound)
      }).pipe(Effect.scoped)
    ))

  it("is not started again either when it is released in the very moment of its end", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { kinds } = yield* listen
        const exits = new Map<string, Deferred.Deferred<void>>()
        yield* (yield* Events).listen((event) => {
          const exit = event.kind === "agent_exited" ? exits.get(event.name) : undefined
          if (exit !== undefined) Deferred.unsafeDone(exit, Effect.void)
        })
        for (let turns = 0; turns < 24; turns++) {
          const name = `w${turns}`
          const exit = yield* Deferred.make<void>()
          exits.set(name, exit)
          yield* spawn(name, "dying")
          yield* Deferred.await(exit)
          yield* Effect.repeatN(Effect.yieldNow(), turns)
          yield* release(name)
        }
        yield* pass(120_000)
        assert.notInclude(kinds(), "agent_restarted")
        assert.deepStrictEqual(yield* live, [])
        assert.deepStrictEqual(
          [...exits.keys()].filter((name) => engine.agent(name)?.bound === true),
          []
        )
      }).pipe(Effect.scoped)
    ))

  it("has what waited for it put aside and acked when it is released before its restart", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { awaitKind } = yield* listen
        yield* spawn("w1", "dying")
        yield* awaitKind("agent_restarting")
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "still there?" }))
        yield* pass(100)
        const deliveries = yield* Deliveries
        assert.strictEqual((yield* deliveries.pending).length, 1)
        assert.strictEqual((yield* release("w1")).droppedDeliveries, 1)
        assert.deepStrictEqual(
          (yield* deliveries.deadLetters).map(({ reason }) => reason),
          ["agent_released"]
        )
        assert.strictEqual(engine.cursor("w1"), 1)
        assert.deepStrictEqual(yield* deliveries.pending, [])
      }).pipe(Effect.scoped)
    ))

  it("gets in order what came while its end was not known yet", () =>
    inSimulation(({ engine, process, typed }) =>
      Effect.gen(function* () {
        const { awaitKind } = yield* listen
        yield* spawn("w1", "echo", defaultRestartPolicy)
        yield* pass(1_000)
        const first = process("w1")
        yield* first.refuseWrites(new PtyClosed({ written: 0, total: 1 }))
        const send = (text: string) => Effect.orDie(engine.send({ from: "alice", to: "w1", text }))
        yield* Effect.forEach(["one", "two", "three"], send)
        // Its terminal is gone, which nobody but the injector knows: each further message makes the first one wait again.
        yield* pass(1_500)
        yield* Effect.forEach(["four", "five"], send)
        yield* pass(100)
        yield* first.exit({ exitCode: 1 })
        yield* awaitKind("agent_restarted")
        yield* Effect.orDie(engine.awaitAck("w1", 5))
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => text),
          ["one", "two", "three", "four", "five"]
        )
      }).pipe(Effect.scoped)
    ))

  it("is not typed to after its restart either while it is active on another node", () =>
    inSimulation(({ engine, process, typed }) =>
      Effect.gen(function* () {
        const { awaitKind } = yield* listen
        yield* spawn("w1", "echo", defaultRestartPolicy)
        engine.faults.rejectNext(
          "inventory.sync",
          "agent_location_conflict",
          'Agent "w1" already has an active location'
        )
        yield* pass(70_000)
        yield* process("w1").exit({ exitCode: 1 })
        yield* awaitKind("agent_restarted")
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "where are you?" }))
        yield* pass(10_000)
        assert.deepStrictEqual(typed("w1"), [])
        assert.strictEqual((yield* (yield* Deliveries).pending)[0]?.waiting, "location_conflict")
        // Listed once more after 5 min, without an objection.
        yield* Effect.orDie(engine.awaitAck("w1", 1))
        assert.lengthOf(typed("w1"), 1)
      }).pipe(Effect.scoped)
    ))

  it("and the same without a policy stays as it is", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { kinds } = yield* listen
        yield* Effect.flatMap(Actions, (actions) =>
          actions.spawn({
            source: "http_api",
            spec: { name: AgentName.make("w1"), cli: "dying", args: [], channels: ["general"], cwd: "/" }
          })
        )
        yield* pass(60_000)
        assert.notInclude(kinds(), "agent_restarting")
        assert.isFalse(engine.agent("w1")?.bound)
      }).pipe(Effect.scoped)
    ))
})
