/** Over real sockets with fetch: what a scripted client cannot show. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type EngineError } from "../../src/engine/EngineApi.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"

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
  Effect.flatMap(EngineApi, f).pipe(
    Effect.provide(HttpEngineApi.layer({ baseUrl })),
    Effect.provide(FetchHttpClient.layer)
  )

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
