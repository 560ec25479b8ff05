import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { InvocationId } from "../../src/domain/Ids.ts"
import { inFlightLimit } from "../../src/sidecar/SidecarHub.ts"
import { capturedLogs } from "../identity/support.ts"
import { makeRig, settle } from "./rig.ts"

const invocationId = InvocationId.make("inv_1")
const echo = { invocationId, name: "echo", input: { a: 1, n: null } }
const invoked = { invocation_id: invocationId, name: "echo", input: { a: 1, n: null } }

describe("handlers", () => {
  it.scoped("are given the input and answer for the invocation", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      const answer = yield* Effect.fork(hub.invoke(echo))
      yield* settle
      assert.deepStrictEqual(
        one.frames.map(({ payload, type }) => ({ type, payload })),
        [{ type: "invoke_handler", payload: invoked }]
      )
      const end = yield* Effect.fork(hub.awaitEnd(invocationId))
      yield* settle
      const reply = yield* one.control("handler_result", { invocation_id: invocationId, output: { ok: true } })
      assert.deepStrictEqual(reply, { completed: true })
      assert.deepStrictEqual(yield* Fiber.join(answer), { ok: true })
      assert.strictEqual(yield* Fiber.join(end), "answered")
      assert.isUndefined(yield* hub.awaitEnd(invocationId))
    })
  )

  it.scoped("fail with their own words, and never without any", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      for (const [error, reason] of [
        ["no such thing", "no such thing"],
        ["  ", "echo failed"]
      ] as const) {
        const answer = yield* Effect.fork(Effect.flip(hub.invoke(echo)))
        yield* settle
        yield* one.control("handler_result", { invocation_id: invocationId, error })
        const failure = yield* Fiber.join(answer)
        assert.deepInclude(failure, { _tag: "HandlerFailed", reason })
      }
    })
  )

  it.scoped("answer once: an id that is not in flight is refused and disturbs nobody", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      const answer = yield* Effect.fork(hub.invoke(echo))
      yield* settle
      const other = yield* Effect.flip(
        one.control("handler_result", { invocation_id: InvocationId.make("x"), output: 0 })
      )
      assert.strictEqual(other.code, "unknown_invocation")
      const stranger = yield* sidecar
      const stolen = yield* Effect.flip(stranger.control("handler_result", { invocation_id: invocationId, output: 0 }))
      assert.strictEqual(stolen.code, "unknown_invocation")
      yield* one.control("handler_result", { invocation_id: invocationId, output: 1 })
      assert.strictEqual(yield* Fiber.join(answer), 1)
      const again = yield* Effect.flip(one.control("handler_result", { invocation_id: invocationId, output: 2 }))
      assert.strictEqual(again.code, "unknown_invocation")
    })
  )

  it.scoped("whose caller stopped waiting are not waited for", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      const answer = yield* Effect.fork(hub.invoke(echo))
      yield* settle
      const end = yield* Effect.fork(hub.awaitEnd(invocationId))
      yield* settle
      yield* Fiber.interrupt(answer)
      assert.strictEqual(yield* Fiber.join(end), "expired")
      const late = yield* Effect.flip(one.control("handler_result", { invocation_id: invocationId, output: 1 }))
      assert.strictEqual(late.code, "unknown_invocation")
      assert.strictEqual((yield* hub.view)?.inFlight, 0)
    })
  )

  it.scoped("are unavailable when nobody registered that very name", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      assert.strictEqual((yield* Effect.flip(hub.invoke(echo)))._tag, "HandlerUnavailable")
      const one = yield* sidecar
      yield* one.register(["echo2", "spawn:cat"])
      assert.strictEqual((yield* Effect.flip(hub.invoke(echo)))._tag, "HandlerUnavailable")
      assert.isTrue(yield* hub.handles("spawn:cat"))
      assert.isFalse(yield* hub.handles("spawn"))
      assert.isFalse(yield* hub.handles("spawn:ca"))
    })
  )

  it.scoped("are not given more than they answer, nor what no frame can carry", () =>
    Effect.gen(function* () {
      const { hub, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      for (let n = 0; n < inFlightLimit; n++) {
        yield* Effect.fork(hub.invoke({ ...echo, invocationId: InvocationId.make(`inv_${n}`) }))
      }
      yield* settle
      const over = yield* Effect.flip(hub.invoke({ ...echo, invocationId: InvocationId.make("one more") }))
      assert.strictEqual(over._tag, "HandlerFailed")
      yield* one.control("handler_result", { invocation_id: InvocationId.make("inv_0"), output: 0 })
      const deep: unknown = JSON.parse("[".repeat(500) + "]".repeat(500))
      const refused = yield* Effect.flip(hub.invoke({ ...echo, input: deep }))
      assert.strictEqual(refused._tag, "HandlerFailed")
      assert.strictEqual(one.frames.length, inFlightLimit)
    })
  )
})

