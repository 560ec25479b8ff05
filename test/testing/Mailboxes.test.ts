/** Delivery, acknowledgement and replay. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { FakeEngineService } from "../../src/testing/index.ts"
import { type Frame as Fixture, inboundFixtures } from "../support/wireFixtures.ts"
import { connectNode, deliveries, type Frame, makeEngine, throughBothDoors } from "./engineRig.ts"

/** Keys and kinds of values, without the values. */
const skeleton = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(skeleton)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, skeleton(inner)])
        )
      : value === null
        ? "null"
        : typeof value

const captured = (type: string, name: string): Fixture | undefined =>
  inboundFixtures.find((one) => one.type === type)?.examples[name]

const hosted = (engine: FakeEngineService, ...agents: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* engine.registerAgent("alice")
    const node = yield* connectNode(engine, { name: "vm" })
    yield* node.register()
    for (const agent of agents) yield* node.host(agent)
    return node
  })

const send = (engine: FakeEngineService, to: string, ...texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) => engine.send({ from: "alice", to, text }), { discard: true })

const states = (engine: FakeEngineService, agent: string) =>
  engine.mailbox(agent).map(({ seq, state }) => `${seq} ${state}`)

describe("what is delivered", () => {
  throughBothDoors("a direct message, a channel message and a thread reply, shaped as recorded", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* engine.registerAgent("alice")
      const node = yield* connectNode(engine, { name: "vm", door })
      yield* node.register()
      const id = yield* node.host("w1")
      const dm = yield* engine.send({ from: "alice", to: "w1", text: "ping", mode: "steer" })
      const post = yield* engine.post({ from: "alice", channel: "general", text: "hello @w1" })
      const reply = yield* engine.reply({ from: "alice", messageId: post.messageId, text: "a reply" })
      const frames = yield* node.drain
      assert.deepStrictEqual(deliveries(frames), ["w1 1", "w1 2", "w1 3"])
      const names = ["dm.received steer", "message.created", "thread.reply"]
      for (const [i, name] of names.entries())
        assert.deepStrictEqual(skeleton(frames[i]), skeleton(captured("deliver", name)), name)
      assert.deepInclude(frames[0], { agent: "w1", agent_id: id, msg_id: dm.messageId, mode: "steer" })
      assert.match(String(frames[0]?.["delivery_id"]), /^del_\d+$/)
      assert.strictEqual(frames[1]?.["delivery_id"], `del_${post.messageId}_${id}`)
      assert.deepNestedInclude(frames[1], { "payload.data.mentions": ["w1"], "payload.data.from_name": "alice" })
      assert.deepNestedInclude(frames[2], {
        "payload.type": "thread.reply",
        "payload.data.thread_id": post.messageId,
        "payload.data.id": reply.messageId,
        "payload.data.channel_name": "general"
      })
    })
  )

  it.scoped("everyone in the channel but the sender, connected or not", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1", "w2")
      yield* engine.registerAgent("bob")
      yield* engine.post({ from: "w1", channel: "general", text: "to all" })
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w2 1"])
      assert.deepStrictEqual(states(engine, "bob"), ["1 queued"])
      assert.deepStrictEqual(states(engine, "w1"), [])
    })
  )

  it.scoped("reads and reactions are told with seq 0, are not stored and are not replayed", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      const { messageId } = yield* engine.post({ from: "alice", channel: "general", text: "x" })
      yield* node.ack("w1", 1)
      yield* node.drain
      yield* engine.react({ from: "alice", messageId, emoji: "eyes" })
      yield* engine.read({ from: "alice", messageId })
      yield* engine.unreact({ from: "alice", messageId, emoji: "eyes" })
      yield* engine.event({ agent: "w1", type: "weird.event", key: "k", msgId: "m", data: {} })
      const frames = yield* node.drain
      assert.deepStrictEqual(deliveries(frames), ["w1 0", "w1 0", "w1 0", "w1 0"])
      assert.deepStrictEqual(skeleton(frames[0]), skeleton(captured("deliver", "message.reacted at seq 0")))
      assert.deepStrictEqual(skeleton(frames[1]), skeleton(captured("deliver", "message.read at seq 0")))
      assert.deepNestedInclude(frames[2], { "payload.data.action": "removed", msg_id: messageId })
      assert.strictEqual(new Set(frames.map((frame) => frame["delivery_id"])).size, 4)
      assert.lengthOf(engine.mailbox("w1"), 1)
      yield* node.request({ type: "inventory.sync", agents: [] })
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
    })
  )

  it.scoped("at the depth cap the recipient gets nothing and the post still succeeds", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine({ depth: 2 })
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1", "2", "3")
      assert.deepStrictEqual(states(engine, "w1"), ["1 delivered", "2 delivered"])
      yield* node.ack("w1", 1)
      yield* send(engine, "w1", "4")
      assert.deepStrictEqual(states(engine, "w1"), ["1 acked", "2 delivered", "3 delivered"])
    })
  )

  it.scoped("a join is told once to the nodes that host members", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* engine.createChannel("dev", { creator: "alice" })
      yield* node.drain
      yield* engine.join({ agent: "w1", channel: "dev" })
      const [joined] = yield* node.drain
      assert.deepStrictEqual(skeleton(joined), skeleton(captured("context.update", "member.joined")))
      assert.deepNestedInclude(joined, { "data.channel_name": "dev", "data.agent_name": "w1" })
      yield* engine.join({ agent: "w1", channel: "dev" })
      assert.deepStrictEqual(yield* node.drain, [])
    })
  )
})

