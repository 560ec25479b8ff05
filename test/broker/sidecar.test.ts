/** The engine, the whole broker and a sidecar on simulated time: who handles an invocation, and what is answered. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { InvocationId } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import type { ControlRequest } from "../../src/sidecar/Frames.ts"
import { type SidecarConnection, SidecarHub } from "../../src/sidecar/SidecarHub.ts"
import type { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { inSimulation } from "../simulation/inSimulation.ts"
import { pass } from "../simulation/pass.ts"

interface Invoked {
  readonly invocation_id: InvocationId
  readonly name: string
  readonly input: unknown
}

type Handler = (
  invoked: Invoked
) => { readonly output: null | string | number } | { readonly error: string } | undefined

/** A sidecar that answers at once, or never where its handler says undefined. */
const join = (names: ReadonlyArray<string>, handler: Handler) =>
  Effect.gen(function* () {
    const hub = yield* SidecarHub
    const invoked: Array<Invoked> = []
    const connection: SidecarConnection = yield* hub.connect({
      send: (text) =>
        Effect.suspend(() => {
          const { payload } = JSON.parse(text) as { readonly payload: Invoked }
          invoked.push(payload)
          const answer = handler(payload)
          if (answer === undefined) return Effect.void
          const result = { invocation_id: payload.invocation_id, ...answer }
          return Effect.ignore(connection.control({ type: "handler_result", payload: result }))
        })
    })
    const control = (request: ControlRequest) => Effect.orDie(connection.control(request))
    const capabilities = names.map((name) => ({ name }))
    yield* control({ type: "register_node", payload: { manifest: { name: "side", capabilities } } })
    yield* control({ type: "register_handlers", payload: { names } })
    yield* pass(100)
    return { ...connection, control, invoked }
  })

const invoke = (engine: FakeEngine["Type"], action: string, input: Record<string, unknown> = {}) =>
  Effect.orDie(engine.invoke({ from: "alice", action, input }))

/** Answers to one invocation, in order. */
const answers = (engine: FakeEngine["Type"], id: string) =>
  engine.observations.frames.flatMap(({ frame }) =>
    frame?.type === "action.result" && frame.invocation_id === id
      ? ["output" in frame ? { output: frame.output } : { error: frame.error }]
      : []
  )
const live = Effect.flatMap(WorkerRegistry, (registry) =>
  Effect.map(registry.list, (workers) => workers.map(({ name }) => String(name)))
)
const node = (engine: FakeEngine["Type"]) => engine.nodes().find(({ connected }) => connected)
const spawnInput = (name: string, more: Record<string, unknown> = {}) => ({ name, cli: "echo", task: null, ...more })

