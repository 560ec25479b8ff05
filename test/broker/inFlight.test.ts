/** What meets an agent that is being started, and a conflict about one that is not listed (found by simulation). */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Actions } from "../../src/agents/Actions.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { inboxLimits } from "../../src/delivery/Inbox.ts"
import { AgentId, AgentName, Generation } from "../../src/domain/Ids.ts"
import { Store } from "../../src/store/Store.ts"
import type { FakeEngineService } from "../../src/testing/FakeEngine.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { inSimulation } from "../simulation/inSimulation.ts"
import { pass } from "../simulation/pass.ts"

const spawn = (name: string) =>
  Effect.flatMap(Actions, (actions) =>
    actions.spawn({
      source: "http_api",
      spec: { name: AgentName.make(name), cli: "echo", args: [], channels: ["general"], cwd: "/" }
    })
  )
const release = (name: string) => Effect.flatMap(Actions, (actions) => actions.release({ name, reason: undefined }))
const live = Effect.flatMap(WorkerRegistry, (registry) => registry.list)

/** What the engine was told of agents, in order. */
const said = (engine: FakeEngineService) =>
  engine.observations.frames.flatMap(({ frame }) => (frame?.type.startsWith("agent.") ? [frame.type] : []))

describe("an agent that is being started", () => {
  it("is not started when it is released meanwhile, and leaves nothing behind", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        engine.faults.holdReplies("agent.register")
        const spawning = yield* Effect.fork(Effect.exit(spawn("w1")))
        yield* pass(1_000)
        const released = yield* release("w1")
        assert.isUndefined(released.exit)
        const spawned = yield* Fiber.join(spawning)
        assert.include(String(spawned), "released while it was started")
        engine.faults.releaseReplies()
        yield* pass(10_000)
        assert.deepStrictEqual(yield* live, [])
        assert.isFalse(engine.agent("w1")?.bound)
        yield* spawn("w1")
        assert.strictEqual((yield* live).length, 1)
      })
    ))

  it("is stopped by a release also while it waits for the end of a former spawn of its name", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        engine.faults.holdReplies("agent.register")
        const first = yield* Effect.fork(Effect.exit(spawn("w1")))
        yield* pass(1_000)
        yield* release("w1")
        yield* Fiber.join(first)
        const second = yield* Effect.fork(Effect.exit(spawn("w1")))
        yield* pass(1_000)
        assert.isTrue(Option.isNone(yield* Fiber.poll(second)))
        const third = yield* Effect.exit(spawn("w1"))
        assert.include(String(third), "AgentExists")
        yield* release("w1")
        assert.include(String(yield* Fiber.join(second)), "released while it was started")
        engine.faults.releaseReplies()
        yield* pass(30_000)
        assert.deepStrictEqual(yield* live, [])
        yield* spawn("w1")
        assert.strictEqual((yield* live).length, 1)
      })
    ))

  it("keeps its name until the engine's late answer is undone, when its caller leaves", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        engine.faults.holdReplies("agent.register")
        const first = yield* Effect.fork(spawn("w1"))
        yield* pass(1_000)
        yield* Fiber.interrupt(first)
        const second = yield* Effect.fork(spawn("w1"))
        yield* pass(1_000)
        engine.faults.releaseReplies()
        yield* Fiber.join(second)
        yield* pass(5_000)
        assert.strictEqual((yield* live).length, 1)
        assert.isTrue(engine.agent("w1")?.bound)
        assert.deepStrictEqual(said(engine), ["agent.register", "agent.deregister", "agent.register"])
      })
    ))

  it("gets what waited at the engine since its release, although it comes before the register is answered", () =>
    inSimulation(({ engine, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* release("w1")
        yield* pass(1_000)
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "are you back?" }))
        engine.faults.holdReplies("agent.register")
        const spawning = yield* Effect.fork(spawn("w1"))
        yield* pass(100)
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "hello?" }))
        yield* pass(3_000)
        engine.faults.releaseReplies()
        yield* Fiber.join(spawning)
        yield* pass(20_000)
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => text),
          ["are you back?", "hello?"]
        )
        assert.strictEqual(engine.cursor("w1"), 2)
      })
    ))
})

