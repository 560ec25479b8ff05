import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { AgentName } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { apiKey, makeRig } from "./rig.ts"

const name = AgentName.make("w1")

describe("POST /api/agent-result", () => {
  it.scopedLive("publishes what the agent's own token brings, as often as it does", () =>
    Effect.gen(function* () {
      const { ask, events, resultTokens } = yield* makeRig()
      const seen: Array<BrokerEvent> = []
      yield* events.listen((event) => void seen.push(event))
      const token = Redacted.value(yield* resultTokens.issue(name))
      assert.match(token, /^arr_[0-9a-f]{32}$/)
      const post = (headers: Record<string, string>, json: unknown) =>
        ask("POST", "/api/agent-result", { key: undefined, headers, json })
      const first = yield* post({ "x-agent-result-token": token }, { data: { ok: 1 } })
      assert.strictEqual(first.status, 200)
      const { result_id, ...rest } = first.body as Record<string, string>
      assert.deepStrictEqual(rest, { success: true, name: "w1" } as object)
      assert.match(result_id ?? "", /^ar_[0-9a-f]{32}$/)
      const body = { result: "x", final_result: false, agent: "w1", metadata: { a: 1 }, more: 1 }
      assert.strictEqual((yield* post({ authorization: `bearer ${token}` }, body)).status, 200)
      assert.deepStrictEqual(
        seen.map((event) => ({ ...event, result_id: "" })),
        [
          { kind: "agent_result", name, result_id: "", data: { ok: 1 }, final: true, metadata: null },
          { kind: "agent_result", name, result_id: "", data: "x", final: false, metadata: { a: 1 } }
        ]
      )
    })
  )

  it.scopedLive("takes no other token, not even the broker's key, and none of an agent that is gone", () =>
    Effect.gen(function* () {
      const { ask, resultTokens } = yield* makeRig()
      const token = Redacted.value(yield* resultTokens.issue(name))
      const post = (headers: Record<string, string>, json: unknown = { data: 1 }) =>
        Effect.map(ask("POST", "/api/agent-result", { key: undefined, headers, json }), ({ body, status }) => [
          status,
          (body as { code?: string }).code
        ])
      const unknown = [401, "invalid_result_token"]
      assert.deepStrictEqual(yield* post({}), [401, "missing_result_token"])
      assert.deepStrictEqual(yield* post({ "x-api-key": apiKey }), [401, "missing_result_token"])
      assert.deepStrictEqual(yield* post({ authorization: `Bearer ${apiKey}` }), unknown)
      assert.deepStrictEqual(yield* post({ "x-agent-result-token": `${token}0` }), unknown)
      assert.deepStrictEqual(yield* post({ "x-agent-result-token": token }, { data: 1, name: "w2" }), unknown)
      const successor = Redacted.value(yield* resultTokens.issue(name))
      assert.deepStrictEqual(yield* post({ "x-agent-result-token": token }), unknown)
      yield* resultTokens.revoke(name)
      assert.deepStrictEqual(yield* post({ "x-agent-result-token": successor }), unknown)
    })
  )

  it.scopedLive("says what is missing", () =>
    Effect.gen(function* () {
      const { ask, resultTokens } = yield* makeRig()
      const headers = { "x-agent-result-token": Redacted.value(yield* resultTokens.issue(name)) }
      const answer = yield* ask("POST", "/api/agent-result", { key: undefined, headers, json: { final: true } })
      const expected = { success: false, error: "Missing required field: data" }
      assert.deepStrictEqual([answer.status, answer.body], [400, expected])
    })
  )
})
