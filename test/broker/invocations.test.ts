/** What becomes of an invocation when the link goes while it is carried out. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { nodeName } from "../simulation/BrokerLife.ts"
import { inSimulation, type Scenario } from "../simulation/inSimulation.ts"
import { pass } from "../simulation/pass.ts"

const invoke = ({ engine }: Scenario) =>
  Effect.orDie(
    engine.sendRaw(nodeName, {
      v: 1,
      type: "action.invoke",
      invocation_id: "inv_1",
      action: "spawn:echo",
      input: { name: "w1" }
    })
  )
const results = ({ engine }: Scenario) =>
  engine.observations.frames.flatMap(({ frame, ignored }) =>
    frame?.type === "action.result" && !ignored ? [frame] : []
  )
const live = Effect.flatMap(WorkerRegistry, (registry) => registry.list)

describe("a spawn by invocation", () => {
  it("is given up without an answer when the link is lost before the agent is registered, and runs when it comes again", () =>
    inSimulation((scenario) =>
      Effect.gen(function* () {
        const { engine } = scenario
        engine.faults.holdReplies("agent.register")
        yield* invoke(scenario)
        yield* pass(1_000)
        engine.faults.dropSockets()
        engine.faults.heal()
        yield* pass(10_000)
        assert.deepStrictEqual(results(scenario), [])
        assert.deepStrictEqual(yield* live, [])
        assert.isFalse(engine.agent("w1")?.bound)
        yield* invoke(scenario)
        yield* pass(5_000)
        assert.deepStrictEqual(
          results(scenario).map((frame) => ("output" in frame ? frame.output : frame.error)),
          [{ spawned: true, name: "w1" }]
        )
        assert.strictEqual((yield* live).length, 1)
      })
    ))

  it("is answered in the next session when the link is lost after that, and never runs twice", () =>
    inSimulation((scenario) =>
      Effect.gen(function* () {
        const { engine } = scenario
        yield* invoke(scenario)
        yield* pass(100)
        assert.isTrue(engine.agent("w1")?.bound)
        engine.faults.dropSockets()
        yield* pass(10_000)
        assert.deepStrictEqual(
          results(scenario).map((frame) => ("output" in frame ? frame.output : frame.error)),
          [{ spawned: true, name: "w1" }]
        )
        yield* invoke(scenario)
        yield* pass(5_000)
        assert.lengthOf(results(scenario), 2)
        assert.strictEqual((yield* live).length, 1)
      })
    ))

  it("that the engine never registers is an error within 25 s, and undone", () =>
    inSimulation((scenario) =>
      Effect.gen(function* () {
        const { engine } = scenario
        engine.faults.holdReplies("agent.register")
        engine.faults.hangHttp("*", 1_000)
        yield* invoke(scenario)
        yield* pass(25_000)
        const [frame] = results(scenario)
        assert.match(frame !== undefined && "error" in frame ? frame.error : "", /^spawn_failed: /)
        engine.faults.heal()
        yield* pass(120_000)
        assert.deepStrictEqual(yield* live, [])
        assert.isFalse(engine.agent("w1")?.bound)
      })
    ))
})
