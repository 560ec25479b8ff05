/** Over real sockets with the program's client: what a scripted client cannot show. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type EngineError } from "../../src/engine/EngineApi.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import * as NodeHttp from "../../src/engine/NodeHttp.ts"

const key = Redacted.make("rk_live_secret0001")

const serve = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer(listener)
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }))
      )
    }),
    (server) => Effect.sync(server.close)
  )

const call = <A>(baseUrl: string, f: (api: EngineApi["Type"]) => Effect.Effect<A, EngineError>) =>
  Effect.flatMap(EngineApi, f).pipe(Effect.provide(HttpEngineApi.layer({ baseUrl })), Effect.provide(NodeHttp.layer))

it.scopedLive("a redirect is not followed, so the proof never reaches another host", () =>
  Effect.gen(function* () {
    const elsewhere: Array<unknown> = []
    const thief = yield* serve((request, response) => {
      elsewhere.push(request.headers)
      response.end("{}")
    })
    const engine = yield* serve((_, response) => response.writeHead(307, { location: thief.url }).end())
    const error = yield* Effect.flip(
      call(engine.url, (api) =>
        api.mintNode({
          key,
          nodeId: NodeId.make("node_1"),
          name: "n",
          version: "v",
          proof: Redacted.make("nt_live_secret")
        })
      )
    )
    assert.strictEqual(error._tag, "EngineUnavailable")
    assert.include(error.message, "HTTP 307")
    assert.deepStrictEqual(elsewhere, [])
  })
)

it.scopedLive("a connection cut during a registration is not tried again", () =>
  Effect.gen(function* () {
    let requests = 0
    const engine = yield* serve((request) => {
      requests++
      request.socket.destroy()
    })
    const error = yield* Effect.flip(call(engine.url, (api) => api.registerAgent({ key, name: "n", type: "human" })))
    assert.strictEqual(error._tag, "EngineUnavailable")
    assert.match(error.message, /the connection failed \([A-Z_]+\)/)
    assert.strictEqual(requests, 1)
  })
)

it.scopedLive("a refused connection is named by its errno", () =>
  Effect.gen(function* () {
    const engine = yield* serve(() => {})
    engine.close()
    const error = yield* Effect.flip(call(engine.url, (api) => api.createWorkspace("x")))
    assert.strictEqual(error._tag, "EngineUnavailable")
    assert.include(error.message, "ECONNREFUSED")
  })
)

it.scopedLive(
  "an answer that is cut in the middle, and one nobody waits for any more, are errors of that call only",
  () =>
    Effect.gen(function* () {
      let cuts = true
      const begun = yield* Queue.unbounded<void>()
      const engine = yield* serve((request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 })
        response.write('{"ok":')
        Queue.unsafeOffer(begun, undefined)
        if (cuts) setImmediate(() => request.socket.resetAndDestroy())
      })
      const register = call(engine.url, (api) => api.registerAgent({ key, name: "n", type: "human" }))
      assert.strictEqual((yield* Effect.flip(register))._tag, "EngineUnavailable")
      yield* begun
      cuts = false
      const waiting = yield* Effect.fork(register)
      yield* begun
      yield* Fiber.interrupt(waiting)
      // An error that nobody handles would come within a turn, and fail the run.
      yield* Effect.promise(() => new Promise(setImmediate))
    })
)

it.scopedLive("one connection serves calls that follow each other", () =>
  Effect.gen(function* () {
    const ports = new Set<number | undefined>()
    const engine = yield* serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.writeHead(404, { "content-type": "application/json" }).end('{"ok":false,"error":{"code":"not_found"}}')
    })
    yield* Effect.flip(
      call(engine.url, (api) =>
        api.createWorkspace("x").pipe(
          Effect.catchAll(() => api.createWorkspace("y")),
          Effect.catchAll(() => api.createWorkspace("z"))
        )
      )
    )
    assert.strictEqual(ports.size, 1)
  })
)

it.scopedLive("an answer without end is given up after 16 MiB, once, and costs no more memory than that", () =>
  Effect.gen(function* () {
    let calls = 0
    let closed = 0
    const chunk = Buffer.alloc(256 * 1024, 0x20)
    const engine = yield* serve((_, response) => {
      calls += 1
      response.on("close", () => {
        closed += 1
      })
      const more = () => {
        while (response.write(chunk));
        response.once("drain", more)
      }
      more()
    })
    const before = process.memoryUsage().rss
    const error = yield* Effect.flip(call(engine.url, (api) => api.findNode({ key, name: "n" })))
    assert.strictEqual(error._tag, "EngineUnavailable")
    assert.include(error.message, "more than 16 MiB")
    assert.strictEqual(calls, 1)
    assert.isBelow(process.memoryUsage().rss - before, 200 * 1024 * 1024)
    yield* Effect.iterate(closed, { while: (n) => n === 0, body: () => Effect.as(Effect.yieldNow(), closed) })
  })
)

it.scopedLive("an answer nested 3,000 deep is an answer that cannot be used, not a defect", () =>
  Effect.gen(function* () {
    const deep = `${"[".repeat(3_000)}${"]".repeat(3_000)}`
    const engine = yield* serve((_, response) => response.end(`{"ok":true,"data":{"name":"n","x":${deep}}}`))
    const error = yield* Effect.flip(call(engine.url, (api) => api.findNode({ key, name: "n" })))
    assert.strictEqual(error._tag, "EngineUnavailable")
    assert.include(error.message, "nested too deeply")
  })
)
