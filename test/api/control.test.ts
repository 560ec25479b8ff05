import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { PtyClosed } from "../../src/domain/Errors.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { fakeWorker, makeRig } from "./rig.ts"

describe("POST /api/spawned/{name}/model", () => {
  it.scopedLive("has the model typed, and answers when it was", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const answer = yield* ask("POST", "/api/spawned/w1/model", { json: { model: " opus ", extra: 1 } })
      assert.deepStrictEqual([answer.status, answer.body], [200, { name: "w1", model: "opus", success: true }])
      assert.deepStrictEqual(seen.models, ["opus"])
    })
  )

  it.scopedLive(
    "refuses a blank model, an unknown agent, a closed terminal and closed gates in the legacy family",
    () =>
      Effect.gen(function* () {
        const { ask, script, seen } = yield* makeRig()
        const model = (name: string, json: unknown) => ask("POST", `/api/spawned/${name}/model`, { json })
        const missing = { success: false, error: "Missing required field: model" }
        for (const json of [{}, { model: "  " }, { model: null }]) {
          const answer = yield* model("w1", json)
          assert.deepStrictEqual([answer.status, answer.body], [400, missing])
        }
        const unknown = yield* model("ghost", { model: "x" })
        const expected = { success: false, error: "unknown worker 'ghost'", name: "ghost" }
        assert.deepStrictEqual([unknown.status, unknown.body], [500, expected])
        script.workers = [
          fakeWorker(seen, { setModel: () => Effect.fail(new PtyClosed({ written: 0, total: 5 })) }),
          fakeWorker(seen, { name: AgentName.make("busy"), setModel: () => Effect.never })
        ]
        assert.strictEqual((yield* model("w1", { model: "x" })).status, 500)
        const late = yield* model("busy", { model: "x", timeoutMs: 1 })
        assert.strictEqual(late.status, 504)
        assert.deepStrictEqual((late.body as { success: boolean }).success, false)
      })
  )
})

describe("POST /api/spawned/{name}/subscribe and /unsubscribe", () => {
  it.scopedLive("answers with all channels after the change, and with what the engine was not told", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.subscribe = ({ channels }) => Effect.succeed({ channels: ["general", ...channels], warnings: [] })
      const added = yield* ask("POST", "/api/spawned/w1/subscribe", { json: { channels: ["#dev", 7, "ops"] } })
      assert.deepStrictEqual([added.status, added.body], [200, { name: "w1", channels: ["general", "#dev", "ops"] }])
      assert.deepStrictEqual(seen.subscribed, [{ name: "w1", channels: ["#dev", "ops"] }])
      script.subscribe = () => Effect.succeed({ channels: [], warnings: ["#a: refused", "#b: refused"] })
      const left = yield* ask("POST", "/api/spawned/w1/unsubscribe", { json: { channels: ["a", "b"] } })
      assert.deepStrictEqual(left.body, { name: "w1", channels: [], warning: "#a: refused; #b: refused" })
    })
  )

  it.scopedLive("says so for an unknown agent", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const verb of ["subscribe", "unsubscribe"]) {
        const answer = yield* ask("POST", `/api/spawned/ghost/${verb}`, { json: { channels: ["x"] } })
        const expected = { code: "agent_not_found", message: "unknown worker 'ghost'" }
        assert.deepStrictEqual([answer.status, answer.body], [404, expected])
      }
    })
  )
})

describe("POST /api/agents/by-name/{name}/interrupt", () => {
  it.scopedLive("is not supported, with a valid key", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const answer = yield* ask("POST", "/api/agents/by-name/w1/interrupt")
      assert.strictEqual(answer.status, 501)
      assert.include(answer.body as object, { success: false, name: "w1" })
    })
  )
})
