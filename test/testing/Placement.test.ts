/** Actions, placement and liveness. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { FakeEngineService } from "../../src/testing/index.ts"
import { connectNode, type Frame, makeEngine } from "./engineRig.ts"

const ready = (
  engine: FakeEngineService,
  name: string,
  capabilities: ReadonlyArray<string>,
  o: {
    readonly load?: number
    readonly activeAgents?: number
    readonly maxAgents?: number
    readonly handlersLive?: boolean
  } = {}
) =>
  Effect.gen(function* () {
    const node = yield* connectNode(engine, { name })
    yield* node.register({ capabilities, maxAgents: o.maxAgents ?? 0 })
    yield* node.beat(o)
    return node
  })

const invokes = (frames: ReadonlyArray<Frame>) => frames.filter((frame) => frame.type === "action.invoke")
const codeOf = <A>(effect: Effect.Effect<A, { readonly code: string; readonly status: number }>) =>
  Effect.map(Effect.flip(effect), ({ code, status }) => `${status} ${code}`)

describe("placing a spawn", () => {
  it.scoped("the least loaded live node with the capability, handlers and room gets it", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* ready(engine, "busy", ["spawn:cat"], { load: 0.9 })
      yield* ready(engine, "full", ["spawn:cat"], { activeAgents: 1, maxAgents: 1 })
      yield* ready(engine, "no-handlers", ["spawn:cat"], { handlersLive: false })
      yield* ready(engine, "other", ["spawn:dog"])
      const b = yield* ready(engine, "b", ["spawn:cat"], { load: 0.1, activeAgents: 1 })
      const a = yield* ready(engine, "a", ["spawn:cat"], { load: 0.1, activeAgents: 2 })
      const id = yield* engine.spawn({ name: "w1", cli: "cat", task: "do" })
      assert.strictEqual(engine.invocation(id)?.node, "b")
      assert.deepStrictEqual(invokes(yield* a.drain), [])
      assert.deepStrictEqual(invokes(yield* b.drain), [
        {
          v: 1,
          type: "action.invoke",
          invocation_id: id,
          action: "spawn:cat",
          input: { name: "w1", cli: "cat", task: "do", channel: null, persona: null, model: null, metadata: {} }
        }
      ])
    })
  )

  it.scoped("none fits: 503, and nothing is queued", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* ready(engine, "vm", ["spawn:cat"], { handlersLive: false })
      const error = yield* Effect.flip(engine.spawn({ name: "w", cli: "cat" }))
      assert.deepInclude(error, { status: 503, code: "handler_unavailable", reason: "No live node provides spawn:cat" })
      assert.deepStrictEqual(engine.invocations(), [])
    })
  )

  it.scoped("a slot is held until the spawn is over", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", ["spawn:cat"], { maxAgents: 1 })
      const id = yield* engine.spawn({ name: "w1", cli: "cat" })
      assert.strictEqual(yield* codeOf(engine.spawn({ name: "w2", cli: "cat" })), "503 handler_unavailable")
      yield* node.send({ type: "action.result", invocation_id: id, error: "spawn_failed" })
      assert.deepInclude(engine.invocation(id), { status: "failed", error: "spawn_failed" } as object)
      yield* engine.spawn({ name: "w2", cli: "cat" })
    })
  )

  it.scoped("targeted: wrong capability, no handlers, offline", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", ["spawn:cat"], { handlersLive: false })
      assert.strictEqual(
        yield* codeOf(engine.spawn({ name: "w", cli: "dog", target: "vm" })),
        "409 capability_mismatch"
      )
      assert.strictEqual(yield* codeOf(engine.spawn({ name: "w", cli: "cat", target: "none" })), "404 node_not_found")
      const pending = yield* engine.spawn({ name: "w1", cli: "cat", target: "vm" })
      assert.strictEqual(engine.invocation(pending)?.status, "pending")
      assert.lengthOf(invokes(yield* node.drain), 1)
      yield* node.send({ type: "action.result", invocation_id: pending, output: { spawned: true } })
      assert.strictEqual(engine.invocation(pending)?.status, "completed")
      yield* node.connection.close("abrupt", "")
      const queued = yield* engine.spawn({ name: "w2", cli: "cat", target: "vm" })
      const again = yield* connectNode(engine, { name: "vm" })
      assert.deepStrictEqual(invokes(yield* again.drain), [], "a spawn waits for the register")
      yield* again.register({ capabilities: ["spawn:cat"] })
      assert.deepStrictEqual(
        invokes(yield* again.drain).map((frame) => frame["invocation_id"]),
        [queued]
      )
    })
  )

  it.scoped("a queue of an offline node holds a hundred", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", ["spawn:cat"])
      yield* node.connection.close("abrupt", "")
      for (let i = 0; i < 100; i++) yield* engine.spawn({ name: `w${i}`, cli: "cat", target: "vm" })
      assert.strictEqual(
        yield* codeOf(engine.spawn({ name: "w", cli: "cat", target: "vm" })),
        "503 handler_unavailable"
      )
    })
  )

  it.scoped("a bare spawn capability captures placement: the regression to watch for", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const good = yield* ready(engine, "good", ["spawn:cat"])
      yield* engine.spawn({ name: "w1", cli: "cat" })
      assert.lengthOf(invokes(yield* good.drain), 1)
      const captor = yield* ready(engine, "captor", ["spawn"], { load: 1 })
      assert.deepStrictEqual(engine.actions(), [{ name: "spawn", node: "captor", agent: undefined }])
      const id = yield* engine.spawn({ name: "w2", cli: "cat" })
      assert.strictEqual(engine.invocation(id)?.node, "captor")
      assert.deepStrictEqual(invokes(yield* good.drain), [])
      assert.deepInclude(invokes(yield* captor.drain)[0], { action: "spawn", invocation_id: id })
    })
  )

  it.scoped("a bare release captures every release, and the first node to name it keeps it", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const first = yield* ready(engine, "first", ["release"])
      const second = yield* ready(engine, "second", ["release"])
      yield* second.host("w1")
      yield* second.drain
      yield* engine.release({ name: "w1" })
      assert.lengthOf(invokes(yield* first.drain), 1)
      assert.deepStrictEqual(invokes(yield* second.drain), [])
    })
  )
})

describe("retrying", () => {
  it.scoped(
    "a spawn without a result goes to another node at the next sweep, as bare spawn, then back after a pause",
    () =>
      Effect.gen(function* () {
        const engine = yield* makeEngine()
        // The recorded run: dispatched 12 s before a sweep, to A at 42 s, to A again at 102 s.
        yield* TestClock.adjust("3 seconds")
        const n = yield* ready(engine, "n", ["spawn:cat"])
        const a = yield* ready(engine, "a", ["spawn:cat"], { load: 0.5 })
        const id = yield* engine.spawn({ name: "w", cli: "cat" })
        const alive = (seconds: number) =>
          Effect.forEach(
            Array.from({ length: seconds / 3 }),
            () =>
              Effect.zipRight(
                TestClock.adjust("3 seconds"),
                Effect.zipRight(n.beat({ load: 0.9 }), a.beat({ load: 0.5 }))
              ),
            { discard: true }
          )
        yield* alive(39)
        assert.deepStrictEqual(
          invokes(yield* n.drain).map((frame) => frame["action"]),
          ["spawn:cat"]
        )
        assert.deepStrictEqual(invokes(yield* a.drain), [])
        yield* alive(3)
        assert.deepStrictEqual(
          invokes(yield* a.drain).map((frame) => frame["action"]),
          ["spawn"],
          "at 42 s"
        )
        yield* alive(57)
        assert.deepStrictEqual(invokes(yield* a.drain), [])
        yield* alive(3)
        const [again] = invokes(yield* a.drain)
        assert.deepInclude(again, { action: "spawn", invocation_id: id }, "at 102 s")
        assert.deepStrictEqual(invokes(yield* n.drain), [])
        assert.strictEqual(engine.invocation(id)?.attempts, 3)
        yield* n.send({ type: "action.result", invocation_id: id, output: "late" })
        assert.strictEqual(engine.invocation(id)?.status, "dispatched", "only the present node may answer")
      })
  )

  it.scoped("handler_unavailable clears the flag and reschedules instead of failing", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const a = yield* ready(engine, "a", ["spawn:cat"])
      const b = yield* ready(engine, "b", ["spawn:cat"], { load: 1 })
      const id = yield* engine.spawn({ name: "w", cli: "cat" })
      yield* a.send({ type: "action.result", invocation_id: id, error: "handler_unavailable" })
      assert.isFalse(engine.node("a")?.handlersLive)
      assert.deepInclude(engine.invocation(id), { status: "dispatched", node: "b" } as object)
      assert.lengthOf(invokes(yield* b.drain), 1)
    })
  )

  it.scoped("a lost node's spawn moves on; its action waits for it and leaves at the accept, before any register", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* engine.registerAgent("alice")
      const a = yield* ready(engine, "a", ["spawn:cat", "echo"])
      const b = yield* ready(engine, "b", ["spawn:cat"], { load: 1 })
      const spawn = yield* engine.spawn({ name: "w", cli: "cat" })
      const echo = yield* engine.invoke({ from: "alice", action: "echo", input: {} })
      yield* a.connection.close("abrupt", "")
      assert.lengthOf(invokes(yield* b.drain), 1)
      assert.strictEqual(engine.invocation(spawn)?.node, "b")
      const back = yield* connectNode(engine, { name: "a" })
      const [frame] = yield* back.drain
      assert.deepInclude(frame, { type: "action.invoke", action: "echo", invocation_id: echo })
    })
  )
})

describe("results", () => {
  it.scoped("are taken once; the caller on a node hears of them with seq 0", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", ["echo"])
      yield* node.host("k1")
      const id = yield* engine.invoke({ from: "k1", action: "echo", input: { k: 1 } })
      yield* node.drain
      yield* node.send({ type: "action.result", invocation_id: id, output: { echoed: 1 } })
      yield* node.send({ type: "action.result", invocation_id: id, error: "too late" })
      const view = yield* engine.awaitInvocation(id)
      assert.deepInclude(view, { status: "completed", error: null })
      const frames = yield* node.drain
      assert.lengthOf(frames, 1)
      assert.deepNestedInclude(frames[0], {
        seq: 0,
        msg_id: id,
        "payload.type": "action.completed",
        "payload.data.output": { echoed: 1 }
      })
    })
  )

  it.scoped("of a release: binding and slot go, the agent is offline and says why; it keeps its location", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", [])
      yield* node.host("w1")
      yield* node.host("w2")
      const id = yield* engine.release({ name: "w1", reason: "done" })
      yield* node.send({ type: "action.result", invocation_id: id, output: { name: "w1", released: true } })
      assert.deepInclude(engine.agent("w1"), { status: "offline", node: "vm", bound: false } as object)
      assert.deepNestedInclude(engine.agent("w1"), { "metadata.release.reason": "done" } as object)
      assert.strictEqual(engine.node("vm")?.activeAgents, 1)
      yield* node.drain
      yield* engine.post({ from: "w2", channel: "general", text: "still sent there" })
      assert.lengthOf(yield* node.drain, 1)
      const removal = yield* engine.release({ name: "w1", deleteAgent: true })
      yield* node.send({ type: "action.result", invocation_id: removal, output: null })
      assert.isUndefined(engine.agent("w1"))
    })
  )
})

describe("liveness", () => {
  it.scoped(
    "a quiet node stops being live after 45 s and is written offline by the sweep, yet is still delivered to",
    () =>
      Effect.gen(function* () {
        const engine = yield* makeEngine()
        yield* engine.registerAgent("alice")
        const node = yield* ready(engine, "vm", ["spawn:cat"])
        yield* node.host("w1")
        yield* TestClock.adjust("45 seconds")
        assert.isTrue(engine.node("vm")?.live)
        assert.strictEqual(engine.agent("w1")?.status, "active")
        yield* TestClock.adjust("1 seconds")
        assert.isFalse(engine.node("vm")?.live)
        assert.strictEqual(engine.agent("w1")?.status, "active")
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(engine.agent("w1")?.status, "offline")
        yield* node.drain
        yield* engine.send({ from: "alice", to: "w1", text: "still" })
        assert.lengthOf(yield* node.drain, 1)
        yield* node.beat()
        assert.isTrue(engine.node("vm")?.live)
        assert.strictEqual(engine.agent("w1")?.status, "offline", "a heartbeat does not refresh agents")
      })
  )

  it.scoped("an agent without a call, an ack or a sync lapses after five minutes", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* ready(engine, "vm", [])
      yield* node.host("idle")
      yield* node.host("acking")
      for (let minute = 0; minute < 6; minute++) {
        for (let quarter = 0; quarter < 4; quarter++)
          yield* Effect.zipRight(TestClock.adjust("15 seconds"), node.beat())
        yield* node.ack("acking", 0)
      }
      assert.strictEqual(engine.agent("idle")?.status, "offline")
      assert.strictEqual(engine.agent("acking")?.status, "active")
    })
  )
})
