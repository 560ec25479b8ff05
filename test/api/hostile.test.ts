/** Hostile input on every route: the documented status, no crash, nothing left behind. The routes come from the API itself. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { isTooDeep } from "../../src/api/http/requestBody.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { until } from "../support/until.ts"
import { openSocket, plain, untilClosed, upgradeHeaders } from "./plainHttp.ts"
import { apiKey, makeRig, type Rig } from "./rig.ts"

const keyed = { "x-api-key": apiKey }
const json = { ...keyed, "content-type": "application/json" }

interface Route {
  readonly path: string
  readonly methods: ReadonlyArray<string>
  readonly withBody: ReadonlyArray<string>
}

type Operations = Record<string, { readonly requestBody?: unknown }>

const routesOf = (rig: Rig): Effect.Effect<ReadonlyArray<Route>> =>
  Effect.map(rig.ask("GET", "/openapi.json"), ({ body }) =>
    Object.entries((body as { paths: Record<string, Operations> }).paths).map(([path, operations]) => {
      const methods = Object.keys(operations).map((method) => method.toUpperCase())
      const withBody = methods.filter((method) => operations[method.toLowerCase()]?.requestBody !== undefined)
      return { path: path.replace(/\{\w+\}/, "w1"), methods, withBody }
    })
  )

const alive = (rig: Rig) => Effect.map(rig.ask("GET", "/health"), ({ status }) => assert.strictEqual(status, 200))

describe("hostile input", () => {
  it.scopedLive("wrong methods are 405 with what is allowed, on every route", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const routes = yield* routesOf(rig)
      assert.isAbove(routes.length, 35)
      for (const { methods, path } of routes) {
        const allowed = methods.includes("GET") ? [...methods, "HEAD"] : methods
        for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          if (allowed.includes(method)) continue
          const answer = yield* plain(rig.url, { method, path, headers: keyed })
          assert.strictEqual(answer.status, 405, `${method} ${path}`)
          assert.sameMembers(String(answer.headers["allow"]).split(","), [...allowed], path)
          assert.strictEqual(answer.text, "")
        }
      }
      yield* alive(rig)
    })
  )

  it.scopedLive("bodies that are none are refused with 400, 415 or 422, on every route that reads one", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const token = yield* rig.resultTokens.issue(AgentName.make("w1"))
      const deep = Buffer.from(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)
      const bodies: ReadonlyArray<readonly [string, Buffer, Record<string, string>, ReadonlyArray<number>]> = [
        ["truncated", Buffer.from('{"to":'), json, [400]],
        ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), json, [400]],
        ["invalid UTF-8 in a string", Buffer.from('{"to":"\xff"}', "latin1"), json, [400]],
        ["deep arrays", deep, json, [400]],
        ["deep objects", Buffer.from(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`), json, [400]],
        ["a number", Buffer.from("1e999"), json, [422]],
        ["null", Buffer.from("null"), json, [422]],
        ["an array", Buffer.from("[]"), json, [422]],
        [
          "form data",
          Buffer.from("to=w1&text=x"),
          { ...keyed, "content-type": "application/x-www-form-urlencoded" },
          [415]
        ],
        ["no type", Buffer.from("{}"), keyed, [415]]
      ]
      for (const { path, withBody } of yield* routesOf(rig)) {
        // A hook has a token of its own, and its test looks at its bodies (hooks.test.ts).
        for (const method of path.startsWith("/hooks/") ? [] : withBody) {
          for (const [what, body, headers, expected] of bodies) {
            const result = { "x-agent-result-token": Redacted.value(token), ...headers }
            const answer = yield* plain(rig.url, {
              method,
              path,
              headers: path.endsWith("agent-result") ? result : headers,
              body
            })
            // A hook is looked at only under the token of its own path.
            const statuses = path.startsWith("/hooks/") ? [401] : expected
            assert.include(statuses, answer.status, `${what}: ${method} ${path}: ${answer.text.slice(0, 200)}`)
          }
        }
      }
      assert.deepStrictEqual([rig.seen.spawned, rig.seen.sent, rig.seen.written], [[], [], []])
      yield* alive(rig)
    })
  )

  it.scopedLive("an offer of HTTP/2 is not taken, and the request is read whole, its body too", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const body = Buffer.from(JSON.stringify({ to: "w1", message: "ä".repeat(100_000) }))
      const offer = { ...json, connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" }
      for (const framing of [undefined, { "transfer-encoding": "chunked" }]) {
        const headers = { ...offer, ...framing }
        const answer = yield* plain(rig.url, { method: "POST", path: "/api/send", headers, body })
        assert.strictEqual(answer.status, 200, answer.text)
      }
      assert.deepStrictEqual(
        rig.seen.sent.map(({ text }) => text.length),
        [100_000, 100_000]
      )
      // On one connection, which then stays open for a plain request.
      const line = `Host: 127.0.0.1\r\nX-API-Key: ${apiKey}\r\n`
      const asking = `GET /api/session HTTP/1.1\r\n${line}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`
      const last = `GET /api/session HTTP/1.1\r\n${line}Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`
      const said = yield* untilClosed(yield* openSocket(rig.url, asking + asking + last))
      assert.strictEqual(said.split("HTTP/1.1 200 OK").length - 1, 3, said)
      assert.strictEqual((yield* plain(rig.url, { path: "/api/session", headers: { upgrade: "h2c" } })).status, 401)
    })
  )

  it.scopedLive("an upgrade behind a request that is not answered yet waits for its turn", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const from = `Host: 127.0.0.1\r\nX-API-Key: ${apiKey}\r\n`
      const first = `GET /openapi.json HTTP/1.1\r\n${from}\r\n`
      const offer = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
      const shake = `${offer}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`
      const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
      const refused = `${first}GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n${offer}\r\n`
      assert.deepStrictEqual(statuses(yield* untilClosed(yield* openSocket(rig.url, refused))), ["200", "200"])
      const socket = yield* openSocket(rig.url, `${first}${first}GET /ws HTTP/1.1\r\n${from}${shake}\r\n`)
      const said = yield* Effect.fork(untilClosed(socket))
      yield* Effect.repeat(Effect.delay(rig.ask("GET", "/health"), 20), {
        until: ({ body }) => (body as { wsConnections: number }).wsConnections === 1
      })
      socket.destroy()
      assert.deepStrictEqual(statuses(yield* Fiber.join(said)), ["200", "200", "101"])
      // Who leaves before his turn takes nobody along.
      const left = yield* openSocket(rig.url, refused)
      left.resetAndDestroy()
      yield* alive(rig)
    })
  )

  it.scopedLive("names that are paths, empty, long, or not UTF-8 name nobody", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const names = [
        ...["..", "%2e%2e", "%2e%2e%2fevil", "..%2f..%2fetc%2fpasswd", "%00", "w1%00", "w1%2f..", "%ff", "%zz", "%"],
        ...["x".repeat(8_000), "__proto__", "constructor", "%F0%9F%92%A9", "w1;a=b", "%0d%0aX-Evil:1"]
      ]
      for (const name of names) {
        for (const [method, path] of [
          ["GET", `/api/spawned/${name}/snapshot`],
          ["GET", `/api/spawned/${name}/pending`],
          ["POST", `/api/spawned/${name}/flush`],
          ["GET", `/api/deliveries/${name}`],
          ["GET", `/api/dead-letters/${name}`],
          ["GET", `/api/metrics?agent=${name}`]
        ] as const) {
          const answer = yield* plain(rig.url, { method, path, headers: keyed })
          assert.include([400, 404], answer.status, `${method} ${path.slice(0, 80)}: ${answer.text.slice(0, 100)}`)
          assert.isUndefined(answer.headers["x-evil"])
        }
        const stream = yield* plain(rig.url, {
          path: `/api/input/${name}/stream`,
          headers: { ...keyed, ...upgradeHeaders }
        })
        assert.include([101, 400, 404], stream.status, name.slice(0, 80))
      }
      yield* alive(rig)
    })
  )

  it.scopedLive("queries that cannot be read are 400, or as if they were not there", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      for (const value of ["-1", "1.5", "NaN", "1e3", "9".repeat(30), "", "%00", "0x10", " 1"]) {
        for (const path of ["/api/events/replay", "/ws"]) {
          const answer = yield* plain(rig.url, {
            path: `${path}?sinceSeq=${encodeURIComponent(value)}`,
            headers: keyed
          })
          assert.strictEqual(answer.status, 400, `${path} ${value}`)
        }
        const limit = yield* plain(rig.url, {
          path: `/api/deliveries?limit=${encodeURIComponent(value)}`,
          headers: keyed
        })
        assert.strictEqual(limit.status, 400, value)
      }
      yield* alive(rig)
    })
  )

  it.scopedLive("what is no HTTP is answered 400 or nothing, and ends only its own connection", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const start = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
      for (const bytes of [
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET / HTTP/9.9\r\n\r\n",
        "BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        `${start}Content-Length: -1\r\n\r\n`,
        `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `${start}X\0Y: 1\r\n\r\n`,
        "GET /health HTTP/1.1\r\n\r\n"
      ]) {
        const said = yield* Effect.flatMap(openSocket(rig.url, bytes), untilClosed)
        assert.match(said, /^(HTTP\/1\.1 400 |$)/, JSON.stringify(bytes))
      }
      yield* alive(rig)
    })
  )

  it.scopedLive("a thousand connections that say half a word hold up nobody, and go", () =>
    Effect.gen(function* () {
      const timeouts = { headersTimeout: 1_500, requestTimeout: 3_000, connectionsCheckingInterval: 100 }
      const rig = yield* makeRig({ timeouts })
      const halfOpen = yield* Effect.forEach(
        Array.from({ length: 1_000 }),
        (_, n) => openSocket(rig.url, n % 2 === 0 ? "" : "GET /health HTTP/1.1\r\nHost: loc"),
        { concurrency: 50 }
      )
      const client = yield* rig.socket("/ws")
      yield* alive(rig)
      yield* rig.events.publish({ kind: "agent_exit", name: AgentName.make("w1"), reason: "x" })
      yield* client.until((frames) => frames.length === 1)
      yield* Effect.forEach(halfOpen, untilClosed, { concurrency: "unbounded" })
      assert.strictEqual(client.socket.readyState, client.socket.OPEN)
      yield* alive(rig)
    })
  )

  it.scopedLive("callers who leave in the middle leave nothing behind", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      let interrupted = 0
      rig.script.send = () =>
        Effect.onInterrupt(Effect.never, () =>
          Effect.sync(() => {
            interrupted += 1
          })
        )
      const body = JSON.stringify({ to: "w1", text: "x" })
      const request = `POST /api/send HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      for (let n = 0; n < 20; n++) {
        const socket = yield* openSocket(rig.url, n % 2 === 0 ? request + body : request + body.slice(0, 5))
        // The others leave in the middle of their request, wherever it has got to.
        if (n % 2 === 0) yield* until(() => rig.seen.sent.length > n / 2)
        socket.destroy()
      }
      yield* until(() => interrupted === rig.seen.sent.length)
      assert.strictEqual(rig.seen.sent.length, 10)
      assert.strictEqual(interrupted, 10)
      yield* alive(rig)
    })
  )

  it.scopedLive("frames that are too large, or of no use, end only their own socket", () =>
    Effect.gen(function* () {
      const rig = yield* makeRig()
      const large = yield* rig.socket("/ws")
      const chatty = yield* rig.socket("/ws")
      large.socket.send(Buffer.alloc(3 << 20))
      assert.strictEqual(yield* large.closed, 1009)
      for (let n = 0; n < 1_000; n++) chatty.socket.send(Buffer.from([0xff, n & 0xff]))
      yield* rig.events.publish({ kind: "agent_exit", name: AgentName.make("w1"), reason: "x" })
      yield* chatty.until((frames) => frames.length === 1)
      yield* alive(rig)
    })
  )
})

describe("the depth of a body", () => {
  it("is counted outside of strings only", () => {
    assert.isFalse(isTooDeep("[".repeat(128)))
    assert.isTrue(isTooDeep("[".repeat(129)))
    assert.isFalse(isTooDeep(JSON.stringify({ text: `${"[{".repeat(500)}\\"` })))
    assert.isFalse(isTooDeep("[]".repeat(500)))
    assert.isTrue(isTooDeep(`{"a":"\\\\",${'"b":{'.repeat(130)}`))
  })
})
