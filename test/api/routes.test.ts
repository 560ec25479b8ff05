import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { letterOf, traceOf } from "./data.ts"
import { type AskOptions, apiKey, makeRig } from "./rig.ts"

interface RouteCase {
  readonly method: string
  readonly path: string
  readonly json?: unknown
  /** Methods in `Allow` when another one is used. */
  readonly allow: string
  /** A body of the wrong shape, where the route reads one. */
  readonly misshapen?: unknown
  readonly status?: number
}

const routes: ReadonlyArray<RouteCase> = [
  { method: "GET", path: "/api/session", allow: "GET,HEAD" },
  { method: "POST", path: "/api/session/renew", allow: "POST" },
  { method: "GET", path: "/api/config", allow: "GET,HEAD" },
  { method: "GET", path: "/api/status", allow: "GET,HEAD" },
  { method: "GET", path: "/api/alerts", allow: "GET,HEAD" },
  { method: "GET", path: "/api/alerts/history", allow: "GET,HEAD" },
  { method: "GET", path: "/metrics", allow: "GET,HEAD" },
  { method: "GET", path: "/api/deliveries", allow: "GET,HEAD" },
  { method: "GET", path: "/api/deliveries/d1", allow: "GET,HEAD" },
  { method: "GET", path: "/api/node-delivery", allow: "GET,HEAD" },
  { method: "GET", path: "/api/dead-letters", allow: "GET,HEAD,DELETE" },
  { method: "GET", path: "/api/dead-letters/d1", allow: "GET,HEAD,DELETE" },
  { method: "POST", path: "/api/dead-letters/d1/redeliver", allow: "POST" },
  { method: "DELETE", path: "/api/dead-letters/d1", allow: "GET,HEAD,DELETE" },
  { method: "DELETE", path: "/api/dead-letters", allow: "GET,HEAD,DELETE" },
  { method: "GET", path: "/api/spawned", allow: "GET,HEAD" },
  { method: "GET", path: "/api/events/replay", allow: "GET,HEAD" },
  { method: "GET", path: "/api/spawned/w1/snapshot", allow: "GET,HEAD" },
  { method: "GET", path: "/api/spawned/w1/delivery-mode", allow: "GET,HEAD,PUT" },
  {
    method: "PUT",
    path: "/api/spawned/w1/delivery-mode",
    json: { mode: "auto_inject" },
    allow: "GET,HEAD,PUT",
    misshapen: { mode: 5 }
  },
  { method: "GET", path: "/api/spawned/w1/pending", allow: "GET,HEAD" },
  { method: "POST", path: "/api/spawned/w1/flush", allow: "POST" },
  { method: "GET", path: "/api/input/w1/stream", allow: "GET,HEAD", status: 400 },
  { method: "GET", path: "/api/threads", allow: "GET,HEAD" },
  { method: "GET", path: "/api/metrics", allow: "GET,HEAD" },
  { method: "GET", path: "/api/crash-insights", allow: "GET,HEAD" },
  { method: "GET", path: "/api/history/stats", allow: "GET,HEAD" },
  { method: "POST", path: "/api/preflight", json: { agents: [] }, allow: "POST", misshapen: { agents: 5 } },
  {
    method: "POST",
    path: "/api/spawned/w1/model",
    json: { model: "x" },
    allow: "POST",
    misshapen: { model: 5 }
  },
  {
    method: "POST",
    path: "/api/spawned/w1/subscribe",
    json: { channels: ["x"] },
    allow: "POST",
    misshapen: { channels: "x" }
  },
  {
    method: "POST",
    path: "/api/spawned/w1/unsubscribe",
    json: { channels: ["x"] },
    allow: "POST",
    misshapen: { channels: "x" }
  },
  { method: "POST", path: "/api/agents/by-name/w1/interrupt", allow: "POST", status: 501 },
  { method: "GET", path: "/ws", allow: "GET,HEAD", status: 400 },
  { method: "POST", path: "/api/shutdown", allow: "POST" },
  { method: "POST", path: "/api/spawn", json: { name: "n" }, allow: "POST", misshapen: { name: 5 } },
  { method: "DELETE", path: "/api/spawned/w1", json: { reason: "done" }, allow: "DELETE", misshapen: { reason: 1 } },
  { method: "POST", path: "/api/send", json: { to: "w1", text: "hi" }, allow: "POST", misshapen: { to: ["w1"] } },
  { method: "POST", path: "/api/input/w1", json: { data: "x" }, allow: "POST", misshapen: { data: 1 } },
  {
    method: "POST",
    path: "/api/resize/w1",
    json: { rows: 2, cols: 3 },
    allow: "POST",
    misshapen: { rows: 70000, cols: 1 }
  }
]

