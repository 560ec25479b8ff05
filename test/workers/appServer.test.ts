/** Agents that are sessions of an app server: a real HTTP server that answers as it is told. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { AppServer } from "../../src/domain/AppServer.ts"
import * as rig from "./rig.ts"

interface Call {
  readonly line: string
  readonly authorization: string | undefined
  readonly body: unknown
}

/** `statuses` are its answers in order, the last one for ever; "hang": none. */
const appServer = (...statuses: ReadonlyArray<number | "hang">) =>
  Effect.acquireRelease(
    Effect.async<{ readonly endpoint: string; readonly calls: Array<Call>; readonly close: () => void }>((resume) => {
      const calls: Array<Call> = []
      const read = async (request: IncomingMessage) => {
        let text = ""
        for await (const chunk of request) text += String(chunk)
        return text === "" ? undefined : (JSON.parse(text) as unknown)
      }
      const server = createServer((request, response) => {
        void read(request).then((body) => {
          const status = statuses[Math.min(calls.length, statuses.length - 1)]!
          calls.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body })
          if (status !== "hang") response.writeHead(status).end()
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ endpoint: `http://127.0.0.1:${port}`, calls, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const start = (endpoint: string, server: Partial<AppServer> = {}) =>
  Effect.gen(function* () {
    const spec = rig.specOf("w1", {
      cli: "opencode",
      runtime: "headless",
      appServer: { protocol: "opencode", endpoint, sessionId: "ses/1", release: "detach", hostPid: 7, ...server }
    })
    const worker = yield* rig.start(spec)
    const events = yield* rig.Recorded
    return { worker, of: (kind: string) => events.filter((event) => event.kind === kind) }
  })

const eventually = (check: () => boolean) =>
  Effect.suspend(() => (check() ? Effect.void : Effect.fail("not yet"))).pipe(
    Effect.retry(Schedule.spaced("10 millis").pipe(Schedule.upTo("10 seconds")))
  )

const layer = rig.fakeLayer()
const path = "/session/ses%2F1"

describe("an agent in an app server", () => {
  it.scopedLive("gets each message as a prompt of its session, in order", () =>
    Effect.gen(function* () {
      const { calls, endpoint } = yield* appServer(204)
      const { of, worker } = yield* start(endpoint, { auth: { type: "bearer", token: "t" } })
      assert.deepInclude(worker, { runtime: "headless", provider: "opencode", pid: 7 })
      assert.strictEqual(worker.spec.sessionRef, "ses/1")
      const first = yield* rig.send(worker, { text: "one\nmore", target: "#general" })
      const second = yield* rig.send(worker, { text: "two", from: "Bob\nEve", target: " " })
      rig.assertSubmitted(yield* first.outcome, "taken_with_id")
      rig.assertSubmitted(yield* second.outcome, "taken_with_id")
      assert.deepStrictEqual(first.hooks, ["typing", "Submitted"])
      const [one, two] = calls
      assert.deepStrictEqual(one, {
        line: `POST ${path}/prompt_async`,
        authorization: "Bearer t",
        body: { parts: [{ type: "text", text: "Relay message from Alice to #general:\n\none\nmore" }] }
      })
      assert.deepInclude(two, {
        body: { parts: [{ type: "text", text: "Relay message from Bob Eve to agent:\n\ntwo" }] }
      })
      yield* eventually(() => of("worker_ready").length === 1)
      assert.deepInclude(of("worker_ready")[0], { runtime: "headless", sessionId: "ses/1", pid: 7 })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("basic authentication", () =>
    Effect.gen(function* () {
      const { calls, endpoint } = yield* appServer(204)
      const { worker } = yield* start(endpoint, { auth: { type: "basic", username: "u", password: "p" } })
      yield* (yield* rig.send(worker)).outcome
      assert.strictEqual(calls[0]?.authorization, `Basic ${Buffer.from("u:p").toString("base64")}`)
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("what the server will never take is given up, and the next one goes", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* appServer(404, 204)
      const { of, worker } = yield* start(endpoint)
      const first = yield* rig.send(worker)
      const second = yield* rig.send(worker)
      assert.deepStrictEqual(yield* first.outcome, { _tag: "GivenUp", reason: "refused" })
      rig.assertSubmitted(yield* second.outcome, "taken_with_id")
      assert.deepInclude(of("delivery_failed")[0], { reason: "prompt: HTTP 404" })
      assert.deepNestedInclude(of("worker_error")[0], {
        "error.code": "app_server_delivery_failed",
        "error.retryable": false
      })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("what it may take later is tried again, and the others wait behind it", () =>
    Effect.gen(function* () {
      const { calls, endpoint } = yield* appServer(503, 204)
      const { of, worker } = yield* start(endpoint)
      const first = yield* rig.send(worker, { text: "one" })
      const second = yield* rig.send(worker, { text: "two" })
      yield* eventually(() => calls.length === 1 && of("worker_error").length === 1)
      assert.strictEqual((yield* worker.status).waiting, "not_ready")
      assert.isUndefined(yield* first.outcomeNow)
      rig.assertSubmitted(yield* first.outcome, "taken_with_id")
      rig.assertSubmitted(yield* second.outcome, "taken_with_id")
      const texts = calls.map(({ body }) => JSON.stringify(body))
      assert.deepStrictEqual(
        texts.map((text) => (text.includes("one") ? "one" : "two")),
        ["one", "one", "two"]
      )
      assert.notInclude(texts[1], "possible repeat")
      assert.deepNestedInclude(of("worker_error")[0], { "error.retryable": true })
      assert.deepStrictEqual(of("delivery_failed"), [])
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a server that is away is waited for", () =>
    Effect.gen(function* () {
      const { close, endpoint } = yield* appServer(204)
      close()
      const { of, worker } = yield* start(endpoint)
      const sent = yield* rig.send(worker)
      yield* eventually(() => of("worker_error").length === 1)
      assert.isUndefined(yield* sent.outcomeNow)
      yield* worker.end("released")
      assert.deepStrictEqual(yield* sent.outcome, { _tag: "NotSubmitted", reason: "agent_released" })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive.each<readonly [AppServer["release"], ReadonlyArray<string>]>([
    ["detach", []],
    ["abort", [`POST ${path}/abort`]],
    ["delete", [`DELETE ${path}`]]
  ])("released with %s", ([release, expected]) =>
    Effect.gen(function* () {
      const { calls, endpoint } = yield* appServer(200)
      const { worker } = yield* start(endpoint, { release })
      assert.deepInclude(yield* worker.end("released"), { reason: "released" })
      assert.deepStrictEqual(
        calls.map(({ line }) => line),
        expected
      )
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a release that the server refuses is said, and done all the same", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* appServer(500)
      const { of, worker } = yield* start(endpoint, { release: "delete" })
      yield* worker.end("released")
      assert.deepNestedInclude(of("worker_error")[0], { "error.code": "app_server_release_failed" })
    }).pipe(Effect.provide(layer))
  )
  it.scopedLive("a broker that stops leaves the session alone, and its messages for the next run", () =>
    Effect.gen(function* () {
      const { calls, endpoint } = yield* appServer("hang")
      const { worker } = yield* start(endpoint, { release: "delete" })
      const sent = yield* rig.send(worker)
      yield* eventually(() => calls.length === 1)
      yield* worker.end("shutdown")
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(sent.hooks, ["typing"])
    }).pipe(Effect.provide(layer))
  )
})