describe("an agent that a former run left", () => {
  it("is released without a worker: given up at the engine once, and known as released", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const store = yield* Store
        const { id } = yield* engine.registerAgent("ghost")
        const ghost = { name: AgentName.make("ghost"), agentId: AgentId.make(id) }
        yield* store.agent({
          ...ghost,
          generation: Generation.make(1),
          spec: { name: ghost.name, cli: "echo", args: [], channels: [], cwd: "/" },
          state: "live",
          updatedAtMillis: 0
        })
        const goodbyes = () =>
          engine.observations.frames.flatMap(({ frame }) => (frame?.type === "agent.deregister" ? [frame.name] : []))
        assert.deepStrictEqual(yield* release("ghost"), { exit: undefined, droppedDeliveries: 0 })
        yield* pass(1_000)
        assert.deepStrictEqual(goodbyes(), ["ghost"])
        assert.strictEqual(Option.getOrUndefined(yield* store.findAgent("ghost"))?.state, "released")
        yield* release("ghost")
        yield* pass(1_000)
        assert.deepStrictEqual(goodbyes(), ["ghost"])
        assert.strictEqual((yield* Effect.flip(release("nobody")))._tag, "UnknownWorker")
      })
    ))
})

describe("a message that no terminal takes", () => {
  it("is put aside, and what comes after it is typed and acked", () =>
    inSimulation(({ engine, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "x".repeat(9 * 1024 * 1024) }))
        yield* Effect.orDie(engine.send({ from: "alice", to: "w1", text: "shorter" }))
        yield* pass(10_000)
        assert.deepStrictEqual(
          (yield* (yield* Deliveries).deadLetters).map(({ reason, seq }) => [reason, seq]),
          [["pty_write_failed", 1]]
        )
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => text),
          ["shorter"]
        )
        assert.strictEqual(engine.cursor("w1"), 2)
      })
    ))
})

describe("messages that were refused for want of room", () => {
  it("come as soon as those before them are put aside, too", () =>
    inSimulation(({ engine, process, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* pass(1_000)
        yield* process("w1").stopReading
        const send = (text: string) => Effect.orDie(engine.send({ from: "alice", to: "w1", text }))
        yield* send("first")
        // Each too large for any terminal; two fill the inbox.
        for (const letter of ["a", "b"]) yield* send(letter.repeat(9 * 1024 * 1024))
        yield* send("last")
        yield* pass(1_000)
        const deliveries = yield* Deliveries
        assert.strictEqual((yield* deliveries.counters)["refused"], 1)
        yield* process("w1").readAgain
        yield* pass(15_000)
        assert.deepStrictEqual(
          (yield* deliveries.deadLetters).map(({ reason }) => reason),
          ["pty_write_failed", "pty_write_failed"]
        )
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => text),
          ["first", "last"]
        )
      })
    ))
})

describe("messages of an agent that ended here", () => {
  it("are put aside without keeping those of another one waiting for the disk", () =>
    inSimulation(({ engine, store, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* spawn("w2")
        // The engine goes on sending.
        engine.faults.onFrame(({ type }) => (type === "agent.deregister" ? "lose" : "deliver"))
        yield* release("w1")
        yield* pass(3_000)
        store.slow(2_000)
        const texts = Array.from({ length: 20 }, (_, n) => `too late ${n}`)
        yield* Effect.forEach(texts, (text) => Effect.orDie(engine.send({ from: "alice", to: "w1", text })))
        yield* Effect.orDie(engine.send({ from: "alice", to: "w2", text: "in time" }))
        yield* pass(10_000)
        assert.deepStrictEqual(
          typed("w2").map(({ text }) => text),
          ["in time"]
        )
        yield* Effect.orDie(engine.awaitAck("w1", 20))
        assert.lengthOf(yield* (yield* Deliveries).deadLetters, 20)
      })
    ))
})

