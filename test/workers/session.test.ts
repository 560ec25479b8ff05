/** The session that a program says it has, through its channel. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Signal } from "../../src/harness/Channel.ts"
import type { Launcher } from "../../src/harness/Launcher.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { fakeLayer, Recorded, settle, specOf, startFake } from "./rig.ts"

/** A family whose channel says what the test has it say. */
const talking = () => {
  let tell: (signal: Signal) => void = () => {}
  const launcher: Launcher = {
    launch: ({ environment, line, resumed, spec }) =>
      Effect.succeed({
        ...{ commandLine: line, environment, resumed, spec },
        channel: {
          name: "app_server",
          opened: Either.right({
            launch: {},
            attach: (_, hear) =>
              Effect.sync(() => {
                tell = hear
                return { name: "app_server" as const }
              })
          })
        }
      }),
    tools: () => Effect.succeed({ args: [], env: {}, files: [] })
  }
  return { layer: fakeLayer({ launcher }), tell: (signal: Signal) => Effect.sync(() => tell(signal)) }
}

describe("a session that the program tells", () => {
  const one = talking()
  it.scoped("is the agent's from then on, and told once to whoever keeps it", () =>
    Effect.gen(function* () {
      const { sessions } = yield* WorkerRegistry
      const { worker } = yield* startFake(specOf("w1"))
      assert.isUndefined(worker.spec.sessionRef)
      yield* one.tell({ _tag: "Session", id: "s-1", resumed: false })
      assert.strictEqual(yield* sessions.take, worker)
      assert.strictEqual(worker.spec.sessionRef, "s-1")
      yield* one.tell({ _tag: "Session", id: "s-1", resumed: true })
      yield* one.tell({ _tag: "Session", id: "s-2", resumed: false })
      assert.strictEqual((yield* sessions.take).spec.sessionRef, "s-2")
      assert.deepStrictEqual(yield* sessions.size, Option.some(0))
    }).pipe(Effect.provide(one.layer))
  )
  const two = talking()
  it.scoped("one that is lost is said, and is not the agent's any more once there is another", () =>
    Effect.gen(function* () {
      const { worker } = yield* startFake(specOf("w1", { sessionRef: "old" }))
      yield* two.tell({ _tag: "SessionLost", id: "old", reason: "not saved" })
      yield* two.tell({ _tag: "Session", id: "new", resumed: false })
      assert.strictEqual(worker.spec.sessionRef, "new")
      yield* settle
      const errors = (yield* Recorded).filter((event) => event.kind === "worker_error")
      assert.lengthOf(errors, 1)
      assert.deepNestedInclude(errors[0], { "error.code": "session_lost" })
    }).pipe(Effect.provide(two.layer))
  )
})
