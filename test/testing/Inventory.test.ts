/** `inventory.sync`: its effects one by one, in the order in which the engine has them. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { FakeEngineService } from "../../src/testing/index.ts"
import { connectNode, type HandNode, makeEngine } from "./engineRig.ts"

const sync = (
  node: HandNode,
  ...agents: ReadonlyArray<{ name: string; invocation_id?: string; session_ref?: string }>
) =>
  Effect.map(
    node.request({ type: "inventory.sync", agents: agents.map((agent) => ({ agent_id: "any", ...agent })) }),
    (answer) => (answer["code"] as string | undefined) ?? (answer["data"] as object)
  )

const counts = (rebound: number, open: number, completed: number, rescheduled: number) => ({
  rebound_agents: rebound,
  open_invocations: open,
  completed_invocations: completed,
  rescheduled_invocations: rescheduled
})

const ready = (engine: FakeEngineService, name: string, ...capabilities: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const node = yield* connectNode(engine, { name })
    yield* node.register({ capabilities })
    yield* node.beat({ handlersLive: capabilities.length > 0 })
    return node
  })

it.scoped("1: one active agent on another live node refuses the whole sync, and nothing is changed", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const here = yield* ready(engine, "here")
    const there = yield* ready(engine, "there")
    yield* here.host("mine")
    yield* there.host("theirs")
    assert.strictEqual(yield* sync(here, { name: "theirs" }), "agent_location_conflict")
    assert.strictEqual(engine.agent("mine")?.status, "active")
    assert.strictEqual(engine.agent("theirs")?.node, "there")
  })
)

it.scoped("1: an agent of a node that is not live, or on its implicit node, or offline, may be claimed", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const here = yield* ready(engine, "here")
    const there = yield* ready(engine, "there")
    yield* there.host("orphan")
    yield* there.connection.close("abrupt", "")
    yield* engine.registerAgent("direct")
    assert.deepStrictEqual(
      yield* sync(here, { name: "orphan" }, { name: "direct", session_ref: "s1" }),
      counts(2, 0, 0, 0)
    )
    for (const name of ["orphan", "direct"])
      assert.deepInclude(engine.agent(name), { status: "active", node: "here", bound: true } as object)
    assert.strictEqual(engine.node("here")?.activeAgents, 2)
  })
)

it.scoped("2: names decide, ids are not compared; unknown names are counted and not created", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* ready(engine, "vm")
    yield* node.host("w1")
    assert.deepStrictEqual(yield* sync(node, { name: "w1" }, { name: "ghost" }), counts(2, 0, 0, 0))
    assert.isUndefined(engine.agent("ghost"))
  })
)

it.scoped("3: a listed open invocation is completed by being listed", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* ready(engine, "vm", "spawn:cat")
    const id = yield* engine.spawn({ name: "w1", cli: "cat" })
    yield* node.host("w1")
    assert.deepStrictEqual(yield* sync(node, { name: "w1", invocation_id: id, session_ref: "s" }), counts(1, 1, 1, 0))
    assert.deepInclude(engine.invocation(id), { status: "completed" } as object)
    assert.deepStrictEqual(engine.invocation(id)?.output, {
      agent_id: "any",
      name: "w1",
      invocation_id: id,
      session_ref: "s"
    })
  })
)

it.scoped("4: located, active and not listed goes offline; binding and location stay", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const node = yield* ready(engine, "vm")
    yield* node.host("w1")
    yield* node.host("w2")
    yield* sync(node, { name: "w1" })
    assert.strictEqual(engine.agent("w1")?.status, "active")
    assert.deepInclude(engine.agent("w2"), { status: "offline", node: "vm", bound: true } as object)
    yield* sync(node, { name: "w1" }, { name: "w2" })
    assert.strictEqual(engine.agent("w2")?.status, "active")
  })
)

it.scoped("5: an action in flight is taken away for ever by an empty sync; its result is dropped", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    yield* engine.registerAgent("alice")
    const node = yield* ready(engine, "vm", "echo")
    const id = yield* engine.invoke({ from: "alice", action: "echo", input: { k: 1 } })
    assert.strictEqual(engine.invocation(id)?.status, "dispatched")
    assert.deepStrictEqual(yield* sync(node), counts(0, 1, 0, 1))
    yield* node.send({ type: "action.result", invocation_id: id, output: 1 })
    assert.deepInclude(engine.invocation(id), { status: "pending", node: undefined, output: null } as object)
  })
)

it.scoped("5: an unlisted spawn moves to another node at once, as a bare spawn", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const a = yield* ready(engine, "a", "spawn:cat")
    const b = yield* ready(engine, "b", "spawn:cat")
    const id = yield* engine.spawn({ name: "w1", cli: "cat" })
    yield* a.drain
    assert.deepStrictEqual(yield* sync(a), counts(0, 1, 0, 1))
    assert.deepInclude(engine.invocation(id), { status: "dispatched", node: "b" } as object)
    const [frame] = yield* b.drain
    assert.deepInclude(frame, { type: "action.invoke", invocation_id: id, action: "spawn" })
  })
)
