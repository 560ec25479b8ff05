import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Actions, type SpawnError } from "../../src/agents/Actions.ts"
import { respawn } from "../../src/broker/Respawn.ts"
import { EngineUnavailable, SpawnFailed } from "../../src/domain/Errors.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { type AgentRecord, Store } from "../../src/store/Store.ts"
import { fakeWorker, seenNothing } from "../api/rig.ts"

const orphan = (name: string, state: AgentRecord["state"] = "live"): AgentRecord => ({
  name: AgentName.make(name),
  agentId: undefined,
  generation: 1,
  spec: { name: AgentName.make(name), cli: "cat", args: [], channels: [], cwd: "/", task: "once" },
  state,
  updatedAtMillis: 1
})
const away = new EngineUnavailable({ operation: "register", url: "http://engine", reason: "connection refused" })

/** Its spawns, and what the engine says to them. */
const makeStage = (records: ReadonlyArray<AgentRecord>) => {
  const script = { error: away as SpawnError | undefined, records, spawned: [] as Array<string> }
  const fakes = Layer.mergeAll(
    Layer.mock(Actions, {
      spawn: ({ spec }) =>
        Effect.suspend(() => {
          assert.isUndefined(spec.task)
          script.spawned.push(spec.name)
          return script.error === undefined
            ? Effect.succeed({ worker: fakeWorker(seenNothing(), {}), registered: true })
            : Effect.fail(script.error)
        })
    }),
    Layer.mock(NodeControl, { awaitReady: (millis) => Effect.sleep(millis) }),
    Layer.mock(Store, {
      load: Effect.sync(() => ({ agents: script.records }) as never),
      findAgent: (name) => Effect.sync(() => Option.fromNullable(script.records.find((row) => row.name === name)))
    })
  )
  return { script, run: Effect.fork(Effect.provide(respawn, fakes)) }
}

describe("agents of a former run", () => {
  it.effect("come back when the engine does, once", () =>
    Effect.gen(function* () {
      const { run, script } = makeStage([orphan("a"), orphan("gone", "released")])
      const fiber = yield* run
      yield* TestClock.adjust("2 minutes")
      assert.isAbove(script.spawned.length, 2)
      script.error = undefined
      script.spawned = []
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(script.spawned, ["a"])
      yield* Fiber.join(fiber)
    })
  )

  it.effect("are let be when they were released or spawned meanwhile", () =>
    Effect.gen(function* () {
      const { run, script } = makeStage([orphan("a"), orphan("b")])
      const fiber = yield* run
      yield* TestClock.adjust("11 seconds")
      assert.deepStrictEqual(script.spawned, ["a", "b"])
      script.records = [orphan("a", "released"), { ...orphan("b"), updatedAtMillis: 2 }]
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(script.spawned, ["a", "b"])
      yield* Fiber.join(fiber)
    })
  )

  it.effect("whose program cannot be started are not tried again", () =>
    Effect.gen(function* () {
      const { run, script } = makeStage([orphan("a")])
      script.error = new SpawnFailed({ agent: "a", stage: "start", reason: "command not found: cat" })
      const fiber = yield* run
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(script.spawned, ["a"])
    })
  )
})
