import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { parsePrometheus } from "../telemetry/Strict.ts"
import { alertOf, pendingOf } from "./data.ts"
import { apiKey, makeRig } from "./rig.ts"

const scrape = (url: string, headers: Record<string, string>) =>
  Effect.promise(() => fetch(`${url}/metrics`, { headers }))

describe("GET /metrics", () => {
  it.scopedLive("is text that a strict reader takes, and says what is the case now", () =>
    Effect.gen(function* () {
      const { script, url } = yield* makeRig()
      script.alerts = [alertOf("BindFailed"), alertOf("BindFailed", "w2"), alertOf("LinkLost")]
      script.pending = [pendingOf("d1"), pendingOf("d2")]
      const answer = yield* scrape(url, { "x-api-key": apiKey })
      assert.strictEqual(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
      const families = parsePrometheus(yield* Effect.promise(() => answer.text()))
      const rows = (name: string) =>
        families
          .get(`relay_broker_${name}`)
          ?.samples.map(({ labels, value }) => [Object.values(labels).join(" "), value])
      assert.deepStrictEqual(rows("alerts"), [
        ["BindFailed error", 2],
        ["LinkLost error", 1]
      ])
      assert.deepStrictEqual(rows("mailbox_depth"), [["w1", 2]])
      assert.deepStrictEqual(rows("deliveries_pending"), [["no_worker", 2]])
      assert.deepStrictEqual(
        rows("node_session_state")?.filter(([, value]) => value !== 0),
        [["ready", 1]]
      )
      assert.deepStrictEqual(
        rows("workers")
          ?.map(([, value]) => value)
          .reduce((a, b) => Number(a) + Number(b)),
        1
      )
    })
  )

  it.scopedLive("is closed without the key", () =>
    Effect.gen(function* () {
      const { url } = yield* makeRig()
      assert.strictEqual((yield* scrape(url, {})).status, 401)
    })
  )
})

describe("GET /api/alerts/history", () => {
  it.scopedLive("tells what was raised, how it ended and when", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.pastAlerts = [{ ...alertOf("LinkLost", "node_1"), resolvedMillis: 5_000, resolution: "resolved" }]
      const { body } = yield* ask("GET", "/api/alerts/history")
      assert.deepInclude((body as { readonly history: ReadonlyArray<object> }).history[0], {
        code: "LinkLost",
        subject: "node_1",
        since: "1970-01-01T00:00:01.000Z",
        last: "1970-01-01T00:00:02.000Z",
        resolved: "1970-01-01T00:00:05.000Z",
        resolution: "resolved",
        count: 3
      })
    })
  )
})