describe("an invocation", () => {
  it("of an action goes to its handler, whose answer is kept for a replay of the frame", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        let count = 0
        const { invoked } = yield* join(["sum"], () => ({ output: ++count }))
        const id = yield* invoke(engine, "sum", { a: null })
        yield* pass(1_000)
        assert.deepStrictEqual(
          invoked.map(({ input, name }) => ({ name, input })),
          [{ name: "sum", input: { a: null } }]
        )
        assert.deepInclude(engine.invocation(id), { status: "completed", output: 1 })
        const frame = { v: 1, type: "action.invoke", invocation_id: id, action: "sum", input: {} }
        yield* Effect.orDie(engine.sendRaw(node(engine)?.name ?? "", frame))
        yield* pass(1_000)
        assert.deepStrictEqual(answers(engine, id), [{ output: 1 }, { output: 1 }])
        assert.strictEqual(invoked.length, 1)
      })
    ))

  it("of spawn:<harness> goes to the handler of exactly that name, also as bare spawn; another is spawned here", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { invoked } = yield* join(["spawn:echo"], () => ({ output: "done by the sidecar" }))
        const id = yield* invoke(engine, "spawn", spawnInput("w1"))
        yield* pass(1_000)
        assert.deepInclude(engine.invocation(id), { status: "completed", output: "done by the sidecar" })
        assert.deepStrictEqual(invoked[0]?.input, { name: "w1", cli: "echo" })
        const retried = {
          v: 1,
          type: "action.invoke",
          invocation_id: "inv_r",
          action: "spawn",
          input: spawnInput("w2")
        }
        yield* Effect.orDie(engine.sendRaw(node(engine)?.name ?? "", retried))
        yield* pass(1_000)
        assert.deepStrictEqual(answers(engine, "inv_r"), [{ output: "done by the sidecar" }])
        assert.deepStrictEqual(yield* live, [])

        const other = {
          ...retried,
          invocation_id: "inv_o",
          input: spawnInput("w3", { cli: "prompting", capability: "spawn:no" })
        }
        yield* Effect.orDie(engine.sendRaw(node(engine)?.name ?? "", other))
        yield* pass(2_000)
        assert.strictEqual(invoked.length, 2)
        assert.notDeepInclude(answers(engine, "inv_o"), { error: "handler_unavailable" })
      })
    ))

  it("that is not answered within 25 s is an error then, and its late answer changes nothing", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { control, invoked } = yield* join(["slow"], () => undefined)
        const id = yield* invoke(engine, "slow")
        yield* pass(24_000)
        assert.deepStrictEqual(answers(engine, id), [])
        yield* pass(1_500)
        assert.deepStrictEqual(answers(engine, id), [{ error: "slow_failed: not done within 25 s" }])
        const late = { invocation_id: invoked[0]?.invocation_id ?? InvocationId.make("none"), output: 1 }
        const refused = yield* Effect.either(Effect.sandbox(control({ type: "handler_result", payload: late })))
        assert.isTrue(Either.isLeft(refused))
        yield* pass(60_000)
        assert.strictEqual(answers(engine, id).length, 1)
        assert.strictEqual(invoked.length, 1)
      })
    ))

  it("in flight when its sidecar leaves is unavailable, and is handled when it comes again to a new one", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const first = yield* join(["job"], () => undefined)
        const id = yield* invoke(engine, "job")
        yield* pass(1_000)
        assert.isTrue(node(engine)?.handlersLive)
        yield* first.lost
        yield* pass(1_000)
        assert.deepStrictEqual(answers(engine, id), [{ error: "handler_unavailable" }])
        assert.notInclude(node(engine)?.capabilities ?? [], "job")
        const second = yield* join(["job"], () => ({ output: "second" }))
        yield* pass(120_000)
        assert.strictEqual(second.invoked.length, 1)
        assert.deepInclude(engine.invocation(id), { status: "completed", output: "second" })
      })
    ))

  it("of an action without a handler is unavailable; release is nobody's but the broker's", () =>
    inSimulation(({ engine }) =>
      Effect.gen(function* () {
        const { invoked } = yield* join(["release", "spawn", "other"], () => ({ output: 1 }))
        const declared = (yield* (yield* NodeControl).view).capabilities
        for (const name of ["release", "spawn"]) {
          assert.notInclude(declared, name)
          assert.notInclude(node(engine)?.capabilities ?? [], name)
        }
        assert.include(declared, "other")
        const name = node(engine)?.name ?? ""
        const frame = { v: 1, type: "action.invoke", input: { name: "nobody" } }
        yield* Effect.orDie(engine.sendRaw(name, { ...frame, invocation_id: "inv_a", action: "none" }))
        yield* Effect.orDie(engine.sendRaw(name, { ...frame, invocation_id: "inv_b", action: "release" }))
        yield* pass(1_000)
        assert.deepStrictEqual(answers(engine, "inv_a"), [{ error: "handler_unavailable" }])
        assert.match(JSON.stringify(answers(engine, "inv_b")), /release_failed/)
        assert.deepStrictEqual(invoked, [])
      })
    ))
})