describe("acknowledgement", () => {
  it.scoped("is cumulative, monotone, by name", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1", "2", "3")
      yield* node.ack("w1", 2)
      assert.deepStrictEqual(states(engine, "w1"), ["1 acked", "2 acked", "3 delivered"])
      yield* node.ack("w1", 1)
      assert.strictEqual(engine.cursor("w1"), 2)
      yield* engine.awaitAck("w1", 2)
      assert.deepStrictEqual(
        engine.observations.acks.map(({ agent, applied, upToSeq }) => [agent, upToSeq, applied]),
        [
          ["w1", 2, true],
          ["w1", 1, false]
        ]
      )
    })
  )

  it.scoped("is ignored when the agent is not located on the node, or unknown", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* hosted(engine, "w1")
      const other = yield* connectNode(engine, { name: "other" })
      yield* other.register()
      yield* send(engine, "w1", "1")
      yield* other.ack("w1", 1)
      yield* other.ack("nobody", 1)
      assert.strictEqual(engine.cursor("w1"), 0)
      assert.deepStrictEqual(yield* other.drain, [])
    })
  )

  it.scoped("that is too high is believed: later messages are pushed live and never replayed", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* node.ack("w1", 5)
      yield* send(engine, "w1", "swallowed")
      yield* node.drain
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
      assert.deepStrictEqual(states(engine, "w1"), ["1 delivered"])
    })
  )
})

