import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeRig } from "./rig.ts"

describe("POST /api/node/reconnect", () => {
  it.scopedLive("asks the node session for a new attempt, and answers with how it stood", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.session = {
        ...script.session,
        state: { _tag: "Waiting", reason: "superseded", detail: "closed", untilMillis: undefined }
      }
      const answer = yield* ask("POST", "/api/node/reconnect")
      assert.strictEqual(answer.status, 200)
      assert.deepInclude(answer.body as object, { status: "reconnecting" })
      assert.deepInclude((answer.body as { readonly node: object }).node, {
        state: "waiting",
        reason: "superseded: closed",
        until: null
      })
      assert.deepStrictEqual(seen.reconnects, ["asked for over the API"])
    })
  )
})

describe("/api/drain", () => {
  it.scopedLive("begins with the deadline that is asked for, or ten minutes", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.deepStrictEqual((yield* ask("GET", "/api/drain")).body, { drain: null })
      const result = (millis: number) => ({
        status: "draining",
        until: new Date(millis).toISOString(),
        unfinished: ["w1"]
      })
      assert.deepStrictEqual((yield* ask("POST", "/api/drain")).body, result(600_000))
      assert.deepStrictEqual((yield* ask("POST", "/api/drain", { json: { deadline_secs: 90 } })).body, result(90_000))
      assert.deepStrictEqual((yield* ask("GET", "/api/drain")).body, { drain: result(90_000) })
    })
  )

  it.scopedLive.each([-1, 1.5, "10m", 10 ** 9])("a deadline of %s is refused, and nothing begins", (deadline_secs) =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.strictEqual((yield* ask("POST", "/api/drain", { json: { deadline_secs } })).status, 422)
      assert.deepStrictEqual((yield* ask("GET", "/api/drain")).body, { drain: null })
    })
  )
})
