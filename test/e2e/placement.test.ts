/** Two real brokers at one engine: who gets a spawn, and what becomes of it when one of them does not answer. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaitHere, listed, makePrograms } from "./agreement.ts"
import { eventually, makeEngine, program, startBroker, temporaryHome } from "./rig.ts"

/** Both serve `spawn:alpha`, only the second `spawn:beta`: programs that are first on their PATH. */
const makeTwo = Effect.gen(function* () {
  const { baseUrl, engine } = yield* makeEngine()
  yield* engine.registerAgent("alice")
  const start = (name: string, capabilities: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const home = yield* temporaryHome
      const programs = makePrograms(home)
      for (const capability of capabilities) programs.script(capability, "echo '> '\ncat")
      const broker = yield* startBroker({
        program,
        home,
        engineUrl: baseUrl,
        workspaceKey: engine.key(),
        args: ["--name", name, ...capabilities.flatMap((capability) => ["--capability", capability])],
        env: { PATH: `${programs.directory}:${process.env["PATH"]}` }
      })
      yield* engine.awaitNode(name)
      yield* eventually(() => engine.node(name)?.handlersLive, `${name} takes spawns`)
      return broker
    })
  const one = yield* start("one", ["alpha"])
  const two = yield* start("two", ["alpha", "beta"])
  return { engine, one, two }
})

describe("placement", () => {
  it.scopedLive("targeted, by load, by capability; a repeat of the frame runs nothing twice", () =>
    Effect.gen(function* () {
      const { engine, one, two } = yield* makeTwo
      const spawn = (name: string, input: object) =>
        engine.invoke({ from: "alice", action: "spawn", input: { name, ...input } })
      const done = (id: string) => engine.awaitInvocation(id)

      const first = yield* done(yield* spawn("w1", { capability: "spawn:alpha", target_node: "two" }))
      assert.deepInclude(first, { status: "completed", node: "two", output: { spawned: true, name: "w1" } })
      yield* awaitHere({ engine, broker: two }, "w1")

      // Two has an agent, one has none.
      yield* eventually(() => engine.node("two")?.activeAgents === 1, "the engine knows the load")
      const second = yield* done(yield* spawn("w2", { capability: "spawn:alpha" }))
      assert.deepInclude(second, { status: "completed", node: "one" })
      yield* awaitHere({ engine, broker: one }, "w2")

      const third = yield* done(yield* spawn("w3", { cli: "beta" }))
      assert.deepInclude(third, { status: "completed", node: "two" })
      const mismatch = yield* Effect.flip(spawn("w4", { cli: "beta", target_node: "one" }))
      assert.include(mismatch.message, "does not provide spawn:beta")
      const nobody = yield* Effect.flip(spawn("w5", { cli: "gamma" }))
      assert.include(nobody.message, "No live node provides spawn:gamma")

      // As the engine repeats what was not answered within 30 s: under the bare name.
      const from = engine.observations.frames.length
      yield* engine.sendRaw("one", {
        v: 1,
        type: "action.invoke",
        invocation_id: second.id,
        action: "spawn",
        input: second.input
      })
      const repeat = yield* engine.observations.awaitFrame(
        ({ frame, node }) => node === "one" && frame?.type === "action.result",
        from
      )
      assert.deepInclude(repeat.frame as object, { output: { spawned: true, name: "w2" } })
      assert.deepStrictEqual(yield* listed(one), ["w2"])
      assert.deepStrictEqual(yield* listed(two), ["w1", "w3"])

      // One agent, one place: the other broker's spawn of the same name is refused by the engine, and starts nothing.
      const taken = yield* two.call("POST", "/api/spawn", { name: "w2", cli: "alpha" })
      assert.deepInclude(taken, { status: 500 })
      assert.deepInclude(taken.body as object, { error: 'agent "w2" is active on another node', stage: "register" })

      for (const name of ["w1", "w2", "w3"]) yield* done(yield* engine.release({ from: "alice", name }))
      assert.deepStrictEqual([...(yield* listed(one)), ...(yield* listed(two))], [])
      const again = yield* done(yield* spawn("w2", { capability: "spawn:alpha", target_node: "two" }))
      assert.deepInclude(again, { status: "completed", node: "two" })
      yield* awaitHere({ engine, broker: two }, "w2")
    })
  )
})
