import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Actions, type SpawnRequest } from "../../src/agents/Actions.ts"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { Deliveries } from "../../src/delivery/Deliveries.ts"
import { Outbox } from "../../src/delivery/Outbox.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import * as Metrics from "../../src/telemetry/Metrics.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { until } from "../support/until.ts"
import { typed, wholeBroker } from "../support/wholeBroker.ts"

const spawnRequest = (name: string, o: Partial<SpawnRequest["spec"]> = {}): SpawnRequest => ({
  source: "http_api",
  spec: { name: AgentName.make(name), cli: "program", args: [], channels: ["general"], cwd: "/", ...o }
})

/** The whole broker with an engine and terminals in memory. */
const makeBroker = Effect.gen(function* () {
  const { context, engine, pty } = yield* wholeBroker
  const events: Array<BrokerEvent> = []
  yield* Context.get(context, Events).listen((event) => void events.push(event))
  yield* Context.get(context, NodeControl).awaitReady(5_000)
  yield* engine.registerAgent("alice")
  return {
    engine,
    events,
    actions: Context.get(context, Actions),
    alerts: Context.get(context, Alerts),
    deliveries: Context.get(context, Deliveries),
    outbox: Context.get(context, Outbox),
    pty,
    registry: Context.get(context, WorkerRegistry)
  }
})

/** Gives what is due its turns, files included. */
const settle = Effect.promise(() => new Promise((done) => setImmediate(done))).pipe(Effect.repeatN(4))

const kinds = (events: ReadonlyArray<BrokerEvent>) => events.map(({ kind }) => kind)