const withBody = routes.filter((route) => route.misshapen !== undefined)
const unauthorized = {
  error: { code: "unauthorized", message: "Missing or invalid API key", retryable: false, statusCode: 401 }
}
const json = { "content-type": "application/json" }
const big = JSON.stringify({ name: "n", to: "w1", text: "x".repeat(2 * 1024 * 1024) })

describe("every route", () => {
  it.scopedLive("answers with the key", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d1")]
      script.deadLetters = [letterOf("d1")]
      for (const { json, method, path, status } of routes) {
        assert.strictEqual((yield* ask(method, path, { json })).status, status ?? 200, `${method} ${path}`)
      }
    })
  )

  it.scopedLive("asks for the key before anything else", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.shutdown = () => Effect.die("asked to stop without a key")
      const bodies: ReadonlyArray<AskOptions> = [{ raw: "{oops", headers: json }, {}]
      for (const { method, path } of routes) {
        for (const key of [undefined, "", "wrong", `${apiKey}x`]) {
          for (const asked of method === "GET" ? [{}] : bodies) {
            const answer = yield* ask(method, path, { ...asked, key })
            assert.deepStrictEqual([answer.status, answer.body], [401, unauthorized], `${method} ${path} with ${key}`)
          }
          assert.strictEqual((yield* ask("PATCH", path, { key })).status, 401, `PATCH ${path}`)
        }
        if (method === "POST") assert.strictEqual((yield* ask(method, path, { raw: big, key: "wrong" })).status, 401)
      }
      assert.strictEqual((yield* ask("GET", "/nowhere", { key: undefined })).status, 401)
      assert.deepStrictEqual([seen.spawned, seen.sent, seen.released], [[], [], []])
      assert.deepStrictEqual([seen.redelivered, seen.purged], [[], []])
    })
  )

  it.scopedLive("takes the key as a header or a bearer, the header first", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const withHeaders = (headers: Record<string, string>) =>
        Effect.map(ask("GET", "/api/session", { key: undefined, headers }), (answer) => answer.status)
      assert.strictEqual(yield* withHeaders({ authorization: `Bearer ${apiKey}` }), 200)
      assert.strictEqual(yield* withHeaders({ authorization: `bearer ${apiKey}` }), 200)
      assert.strictEqual(yield* withHeaders({ authorization: `BEARER   ${apiKey}` }), 200)
      assert.strictEqual(yield* withHeaders({ "x-api-key": "  ", authorization: `Bearer ${apiKey}` }), 200)
      assert.strictEqual(yield* withHeaders({ "x-api-key": "wrong", authorization: `Bearer ${apiKey}` }), 401)
      assert.strictEqual(yield* withHeaders({ authorization: `Basic ${apiKey}` }), 401)
      assert.strictEqual(yield* withHeaders({ authorization: "Bearer" }), 401)
      assert.strictEqual((yield* ask("GET", `/api/session?api_key=${apiKey}`, { key: undefined })).status, 401)
    })
  )

  it.scopedLive("answers another method with 405, an unknown path with 404, both empty", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const { allow, path } of routes) {
        const answer = yield* ask("PATCH", path)
        assert.deepStrictEqual([answer.status, answer.text, answer.headers.get("allow")], [405, "", allow], path)
      }
      for (const path of ["/", "/api", "/api/spawned/w1/mode", "/api/status/", "/api/input/", "/api/sPawn", "/%zz"]) {
        const answer = yield* ask("GET", path)
        assert.deepStrictEqual([answer.status, answer.text], [404, ""], path)
      }
      for (const { method, path } of routes.filter(({ path }) => /\/[dw]1$/.test(path))) {
        const empty = path.slice(0, -2)
        const answer = yield* ask(method, empty)
        assert.deepStrictEqual([answer.status, answer.text], [404, ""], `${method} ${empty}`)
      }
    })
  )

  it.scopedLive("refuses bodies that cannot be read", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const plain = "text/plain; charset=utf-8"
      for (const { method, misshapen, path } of withBody) {
        const refused = (status: number, start: string, o: AskOptions) =>
          Effect.map(ask(method, path, o), (answer) => {
            assert.strictEqual(answer.status, status, `${method} ${path}: ${answer.text}`)
            assert.strictEqual(answer.headers.get("content-type"), plain)
            assert.isTrue(answer.text.startsWith(start), answer.text)
          })
        yield* refused(400, "Failed to parse the request body as JSON: ", { raw: "{oops", headers: json })
        yield* refused(415, "Expected request with", { raw: "{}", headers: { "content-type": "text/plain" } })
        yield* refused(415, "Expected request with", { raw: Buffer.from("{}") })
        yield* refused(422, "Failed to deserialize the JSON body into the target type: ", { json: misshapen })
        yield* refused(422, "Failed to deserialize the JSON body into the target type: ", { json: [1] })
        yield* refused(413, "Failed to buffer the request body", { raw: big, headers: json })
      }
      assert.deepStrictEqual([seen.spawned, seen.sent, seen.released, seen.written], [[], [], [], []])
    })
  )

  it.scopedLive("refuses a body of unknown length as soon as it is too large", () =>
    Effect.gen(function* () {
      const { url } = yield* makeRig()
      const chunk = new Uint8Array(256 * 1024).fill(120)
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (let i = 0; i < 12; i++) controller.enqueue(chunk)
          controller.close()
        }
      })
      const response = yield* Effect.promise(() =>
        fetch(`${url}/api/send`, { method: "POST", headers: { ...json, "x-api-key": apiKey }, body, duplex: "half" })
      )
      assert.strictEqual(response.status, 413)
    })
  )

  it.scopedLive("accepts a JSON content type with parameters or a suffix", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]) {
        const answer = yield* ask("POST", "/api/input/w1", { raw: '{"data":"x"}', headers: { "content-type": type } })
        assert.strictEqual(answer.status, 200, type)
      }
    })
  )

  it.scopedLive("answers a defect with one line and no stack, and logs it whole", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ cause }) => void logged.push(Cause.pretty(cause)))
    return Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.spawn = () => Effect.die(new Error("secret detail"))
      const answer = yield* ask("POST", "/api/spawn", { json: { name: "n" } })
      assert.strictEqual(answer.status, 500)
      assert.deepStrictEqual(answer.body, {
        success: false,
        code: "internal_error",
        error: "internal error",
        message: "internal error"
      })
      assert.strictEqual(logged.length, 1)
      assert.include(logged[0], "secret detail")
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  })

  it.scopedLive("has public paths, with the wrong method too", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.strictEqual((yield* ask("GET", "/health", { key: undefined })).status, 200)
      assert.strictEqual((yield* ask("GET", "/health?x=1", { key: undefined })).status, 200)
      assert.strictEqual((yield* ask("HEAD", "/health", { key: undefined })).status, 200)
      for (const [method, path, allow] of [
        ["POST", "/health", "GET,HEAD"],
        ["POST", "/docs", "GET,HEAD"],
        ["POST", "/openapi.json", "GET,HEAD"],
        ["GET", "/api/agent-result", "POST"]
      ] as const) {
        const answer = yield* ask(method, path, { key: undefined })
        assert.deepStrictEqual([answer.status, answer.headers.get("allow")], [405, allow])
      }
      assert.strictEqual((yield* ask("GET", "/health/x", { key: undefined })).status, 401)
    })
  )
})