describe("the seat", () => {
  it.scoped("is one sidecar's until it leaves; another is told so and can try again", () =>
    Effect.gen(function* () {
      const { hub, names, sidecar } = yield* makeRig()
      const one = yield* sidecar
      const two = yield* sidecar
      yield* one.register(["echo"])
      const refused = yield* Effect.flip(two.register(["other"]))
      assert.deepInclude(refused, { code: "sidecar_exists", retryable: true })
      assert.include(refused.reason, `"node-1"`)
      yield* two.lost
      assert.isTrue(yield* hub.handles("echo"))
      yield* one.lost
      const three = yield* sidecar
      yield* three.register(["other"])
      assert.deepStrictEqual(names(), ["other"])
    })
  )

  it.scoped("left without a goodbye leaves nothing in flight and nothing declared", () =>
    Effect.gen(function* () {
      const { hub, names, sidecar } = yield* makeRig({ capabilities: [{ name: "spawn:own" }] })
      const one = yield* sidecar
      yield* one.register(["echo"])
      assert.deepStrictEqual(names(), ["spawn:own", "echo"])
      const answer = yield* Effect.fork(Effect.flip(hub.invoke(echo)))
      yield* settle
      const end = yield* Effect.fork(hub.awaitEnd(invocationId))
      yield* settle
      yield* one.lost
      assert.deepInclude(yield* Fiber.join(answer), { _tag: "HandlerUnavailable", reason: "the sidecar left" })
      assert.strictEqual(yield* Fiber.join(end), "abandoned")
      yield* settle
      assert.deepStrictEqual(names(), ["spawn:own"])
      assert.isUndefined(yield* hub.view)
    })
  )

  it.scoped("left with a goodbye is free at once, and the socket may register again", () =>
    Effect.gen(function* () {
      const { declared, hub, names, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["echo"])
      assert.deepStrictEqual(yield* one.control("deregister_node", {}), { deregistered: true })
      yield* settle
      assert.deepStrictEqual(declared.at(-1), { capabilities: [] })
      yield* one.register(["echo", "more"])
      assert.deepStrictEqual(names(), ["echo", "more"])
      assert.deepInclude(yield* hub.view, { name: "node-1", handlers: ["echo", "more"], inFlight: 0 })
    })
  )

  it.scoped("does not rename the node, and the log says what to target where the names differ", () =>
    Effect.gen(function* () {
      const logs = capturedLogs()
      const registeredAt = (nodeName: string) =>
        Effect.gen(function* () {
          const { declared, sidecar } = yield* makeRig({ nodeName: Effect.succeed(nodeName) })
          yield* (yield* sidecar).register(["echo"])
          assert.notProperty(declared.at(-1)?.node, "name")
          return logs.lines.filter((line) => line.includes("to target"))
        }).pipe(Effect.provide(logs.layer))
      assert.deepStrictEqual(yield* registeredAt("node-1"), [])
      assert.deepStrictEqual(yield* registeredAt("host-proj"), [
        'sidecar "node-1" is served by node "host-proj": that is the name to target'
      ])
    })
  )

  it.scoped("says the last word only: a burst of changes is declared as what it came to", () =>
    Effect.gen(function* () {
      const { declared, names, sidecar } = yield* makeRig()
      const one = yield* sidecar
      yield* one.register(["a"])
      const before = declared.length
      for (const name of ["a", "b", "c", "a"]) yield* one.control("register_handlers", { names: [name] })
      yield* settle
      assert.isAtMost(declared.length - before, 2)
      assert.deepStrictEqual(names(), ["a"])
    })
  )
})
