/** The handshake of a node and its frames, through both doors. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { LinkLost, Unauthorized } from "../../src/domain/Errors.ts"
import { ConnectFailed } from "../../src/node/NodeLink.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { examplesOf, inboundFixtures } from "../support/wireFixtures.ts"
import { connectNode, type Frame, handNode, linkTo, makeEngine, throughBothDoors } from "./engineRig.ts"

describe("handshake", () => {
  throughBothDoors("an unknown token is a 401", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const link = yield* linkTo(engine, door)
      const error = yield* Effect.flip(link.connect(Redacted.make("nt_live_unknown")))
      assert.deepStrictEqual(error, new Unauthorized({ credential: "node token", where: "/v1/node/ws", status: 401 }))
      assert.lengthOf(engine.observations.upgradeRefusals, 1)
    })
  )

  throughBothDoors("scripted refusals are used up one by one", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const { token } = yield* engine.enrollNode("vm")
      const link = yield* linkTo(engine, door)
      const attempt = Effect.either(Effect.scoped(link.connect(Redacted.make(token))))
      engine.faults.refuseUpgrades(1, 503, { retryAfter: 7 })
      engine.faults.refuseUpgrades(1, 403)
      engine.faults.refuseUpgrades(1, 0)
      const [unavailable, forbidden, nothing, accepted] = yield* Effect.all([attempt, attempt, attempt, attempt])
      assert(unavailable._tag === "Left" && unavailable.left instanceof ConnectFailed)
      assert.deepInclude(unavailable.left, { status: 503, retryAfterMillis: 7000 })
      assert(forbidden._tag === "Left" && forbidden.left instanceof Unauthorized)
      assert.strictEqual(forbidden.left.status, 403)
      assert(nothing._tag === "Left" && nothing.left instanceof ConnectFailed)
      assert.strictEqual(nothing.left.status, 0)
      assert.strictEqual(accepted._tag, "Right")
    })
  )

  throughBothDoors("a second socket supersedes the first, and the node stays online", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const { id, token } = yield* engine.enrollNode("vm")
      const link = yield* linkTo(engine, door)
      const first = yield* handNode(engine, { id, name: "vm" }, yield* link.connect(Redacted.make(token)))
      yield* first.register()
      const second = yield* handNode(engine, { id, name: "vm" }, yield* link.connect(Redacted.make(token)))
      const lost = yield* Effect.flip(first.connection.inbound.take)
      assert.deepStrictEqual(lost, new LinkLost({ reason: "superseded", code: 1000 }))
      assert.isTrue(engine.node("vm")?.connected)
      assert.isTrue(engine.node("vm")?.live)
      assert.strictEqual((yield* second.register()).type, "reply")
    })
  )

  throughBothDoors("enrolling again rotates the token and leaves the live socket alone", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm", door })
      const old = engine.node("vm")?.token ?? ""
      const again = yield* engine.enrollNode("vm")
      assert.notStrictEqual(again.token, old)
      assert.strictEqual(again.id, node.id)
      assert.strictEqual((yield* node.register()).type, "reply")
      const link = yield* linkTo(engine, door)
      assert.instanceOf(yield* Effect.flip(link.connect(Redacted.make(old))), Unauthorized)
    })
  )

  throughBothDoors("an invalidated token is refused at the next upgrade only", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const { id, token } = yield* engine.enrollNode("vm")
      const link = yield* linkTo(engine, door)
      const node = yield* handNode(engine, { id, name: "vm" }, yield* link.connect(Redacted.make(token)))
      engine.faults.invalidateNodeToken("vm")
      assert.strictEqual((yield* node.register()).type, "reply")
      assert.instanceOf(yield* Effect.flip(link.connect(Redacted.make(token))), Unauthorized)
    })
  )

  throughBothDoors("a node that goes takes its agents offline, and only their status", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm", door })
      yield* node.register()
      yield* node.host("w1")
      yield* node.connection.close("normal", "bye")
      yield* engine.observations.awaitState(() => engine.node("vm")?.connected === false || undefined)
      assert.isFalse(engine.node("vm")?.live)
      assert.deepInclude(engine.agent("w1"), { status: "offline", node: "vm", bound: true } as object)
      assert.instanceOf(yield* Effect.flip(node.send({ type: "node.deregister" })), LinkLost)
    })
  )

  throughBothDoors("dropped sockets end with the code asked for, or without one", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const first = yield* connectNode(engine, { name: "vm", door })
      engine.faults.dropSockets({ code: 1012, reason: "restart" })
      assert.deepStrictEqual(
        yield* Effect.flip(first.connection.inbound.take),
        new LinkLost({ reason: "restart", code: 1012 })
      )
      const second = yield* connectNode(engine, { name: "vm", door })
      engine.faults.dropSockets({ node: "vm" })
      const lost = yield* Effect.flip(second.connection.inbound.take)
      assert(lost instanceof LinkLost)
      assert.strictEqual(lost.code, 1006)
    })
  )
})

describe("frames", () => {
  throughBothDoors("node.register answers with the public node", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm", door })
      const reply = yield* node.register({ capabilities: ["spawn:cat"], maxAgents: 4 })
      const captured = inboundFixtures.find((one) => one.type === "reply")?.examples["node.register"]
      const data = reply["data"] as Frame
      assert.deepStrictEqual(Object.keys(data).sort(), Object.keys(captured?.["data"] as object).sort())
      assert.deepInclude(data, { id: node.id, live: true, handlers_live: true, max_agents: 4, role: "broker" })
    })
  )

  throughBothDoors("an invalid frame is refused with a fresh id, and the socket stays", (door) =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm", door })
      const bad = [
        "{",
        "[]",
        '{"v":1,"type":"node.deregister","id":"mine","extra":1}',
        '{"v":1,"type":"agent.register","id":"mine","name":"w","session_ref":null}',
        '{"v":1,"type":"nonsense","id":"mine"}',
        `{"v":1,"type":"action.result","invocation_id":"i","output":${"[".repeat(50_000)}${"]".repeat(50_000)}}`
      ]
      for (const text of bad) {
        yield* node.send(text)
        const answer = yield* node.next
        assert.deepInclude(answer, { type: "error", code: "invalid_message", ok: false })
        assert.notStrictEqual(answer["id"], "mine")
      }
      assert.lengthOf(engine.observations.rejectedFrames, bad.length)
      assert.strictEqual((yield* node.register()).type, "reply")
    })
  )

  it.scoped("the validator of the options refuses on its own, too", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine({
        validateFrame: (raw) => publishedOutbound(raw) ?? ((raw as Frame)["id"] === "no" ? "not this id" : undefined)
      })
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.send({ type: "node.deregister", id: "no" })
      assert.deepInclude(yield* node.next, { code: "invalid_message" })
      assert.strictEqual(engine.observations.rejectedFrames[0]?.rejection, "not this id")
    })
  )

  it.scoped("a register for another node, and a name that another node has, are refused with the request's id", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* connectNode(engine, { name: "other" })
      const node = yield* connectNode(engine, { name: "vm" })
      const register = { type: "node.register", capabilities: [], max_agents: 0, tags: [], version: "x", id: "r9" }
      const captured = examplesOf(inboundFixtures).find(([, name]) => name === "node_id_mismatch")?.[2]
      assert.deepStrictEqual(yield* node.request({ ...register, name: "vm", node_id: "node_else" }), captured as Frame)
      assert.deepInclude(yield* node.request({ ...register, name: "other", node_id: node.id }), {
        code: "node_name_conflict",
        id: "r9"
      })
      assert.strictEqual((yield* node.request({ ...register, name: "vm2", node_id: node.id })).type, "reply")
      assert.isDefined(engine.node("vm2"))
      assert.isUndefined(engine.node("vm"))
    })
  )

  it.scoped("a request without an id is answered with an id of the engine's", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.send({ type: "inventory.sync", agents: [] })
      const reply = yield* node.next
      assert.strictEqual(reply.type, "reply")
      assert.match(String(reply["id"]), /^\d+$/)
    })
  )

  it.scoped("heartbeat, deregister, ack and result are never answered, even with an id", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register()
      const agentId = yield* node.host("w1")
      yield* node.send({ type: "node.heartbeat", id: "1", load: 0, active_agents: 1, handlers_live: true })
      yield* node.send({ type: "delivery.ack", id: "2", agent: "w1", up_to_seq: 0 })
      yield* node.send({ type: "action.result", id: "3", invocation_id: "inv_none", output: null })
      yield* node.send({ type: "agent.deregister", id: "4", agent_id: agentId })
      yield* node.send({ type: "node.deregister", id: "5" })
      assert.deepStrictEqual(yield* node.drain, [])
    })
  )

  it.scoped("agent.register keeps identity and mailbox and always gives a new token", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* engine.registerAgent("alice")
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register()
      const id = yield* node.host("w1")
      const token = engine.agent("w1")?.token
      yield* engine.send({ from: "alice", to: "w1", text: "1" })
      yield* node.ack("w1", 1)
      assert.strictEqual(yield* node.host("w1"), id)
      assert.notStrictEqual(engine.agent("w1")?.token, token)
      assert.strictEqual(engine.cursor("w1"), 1)
      assert.deepInclude(engine.agent("w1"), { status: "active", node: "vm", bound: true } as object)
    })
  )

  it.scoped("node.deregister takes node and agents offline; the socket, bindings and locations stay", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const other = yield* connectNode(engine, { name: "other" })
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register({ capabilities: ["spawn:cat"] })
      yield* other.register({ capabilities: ["spawn:cat"] })
      yield* other.beat({ load: 1 })
      yield* node.host("w1")
      const id = yield* engine.spawn({ name: "w2", cli: "cat" })
      yield* node.send({ type: "node.deregister" })
      assert.deepInclude(engine.node("vm"), { live: false, connected: true, agents: ["w1"] } as object)
      assert.deepInclude(engine.agent("w1"), { status: "offline", node: "vm" } as object)
      assert.strictEqual(engine.invocation(id)?.node, "other", "its open invocation moves on")
      yield* node.register()
      assert.isTrue(engine.node("vm")?.live)
    })
  )

  it.scoped("who may take a name over", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const here = yield* connectNode(engine, { name: "here" })
      const there = yield* connectNode(engine, { name: "there" })
      yield* here.register()
      yield* there.register()
      const take = (name: string) =>
        Effect.map(here.request({ type: "agent.register", name }), (answer) => answer["code"] ?? "taken")
      yield* engine.registerAgent("direct")
      assert.strictEqual(yield* take("direct"), "taken", "from its implicit node")
      assert.strictEqual(yield* take("direct"), "taken", "again on the same node")
      yield* there.host("w1")
      const refused = yield* here.request({ type: "agent.register", name: "w1" })
      assert.deepInclude(refused, {
        code: "agent_location_conflict",
        message: 'Agent "w1" already has an active location'
      })
      yield* there.connection.close("abrupt", "")
      assert.strictEqual(yield* take("w1"), "taken", "its node went away, so it is offline")
      assert.deepStrictEqual(engine.node("there")?.agents, [])
    })
  )

  it.scoped("slots: counted by the engine, overwritten by heartbeats, refused when full", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register({ maxAgents: 2 })
      const id = yield* node.host("w1")
      yield* node.host("w1")
      assert.strictEqual(engine.node("vm")?.activeAgents, 1)
      yield* node.host("w2")
      const full = yield* node.request({ type: "agent.register", name: "w3" })
      assert.deepInclude(full, { type: "error", code: "node_capacity_exceeded" })
      yield* node.send({ type: "agent.deregister", agent_id: id })
      assert.strictEqual(engine.node("vm")?.activeAgents, 1)
      assert.deepInclude(engine.agent("w1"), { status: "offline", bound: false, node: `direct-${id}` } as object)
      yield* node.beat({ activeAgents: 7 })
      assert.strictEqual(engine.node("vm")?.activeAgents, 7)
    })
  )
})