describe("large messages behind a hole", () => {
  it("are held up to a limit, asked for again beyond it, and come in order", () =>
    inSimulation(({ engine, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* pass(1_000)
        const send = (n: number) =>
          Effect.orDie(engine.send({ from: "alice", to: "w1", text: `${n} ${"x".repeat(1024 * 1024)}` }))
        yield* send(1)
        yield* Effect.orDie(engine.awaitAck("w1", 1))
        engine.faults.onFrame(({ type }) => (type === "deliver" ? "lose" : "deliver"))
        yield* send(2)
        engine.faults.onFrame(({ to }) => (to === "engine" ? "lose" : "deliver"))
        yield* Effect.forEach([3, 4, 5, 6, 7, 8, 9, 10, 11, 12], send)
        yield* pass(100)
        engine.faults.onFrame(undefined)
        const deliveries = yield* Deliveries
        const [mailbox] = yield* deliveries.mailboxes
        assert.strictEqual(mailbox?.held, 8)
        assert.strictEqual((yield* deliveries.counters)["refused"], 2)
        yield* Effect.orDie(engine.awaitAck("w1", 12))
        assert.deepStrictEqual(
          typed("w1").map(({ text }) => Number(text.split(" ")[0])),
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        )
      })
    ))
})

describe("events for an agent that takes none", () => {
  it("are bounded as its messages are: beyond that each leaves a record", () =>
    inSimulation(({ engine, process, typed }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        yield* pass(1_000)
        yield* process("w1").stopReading
        const event = (n: number) =>
          Effect.orDie(
            engine.event({
              ...{ agent: "w1", type: "action.completed", key: `k${n}`, msgId: `inv_${n}` },
              data: { action_name: "echo", output: n }
            })
          )
        yield* Effect.forEach(
          Array.from({ length: inboxLimits.rows }, (_, n) => n),
          event
        )
        yield* pass(1_000)
        const deliveries = yield* Deliveries
        assert.deepStrictEqual(yield* deliveries.deadLetters, [])
        yield* Effect.forEach([1_001, 1_002], event)
        yield* pass(1_000)
        assert.lengthOf(yield* deliveries.pending, inboxLimits.rows)
        assert.deepStrictEqual(
          (yield* deliveries.deadLetters).map(({ message, reason }) => [message?.text, reason]),
          [
            ["echo completed: 1002", "inbox_full"],
            ["echo completed: 1001", "inbox_full"]
          ]
        )
        yield* process("w1").readAgain
        yield* pass(120_000)
        assert.lengthOf(typed("w1"), inboxLimits.rows)
      })
    ))
})

describe("a conflict in the inventory", () => {
  const conflict = (agent: string) => `Agent "${agent}" already has an active location`
  const conflicts = Effect.flatMap(Alerts, (alerts) =>
    Effect.map(alerts.list, (list) => list.filter(({ code }) => code === "AgentLocationConflict").length)
  )

  it("about an agent that was not listed changes nothing", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        engine.faults.rejectNext("inventory.sync", "agent_location_conflict", conflict("stranger"))
        yield* pass(130_000)
        assert.strictEqual(yield* conflicts, 0)
        assert.strictEqual(engine.agent("w1")?.status, "active")
      })
    ))

  it("leaves the agent out until it is started anew, over HTTP too, and its alert goes with it", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        yield* spawn("w1")
        engine.faults.rejectNext("inventory.sync", "agent_location_conflict", conflict("w1"))
        yield* pass(70_000)
        assert.strictEqual(yield* conflicts, 1)
        yield* release("w1")
        assert.strictEqual(yield* conflicts, 0)
        engine.faults.holdReplies("agent.register")
        yield* spawn("w1")
        engine.faults.heal()
        yield* pass(130_000)
        const listed = engine.observations.frames.findLast(({ frame }) => frame?.type === "inventory.sync")?.frame
        assert.deepStrictEqual(listed?.type === "inventory.sync" ? listed.agents.map(({ name }) => name) : [], ["w1"])
        assert.strictEqual(engine.agent("w1")?.status, "active")
      })
    ))
})
