/** The published SDK, unmodified, against the engine on a real socket; the other end is a node played by hand. */
import { assert, it } from "@effect/vitest"
import { RelayCast, RelayError } from "@relaycast/sdk"
import * as Effect from "effect/Effect"
import WebSocket from "ws"
import { connectNode, deliveries, makeEngine } from "./engineRig.ts"

it.scopedLive("registers agents, sends a direct and a channel message to an agent of a broker", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const { baseUrl } = yield* engine.listen()
    const broker = yield* connectNode(engine, { name: "vm", door: "socket" })
    yield* broker.register()
    yield* broker.host("worker")

    const relay = new RelayCast({ apiKey: engine.key(), baseUrl })
    const alice = yield* Effect.promise(() => relay.agents.register({ name: "alice", type: "human" }))
    assert.match(alice.token, /^at_live_/)
    const as = relay.as(alice.token, { autoHeartbeatMs: false })
    const dm = yield* Effect.promise(() => as.dm("worker", "hello worker", { mode: "steer" }))
    const post = yield* Effect.promise(() => as.send("#general", "hello all"))
    const reply = yield* Effect.promise(() => as.reply(post.id, "and more"))
    yield* Effect.promise(() => as.react(post.id, "eyes"))

    const frames = yield* broker.drain
    assert.deepStrictEqual(deliveries(frames), ["worker 1", "worker 2", "worker 3", "worker 0"])
    assert.deepStrictEqual(
      frames.map((frame) => frame["msg_id"]),
      [dm.message.id, post.id, reply.id, post.id]
    )
    assert.deepNestedInclude(frames[0], { mode: "steer", "payload.data.text": "hello worker" })
    yield* broker.ack("worker", 3)
    yield* engine.awaitAck("worker", 3)
  })
)

it.scopedLive("makes a workspace, recovers an identity, lists, reads and sees typed errors", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const { baseUrl } = yield* engine.listen()
    const made = yield* Effect.promise(() => RelayCast.createWorkspace("fresh", { baseUrl }))
    const relay = new RelayCast({ apiKey: String(made.apiKey), baseUrl })
    assert.strictEqual((yield* Effect.promise(() => relay.workspace.info())).name, "fresh")
    const first = yield* Effect.promise(() => relay.registerOrRotate({ name: "alice" }))
    const second = yield* Effect.promise(() => relay.registerOrRotate({ name: "alice" }))
    assert.strictEqual(second.id, first.id)
    assert.notStrictEqual(second.token, first.token)
    const as = relay.as(second.token, { autoHeartbeatMs: false })
    assert.strictEqual((yield* Effect.promise(() => as.me())).name, "alice")
    yield* Effect.promise(() => as.channels.create({ name: "dev" }))
    yield* Effect.promise(() => as.channels.join("dev"))
    const post = yield* Effect.promise(() => as.send("dev", "x"))
    const listed = yield* Effect.promise(() => as.messages("dev"))
    assert.deepStrictEqual(
      listed.map((one) => one.id),
      [post.id]
    )
    assert.strictEqual((yield* Effect.promise(() => as.thread(post.id))).parent.id, post.id)
    const failure = yield* Effect.flip(Effect.tryPromise({ try: () => as.dm("nobody", "x"), catch: (error) => error }))
    assert(failure instanceof RelayError)
    assert.deepInclude(failure, { code: "not_found", rawCode: "agent_not_found", statusCode: 404 })
  })
)

it.scopedLive("listens as its own node, which acknowledges by itself", () =>
  Effect.gen(function* () {
    // The SDK takes the platform's WebSocket, which Node has from 22 on.
    const platform = globalThis as { WebSocket?: unknown }
    const present = platform.WebSocket
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        platform.WebSocket = WebSocket
      }),
      () =>
        Effect.sync(() => {
          if (present === undefined) delete platform.WebSocket
          else platform.WebSocket = present
        })
    )
    const engine = yield* makeEngine()
    const { baseUrl } = yield* engine.listen()
    yield* engine.registerAgent("bob")
    const relay = new RelayCast({ apiKey: engine.key(), baseUrl })
    const { token } = yield* Effect.promise(() => relay.agents.register({ name: "alice" }))
    const as = relay.as(token, { autoHeartbeatMs: false })
    const received: Array<string> = []
    as.connect()
    as.on.dmReceived((event) => {
      received.push(event.message.text)
    })
    yield* Effect.addFinalizer(() => Effect.promise(() => as.disconnect()))
    yield* engine.observations.awaitFrame((one) => one.frame?.type === "node.register")
    yield* engine.send({ from: "bob", to: "alice", text: "live" })
    yield* engine.awaitAck("alice", 1)
    assert.deepStrictEqual(received, ["live"])
    assert.deepStrictEqual(engine.observations.rejectedFrames, [])
  })
)