describe("a broker in memory", () => {
  it.scopedLive("delivers direct and channel messages in order and acks them", () =>
    Effect.gen(function* () {
      const { actions, engine, events, pty } = yield* makeBroker
      yield* actions.spawn(spawnRequest("w1"))
      const process = yield* pty.next
      const first = yield* engine.send({ from: "alice", to: "w1", text: "first" })
      const second = yield* engine.post({ from: "alice", channel: "general", text: "second" })
      yield* engine.awaitAck("w1", 2)
      const text = typed(process)
      const context = `[${engine.id} / `
      assert.include(text, `Relay message from alice ${context}${first.messageId}]: first\n`)
      assert.include(text, `Relay message from alice in #general ${context}${second.messageId}]: second\n`)
      assert.isBelow(text.indexOf("first"), text.indexOf("second"))
      assert.includeMembers(kinds(events), [
        "relay_inbound",
        "delivery_queued",
        "delivery_injected",
        "delivery_verified",
        "engine_acked"
      ])
      assert.deepStrictEqual(engine.observations.rejectedFrames, [])
    })
  )

  it.scopedLive("acks nothing before the Enter was written", () =>
    Effect.gen(function* () {
      const { actions, engine, pty } = yield* makeBroker
      yield* pty.program("mute", () => Effect.void)
      yield* actions.spawn(spawnRequest("w1", { cli: "mute" }))
      const process = yield* pty.next
      yield* process.stopReading
      yield* process.emit("> ")
      yield* engine.send({ from: "alice", to: "w1", text: "first" })
      yield* Effect.sleep("700 millis")
      assert.deepStrictEqual(engine.observations.acks, [])
      yield* process.readAgain
      yield* engine.awaitAck("w1", 1)
      assert.isTrue(process.writes.includes("\r"))
    })
  )

  it.scopedLive("types the initial task first, and nothing of it is acked", () =>
    Effect.gen(function* () {
      const { actions, engine, pty } = yield* makeBroker
      yield* actions.spawn(spawnRequest("w1", { task: "build it" }))
      const process = yield* pty.next
      yield* engine.send({ from: "alice", to: "w1", text: "a question" })
      yield* engine.awaitAck("w1", 1)
      const text = typed(process)
      assert.match(text, /Relay message from broker \[init_[0-9a-f]+\]: build it\n/)
      assert.isBelow(text.indexOf("build it"), text.indexOf("a question"))
      assert.strictEqual(engine.cursor("w1"), 1)
    })
  )

  it.scopedLive("types nothing twice when a reconnect brings unacked messages again", () =>
    Effect.gen(function* () {
      const { actions, engine, pty } = yield* makeBroker
      yield* actions.spawn(spawnRequest("w1"))
      const process = yield* pty.next
      engine.faults.onFrame(({ type }) => (type === "delivery.ack" ? "lose" : "deliver"))
      yield* engine.send({ from: "alice", to: "w1", text: "only once" })
      yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "delivery.ack")
      assert.strictEqual(engine.cursor("w1"), 0)
      engine.faults.dropSockets()
      engine.faults.heal()
      yield* engine.awaitAck("w1", 1)
      assert.strictEqual(typed(process).split("only once").length, 2)
    })
  )

  it.scopedLive("buries what waits for an agent that ended, and tells the engine in order", () =>
    Effect.gen(function* () {
      const { actions, alerts, deliveries, engine, events, pty, registry } = yield* makeBroker
      yield* pty.program("mute", () => Effect.void)
      yield* actions.spawn(spawnRequest("w1", { cli: "mute" }))
      const process = yield* pty.next
      yield* engine.send({ from: "alice", to: "w1", text: "never read" })
      yield* engine.observations.awaitFrame(
        ({ frame }) => frame?.type === "node.heartbeat" && frame.active_agents === 1
      )
      yield* until(() => kinds(events).includes("delivery_queued"))
      yield* process.exit({ exitCode: 3 })
      yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "agent.deregister")
      const types = engine.observations.frames.map(({ frame }) => frame?.type)
      assert.isBelow(types.indexOf("delivery.ack"), types.indexOf("agent.deregister"))
      assert.deepStrictEqual(
        (yield* deliveries.deadLetters).map(({ reason }) => reason),
        ["worker_exited"]
      )
      assert.deepStrictEqual(yield* registry.list, [])
      const raised = Effect.map(alerts.list, (list) => list.map(({ code, subject }) => `${code} ${subject}`))
      assert.deepStrictEqual(yield* raised, ["AgentExited w1", "DeliveryDead w1"])
      yield* deliveries.purgeDeadLetters(undefined)
      assert.deepStrictEqual(yield* raised, ["AgentExited w1"])
    })
  )

  it.scoped("tells of an agent whose program never reads, after six minutes, and is quiet when it reads again", () =>
    Effect.gen(function* () {
      // Slowly while it starts: it reads real files.
      const wait = Effect.promise(() => new Promise((done) => setTimeout(done, 5)))
      const clock = yield* Effect.forkScoped(Effect.forever(Effect.zipRight(wait, TestClock.adjust("10 millis"))))
      const { actions, alerts, engine, pty } = yield* makeBroker
      yield* pty.program("mute", () => Effect.void)
      yield* actions.spawn(spawnRequest("w1", { cli: "mute" }))
      const process = yield* pty.next
      yield* Fiber.interrupt(clock)
      yield* process.stopReading
      yield* engine.send({ from: "alice", to: "w1", text: "hello" })
      const raised = Effect.map(alerts.list, (list) => list.map(({ code, subject }) => `${code} ${subject}`))
      const pass = (seconds: number) =>
        TestClock.adjust("1 second").pipe(Effect.zipRight(settle), Effect.repeatN(seconds - 1))
      yield* pass(350)
      assert.deepStrictEqual(yield* raised, [])
      yield* pass(20)
      assert.deepStrictEqual(yield* raised, ["DeliveryStuck w1"])
      yield* process.readAgain
      yield* pass(20)
      assert.deepStrictEqual(yield* raised, [])
    })
  )

  it.scopedLive("a dead letter that is sent again takes its alert with it", () =>
    Effect.gen(function* () {
      const { actions, alerts, deliveries, engine, events, pty } = yield* makeBroker
      yield* pty.program("mute", () => Effect.void)
      yield* actions.spawn(spawnRequest("w1", { cli: "mute" }))
      const process = yield* pty.next
      yield* engine.send({ from: "alice", to: "w1", text: "try again" })
      yield* until(() => kinds(events).includes("delivery_queued"))
      yield* process.exit({ exitCode: 3 })
      yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "agent.deregister")
      const [letter] = yield* deliveries.deadLetters
      const raised = Effect.map(alerts.list, (list) => list.map(({ code }) => code))
      assert.deepStrictEqual(yield* raised, ["AgentExited", "DeliveryDead"])
      yield* actions.spawn(spawnRequest("w1"))
      // Coming back is not enough: the letter still lies there.
      assert.deepStrictEqual(yield* raised, ["DeliveryDead"])
      yield* deliveries.redeliver(letter!.deliveryId)
      assert.deepStrictEqual(yield* alerts.list, [])
    })
  )

  it.scopedLive("keeps messages for an agent that is not here, unacked, with an alert, until it is spawned", () =>
    Effect.gen(function* () {
      const { actions, alerts, engine, pty } = yield* makeBroker
      const node = yield* engine.awaitNode()
      yield* engine.sendRaw(node.name, {
        v: 1,
        type: "deliver",
        delivery_id: "del_ghost",
        agent_id: "999",
        agent: "ghost",
        msg_id: "m1",
        seq: 1,
        mode: "wait",
        payload: { type: "dm.received", data: { text: "boo", agent_name: "alice" } }
      })
      yield* until(() => Effect.map(alerts.list, ({ length }) => length > 0))
      assert.deepStrictEqual(
        (yield* alerts.list).map(({ code, subject }) => [code, subject]),
        [["UnknownWorker", "ghost"]]
      )
      assert.deepStrictEqual(engine.observations.acks, [])
      yield* actions.spawn(spawnRequest("ghost"))
      yield* pty.next
      assert.deepStrictEqual(yield* alerts.list, [])
    })
  )

  it.scopedLive("confirms what is not for typing, and puts aside what cannot be read", () =>
    Effect.gen(function* () {
      const { actions, alerts, deliveries, engine, pty } = yield* makeBroker
      yield* actions.spawn(spawnRequest("w1"))
      const process = yield* pty.next
      const agent = engine.agent("w1")!
      const node = yield* engine.awaitNode()
      const frame = { v: 1, type: "deliver", agent_id: agent.id, agent: "w1", mode: "wait" }
      yield* engine.sendRaw(node.name, {
        ...frame,
        seq: 1,
        delivery_id: "d1",
        msg_id: "m1",
        payload: { type: "weird.event", data: {} }
      })
      yield* engine.sendRaw(node.name, {
        ...frame,
        seq: 2,
        delivery_id: "d2",
        payload: { type: "dm.received", data: {} }
      })
      yield* engine.sendRaw(node.name, {
        ...frame,
        seq: 0,
        delivery_id: "e1",
        msg_id: "m1",
        payload: { type: "message.read", data: {} }
      })
      yield* engine.observations.awaitFrame(({ frame: each }) => each?.type === "delivery.ack" && each.up_to_seq === 2)
      assert.notInclude(typed(process), "Relay message")
      assert.deepStrictEqual(
        (yield* deliveries.deadLetters).map(({ reason, seq }) => [reason, seq]),
        [["undecodable", 2]]
      )
      assert.sameMembers(
        (yield* alerts.list).map(({ code }) => code),
        ["UnknownPayloadType", "Undecodable"]
      )
      yield* deliveries.purgeDeadLetters(undefined)
      assert.deepStrictEqual(
        (yield* alerts.list).map(({ code }) => code),
        ["UnknownPayloadType"]
      )
    })
  )

  describe("spawn and release", () => {
    it.scopedLive("a second spawn of a live name fails before the engine is touched", () =>
      Effect.gen(function* () {
        const { actions, engine } = yield* makeBroker
        yield* actions.spawn(spawnRequest("w1"))
        const before = engine.observations.frames.filter(({ frame }) => frame?.type === "agent.register").length
        const error = yield* Effect.flip(actions.spawn(spawnRequest("w1")))
        assert.strictEqual(error.message, "agent 'w1' already exists")
        assert.strictEqual(
          engine.observations.frames.filter(({ frame }) => frame?.type === "agent.register").length,
          before
        )
      })
    )

    it.scopedLive("a program that cannot be started is undone at the engine, and the name is free", () =>
      Effect.gen(function* () {
        const { actions, engine, pty } = yield* makeBroker
        yield* pty.failNextSpawn("command not found: nonsense")
        const error = yield* Effect.flip(actions.spawn(spawnRequest("w1")))
        assert.strictEqual(error._tag, "SpawnFailed")
        yield* engine.observations.awaitFrame(({ frame }) => frame?.type === "agent.deregister")
        yield* actions.spawn(spawnRequest("w1"))
      })
    )

    it.scopedLive("a program that dies at once is SpawnFailed with its exit code", () =>
      Effect.gen(function* () {
        const { actions, pty } = yield* makeBroker
        yield* pty.program("dying", (process) =>
          Effect.zipRight(process.emit("no licence\r\n"), process.exit({ exitCode: 7 }))
        )
        const error = yield* Effect.flip(actions.spawn(spawnRequest("w1", { cli: "dying" })))
        assert.deepInclude(error, { _tag: "SpawnFailed", stage: "stability", exitCode: 7 })
      })
    )

    it.scopedLive("never takes an agent from another node", () =>
      Effect.gen(function* () {
        const { actions, engine } = yield* makeBroker
        engine.faults.rejectNext(
          "agent.register",
          "agent_location_conflict",
          'Agent "w1" already has an active location'
        )
        const error = yield* Effect.flip(actions.spawn(spawnRequest("w1")))
        assert.strictEqual(error._tag, "AgentLocationConflict")
        const touched = engine.observations.httpRequests.filter(({ path }) =>
          /rotate-token|\/v1\/nodes\/.*agents/.test(path)
        )
        assert.deepStrictEqual(touched, [])
      })
    )

    it.scopedLive("a release settles the alert of a spawn that was refused, and of no other agent", () =>
      Effect.gen(function* () {
        const { actions, alerts, engine } = yield* makeBroker
        const refuse = () =>
          engine.faults.rejectNext("agent.register", "agent_location_conflict", "already has an active location")
        refuse()
        yield* Effect.flip(actions.spawn(spawnRequest("w1")))
        refuse()
        yield* Effect.flip(actions.spawn(spawnRequest("w2")))
        const conflicts = Effect.map(alerts.list, (all) =>
          all.flatMap(({ code, subject }) => (code === "AgentLocationConflict" ? [subject] : []))
        )
        assert.sameMembers([...(yield* conflicts)], ["w1", "w2"])
        const error = yield* Effect.flip(actions.release({ name: "w1", reason: undefined }))
        assert.strictEqual(error._tag, "UnknownWorker")
        assert.deepStrictEqual(yield* conflicts, ["w2"])
      })
    )

    it.scopedLive("what the engine refuses over the session is not tried over HTTP", () =>
      Effect.gen(function* () {
        const { actions, engine, events, registry } = yield* makeBroker
        for (const code of ["node_capacity_exceeded", "agent_location_conflict"]) {
          engine.faults.rejectNext("agent.register", code, "no")
          const error = yield* Effect.flip(actions.spawn(spawnRequest("w1")))
          assert.strictEqual(
            error._tag,
            code === "node_capacity_exceeded" ? "NodeRequestRefused" : "AgentLocationConflict"
          )
        }
        assert.isUndefined(engine.agent("w1"))
        assert.notInclude(kinds(events), "agent_bound")
        assert.deepStrictEqual(yield* registry.list, [])
      })
    )

    it.scopedLive("a session to go on with is told to the engine, and only then that the agent can be resumed", () =>
      Effect.gen(function* () {
        const { actions, engine } = yield* makeBroker
        yield* actions.spawn(spawnRequest("w1", { sessionRef: "session-7" }))
        yield* actions.spawn(spawnRequest("w2"))
        const registers = engine.observations.frames.flatMap(({ frame }) =>
          frame?.type === "agent.register" ? [[frame.name, frame.session_ref, frame.resumable]] : []
        )
        assert.deepStrictEqual(registers, [
          ["w1", "session-7", true],
          ["w2", undefined, undefined]
        ])
      })
    )

    it.scopedLive("goes over HTTP and binds when the register is not answered", () =>
      Effect.gen(function* () {
        const { actions, engine, events } = yield* makeBroker
        engine.faults.goSilent({ pongs: true })
        engine.faults.dropSockets()
        yield* until(() => kinds(events).includes("node_session"))
        const spawned = yield* actions.spawn(spawnRequest("w1"))
        assert.isTrue(spawned.registered)
        const bound = events.flatMap((event) => (event.kind === "agent_bound" ? [[String(event.name), event.via]] : []))
        assert.deepStrictEqual(bound, [["w1", "http"]])
      })
    )

    it.scopedLive("a bind that fails fails the spawn", () =>
      Effect.gen(function* () {
        const { actions, alerts, engine } = yield* makeBroker
        engine.faults.refuseHttp("POST /v1/nodes/:name/agents", 1, 409, "node_capacity_exceeded")
        const { token } = yield* engine.registerAgent("mine")
        const error = yield* Effect.flip(
          actions.spawn({ ...spawnRequest("mine"), suppliedToken: Redacted.make(token) })
        )
        assert.strictEqual(error._tag, "BindFailed")
        assert.deepStrictEqual(
          (yield* alerts.list).map(({ code }) => code),
          ["BindFailed"]
        )
      })
    )

    it.scopedLive("release of a live, an ended and an unknown agent", () =>
      Effect.gen(function* () {
        const { actions, engine } = yield* makeBroker
        yield* actions.spawn(spawnRequest("w1"))
        const counted = Metrics.exits.read("released")
        const released = yield* actions.release({ name: "w1", reason: "done" })
        assert.isDefined(released.exit)
        assert.strictEqual(Metrics.exits.read("released"), counted + 1)
        const again = yield* actions.release({ name: "w1", reason: undefined })
        assert.isUndefined(again.exit)
        assert.strictEqual(Metrics.exits.read("released"), counted + 1)
        const error = yield* Effect.flip(actions.release({ name: "nobody", reason: undefined }))
        assert.strictEqual(error._tag, "UnknownWorker")
        assert.strictEqual(engine.agent("w1")?.status, "offline")
      })
    )

    it.scopedLive("invocations are answered once per id, with the fields of the engine's protocol", () =>
      Effect.gen(function* () {
        const { engine, pty } = yield* makeBroker
        const node = yield* engine.awaitNode()
        const invoke = (id: string, action: string, input: unknown) =>
          engine.sendRaw(node.name, { v: 1, type: "action.invoke", invocation_id: id, action, input })
        const answer = (id: string) =>
          Effect.map(
            engine.observations.awaitFrame(
              ({ frame }) => frame?.type === "action.result" && frame.invocation_id === id
            ),
            ({ frame }) => frame
          )
        yield* invoke("inv_1", "spawn:program", { name: "w1", task: null })
        assert.deepInclude(yield* answer("inv_1"), { output: { spawned: true, name: "w1" } })
        yield* pty.next
        const register = engine.observations.frames.find(({ frame }) => frame?.type === "agent.register")
        assert.deepInclude(register?.frame, { invocation_id: "inv_1", name: "w1" })
        // The engine's retry of the same invocation, as bare `spawn`: the same answer, no second process.
        yield* invoke("inv_1", "spawn", { name: "w1", cli: "program" })
        yield* invoke("inv_2", "spawn:program", {})
        assert.deepInclude(yield* answer("inv_2"), { error: "spawn_missing_agent_name" })
        yield* invoke("inv_3", "spawn", { name: "w3" })
        assert.deepInclude(yield* answer("inv_3"), { error: "spawn_missing_cli" })
        yield* invoke("inv_4", "echo", {})
        assert.deepInclude(yield* answer("inv_4"), { error: "handler_unavailable" })
        yield* invoke("inv_5", "release", { name: "w1" })
        assert.deepInclude(yield* answer("inv_5"), { output: { released: true, name: "w1" } })
        yield* invoke("inv_6", "release", { name: "nobody" })
        assert.deepInclude(yield* answer("inv_6"), { error: "release_failed: unknown worker 'nobody'" })
        const first = engine.observations.frames.filter(
          ({ frame }) => frame?.type === "action.result" && frame.invocation_id === "inv_1"
        )
        assert.strictEqual(first.length, 2)
        assert.strictEqual(engine.observations.frames.filter(({ frame }) => frame?.type === "agent.register").length, 1)
      })
    )
  })

  describe("sends from here", () => {
    it.scopedLive("reach an agent here under the id that the sender got", () =>
      Effect.gen(function* () {
        const { actions, engine, events, outbox, pty } = yield* makeBroker
        yield* actions.spawn(spawnRequest("w1"))
        const process = yield* pty.next
        const sent = yield* outbox.send({
          to: "@W1",
          text: "psst",
          from: "human:Ann",
          threadId: undefined,
          mode: "wait",
          priority: undefined,
          workspaceId: undefined,
          workspaceAlias: undefined
        })
        assert.deepInclude(sent, { _tag: "Local", targets: ["w1"] })
        yield* until(() => typed(process).includes(`Relay message from Ann [${engine.id} / ${sent.messageId}]: psst`))
        assert.isTrue(events.some((event) => event.kind === "relay_inbound" && event.event_id === sent.messageId))
      })
    )

    it.scopedLive("to a channel are posted at the engine as the sender, and reach members here once", () =>
      Effect.gen(function* () {
        const { actions, engine, outbox, pty } = yield* makeBroker
        yield* actions.spawn(spawnRequest("w1"))
        yield* pty.next
        yield* actions.spawn(spawnRequest("w2"))
        const second = yield* pty.next
        const sent = yield* outbox.send({
          to: "#general",
          text: "all hands",
          from: "w1",
          threadId: undefined,
          mode: "wait",
          priority: undefined,
          workspaceId: undefined,
          workspaceAlias: undefined
        })
        assert.strictEqual(sent._tag, "Published")
        yield* engine.awaitAck("w2", 1)
        assert.include(typed(second), `Relay message from w1 in #general [${engine.id} / ${sent.messageId}]: all hands`)
        assert.strictEqual(typed(second).split("all hands").length, 2)
        assert.strictEqual(engine.mailbox("alice").length, 1)
      })
    )

    it.scopedLive(
      "to a channel keep their sender, thread, priority and mode for agents here, whatever the engine carries",
      () =>
        Effect.gen(function* () {
          const { actions, deliveries, engine, events, outbox, pty, registry } = yield* makeBroker
          yield* actions.spawn(spawnRequest("w1"))
          const process = yield* pty.next
          const worker = Option.getOrThrow(yield* registry.find("w1"))
          yield* deliveries.setMode(worker, "manual_flush")
          const sent = yield* outbox.send({
            to: "#general",
            text: "stop",
            from: "human:Ann",
            threadId: "topic",
            mode: "steer",
            priority: 4,
            workspaceId: undefined,
            workspaceAlias: undefined
          })
          // The same words from somebody else are not taken for ours.
          yield* engine.post({ from: "alice", channel: "general", text: "stop" })
          yield* until(() => Effect.map(deliveries.held(worker), ({ length }) => length >= 2))
          const held = yield* deliveries.held(worker)
          assert.deepStrictEqual(
            held.map(({ message: { from, mode, priority, threadId } }) => [from, mode, priority, threadId]),
            [
              ["Ann", "steer", 4, "topic"],
              ["alice", "wait", undefined, undefined]
            ]
          )
          assert.strictEqual(held[0]?.messageId, sent.messageId)
          assert.deepInclude(sent, { _tag: "Published", targets: ["w1"], here: ["w1"] })
          const told = events.filter((event) => event.kind === "relay_inbound" && event.event_id === sent.messageId)
          assert.lengthOf(told, 1)
          assert.include(told[0], { from: "Ann", thread_id: "topic" })
          assert.strictEqual(engine.mailbox("alice").length, 1)
          yield* deliveries.flush(worker)
          yield* engine.awaitAck("w1", 2)
          assert.include(typed(process), `Relay message from Ann in #general [${engine.id} / ${sent.messageId}]: stop`)
        })
    )
  })
})