describe("replay", () => {
  it.scoped("follows node.register, agent.register and inventory.sync, for the whole node, by name then seq", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      // Neither the order of arrival nor its reverse is the order of names.
      const node = yield* hosted(engine, "wb", "wd", "wa")
      yield* send(engine, "wb", "1", "2")
      yield* send(engine, "wd", "1")
      yield* send(engine, "wa", "1")
      yield* send(engine, "wb", "3")
      yield* node.ack("wb", 1)
      assert.deepStrictEqual(deliveries(yield* node.drain), ["wb 1", "wb 2", "wd 1", "wa 1", "wb 3"])
      const all = ["wa 1", "wb 2", "wb 3", "wd 1"]
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), all, "node.register")
      yield* node.host("wc")
      assert.deepStrictEqual(deliveries(yield* node.drain), all, "agent.register of another agent")
      yield* node.request({ type: "inventory.sync", agents: [] })
      assert.deepStrictEqual(deliveries(yield* node.drain), all, "inventory.sync, empty as it is")
    })
  )

  it.scoped("follows nothing else", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1")
      yield* node.drain
      yield* node.beat()
      yield* node.ack("w1", 0)
      yield* TestClock.adjust("10 minutes")
      yield* node.send({
        type: "node.register",
        name: "x",
        node_id: "not ours",
        capabilities: [],
        max_agents: 0,
        tags: [],
        version: ""
      })
      const frames = yield* node.drain
      assert.deepStrictEqual(deliveries(frames), [])
      assert.deepStrictEqual(
        frames.map((frame) => frame["code"]),
        ["node_id_mismatch"]
      )
    })
  )

  it.scoped("queues without a socket, and a new socket alone brings nothing", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const first = yield* hosted(engine, "w1")
      yield* first.connection.close("abrupt", "")
      yield* send(engine, "w1", "1", "2")
      assert.deepStrictEqual(states(engine, "w1"), ["1 queued", "2 queued"])
      const second = yield* connectNode(engine, { name: "vm" })
      yield* second.beat()
      assert.deepStrictEqual(yield* second.drain, [])
      yield* send(engine, "w1", "live")
      assert.deepStrictEqual(deliveries(yield* second.drain), ["w1 3"], "a live frame overtakes what is queued")
      yield* second.register()
      assert.deepStrictEqual(deliveries(yield* second.drain), ["w1 1", "w1 2", "w1 3"])
      assert.strictEqual(engine.agent("w1")?.status, "offline", "a register does not make agents active again")
    })
  )

  it.scoped("leaves out rows acked singly, failed or expired: the numbers then have holes", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1", "2", "3")
      yield* engine.expireRow("w1", 2)
      yield* node.drain
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1", "w1 3"])
      assert.deepStrictEqual(states(engine, "w1"), ["1 delivered", "2 dead_lettered", "3 delivered"])
    })
  )

  it.scoped("expires rows after an hour, by the sweep", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1")
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(states(engine, "w1"), ["1 delivered"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(states(engine, "w1"), ["1 dead_lettered"])
      yield* node.drain
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
    })
  )

  it.scoped("a count that starts again hides messages below the cursor, as 5.x could", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1")
      yield* send(engine, "w1", "1", "2", "3")
      yield* node.ack("w1", 3)
      yield* engine.restartCount("w1", 1)
      yield* node.drain
      yield* send(engine, "w1", "again")
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1"])
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
    })
  )

  it.scoped("a deregistered agent's messages wait on its implicit node until it is hosted again", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* hosted(engine, "w1", "w2")
      yield* send(engine, "w1", "1")
      yield* node.drain
      yield* node.send({ type: "agent.deregister", agent_id: engine.agent("w1")?.id ?? "" })
      yield* send(engine, "w1", "2")
      yield* node.register()
      assert.deepStrictEqual(deliveries(yield* node.drain), [])
      yield* node.host("w1")
      assert.deepStrictEqual(deliveries(yield* node.drain), ["w1 1", "w1 2"])
    })
  )

  it.scoped("cursors are told only when asked to behave like 6.0.3", () =>
    Effect.gen(function* () {
      const reply = (engine: FakeEngineService) =>
        Effect.gen(function* () {
          const node = yield* hosted(engine, "w1")
          yield* send(engine, "w1", "1")
          yield* node.ack("w1", 1)
          return (yield* node.request({ type: "agent.register", name: "w1" }))["data"] as Frame
        })
      assert.deepStrictEqual(Object.keys(yield* reply(yield* makeEngine())), ["agent_id", "token", "name"])
      assert.deepInclude(yield* reply(yield* makeEngine({ later: { tellCursors: true } })), { delivery_ack_seq: 1 })
    })
  )
})
