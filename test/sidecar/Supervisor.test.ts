import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { makeRig, settle, supervision } from "./rig.ts"

const registered = (o: { readonly ignoresTerm?: boolean; readonly more?: Parameters<typeof supervision>[0] } = {}) =>
  Effect.gen(function* () {
    const rig = yield* makeRig(o)
    const first = yield* rig.sidecar
    yield* first.register(["echo"], supervision(o.more))
    return { ...rig, first }
  })

describe("a supervised sidecar", () => {
  it.scoped("is started again when its socket is gone, and serves", () =>
    Effect.gen(function* () {
      const { first, hub, processes, sidecar } = yield* registered({
        more: { argv: ["s", "x"], env: { HOME: "/h", X: "1" } }
      })
      yield* first.lost
      yield* TestClock.adjust("1999 millis")
      assert.strictEqual(processes.length, 0)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(
        processes.map(({ command }) => command),
        [{ argv: ["s", "x"], cwd: "/", env: { HOME: "/h" } }]
      )
      const second = yield* sidecar
      yield* second.register(["echo"], supervision())
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(processes.length, 1)
      assert.deepStrictEqual(processes[0]?.signals, [])
      assert.isTrue(yield* hub.handles("echo"))
    })
  )

  it.scoped("is not started when it comes back by itself", () =>
    Effect.gen(function* () {
      const { first, processes, sidecar } = yield* registered()
      yield* first.lost
      yield* TestClock.adjust("1500 millis")
      yield* (yield* sidecar).register(["echo"], supervision())
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(processes.length, 0)
    })
  )

  it.scoped("is not started without supervision, nor after a goodbye, nor when its policy says no", () =>
    Effect.gen(function* () {
      const { first, processes, sidecar } = yield* registered()
      yield* first.control("deregister_node", {})
      yield* first.lost
      yield* TestClock.adjust("10 minutes")
      const plain = yield* sidecar
      yield* plain.register(["echo"])
      yield* plain.lost
      yield* TestClock.adjust("10 minutes")
      const disabled = yield* sidecar
      yield* disabled.register(["echo"], supervision({ restart_policy: { enabled: false } }))
      yield* disabled.lost
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(processes.length, 0)
    })
  )

  it.scoped(
    "that keeps dying is tried with longer waits, then given up with an alert that a registration resolves",
    () =>
      Effect.gen(function* () {
        const { alerts, first, processes, sidecar } = yield* registered()
        yield* first.lost
        for (const seconds of [2, 4, 8, 16, 32]) {
          const before = processes.length
          yield* TestClock.adjust(`${seconds * 1_000 - 1} millis`)
          assert.strictEqual(processes.length, before, `before ${seconds} s`)
          yield* TestClock.adjust("1 millis")
          assert.strictEqual(processes.length, before + 1, `at ${seconds} s`)
          yield* processes.at(-1)!.die("exit code 1")
          yield* settle
        }
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(processes.length, 5)
        const [alert] = yield* alerts
        assert.strictEqual(alert?.code, "SidecarDown")
        for (const part of ["node-1", "5 start(s)", "exit code 1", "/logs/sidecar.log"])
          assert.include(alert?.message, part)
        yield* (yield* sidecar).register(["echo"], supervision())
        assert.deepStrictEqual(yield* alerts, [])
      })
  )

  it.scoped("that cannot be started is tried again", () =>
    Effect.gen(function* () {
      const { alerts, first, processes, world } = yield* registered()
      world.startable = false
      yield* first.lost
      yield* TestClock.adjust("2 seconds")
      world.startable = true
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(processes.length, 1)
      assert.deepStrictEqual(yield* alerts, [])
    })
  )

  it.scoped("that does not register in time is ended with its group before the next start", () =>
    Effect.gen(function* () {
      const { first, processes } = yield* registered({ ignoresTerm: true })
      yield* first.lost
      yield* TestClock.adjust("2 seconds")
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(processes[0]?.signals, ["SIGTERM"])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(processes[0]?.signals, ["SIGTERM", "SIGKILL"])
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(processes.length, 2)
      // The last one ignores SIGTERM too, and no clock runs while the hub is torn down.
      yield* processes[1]!.die("SIGKILL")
      yield* settle
    })
  )

  it.scoped("of ours whose socket broke gets time to come back, and is ended when it does not", () =>
    Effect.gen(function* () {
      const { first, processes, sidecar } = yield* registered()
      yield* first.lost
      yield* TestClock.adjust("2 seconds")
      const second = yield* sidecar
      yield* second.register(["echo"], supervision())
      yield* second.lost
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(processes[0]?.signals, [])
      const third = yield* sidecar
      yield* third.register(["echo"], supervision())
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(processes[0]?.signals, [])
      yield* third.lost
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(processes[0]?.signals, ["SIGTERM"])
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(processes.length, 2)
    })
  )

  it.scoped("of ours is ended at its deregistration, when it does not end by itself, and at shutdown", () =>
    Effect.gen(function* () {
      const { first, hub, processes, sidecar } = yield* registered()
      yield* first.lost
      yield* TestClock.adjust("2 seconds")
      const second = yield* sidecar
      yield* second.register(["echo"], supervision())
      yield* second.control("deregister_node", {})
      yield* second.lost
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(processes[0]?.signals, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(processes[0]?.signals, ["SIGTERM"])

      const third = yield* sidecar
      yield* third.register(["echo"], supervision())
      yield* third.lost
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(processes.length, 2)
      yield* hub.stop
      assert.deepStrictEqual(processes[1]?.signals, ["SIGTERM"])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(processes.length, 2)
    })
  )

  it.scoped("is not started once the broker stops", () =>
    Effect.gen(function* () {
      const { first, hub, processes } = yield* registered()
      yield* first.lost
      const stopping = yield* Effect.fork(hub.stop)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(stopping)
      yield* first.lost
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(processes.length, 0)
    })
  )
})
