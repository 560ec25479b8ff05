import * as HttpApi from "@effect/platform/HttpApi"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { LocalApi } from "../../src/api/LocalApi.ts"
import type { Json } from "../../src/domain/Json.ts"
import type { HookPath } from "../../src/harness/Hooks.ts"
import { plain, upgradeHeaders } from "./plainHttp.ts"
import { apiKey, makeRig } from "./rig.ts"

const pathOf = ({ url }: HookPath) => new URL(url).pathname

const registered = (hooks: { readonly register: Effect.Effect<HookPath | undefined, never, Scope.Scope> }) =>
  Effect.flatMap(hooks.register, (path) => (path === undefined ? Effect.die("no API") : Effect.succeed(path)))

describe("POST /hooks/:id", () => {
  it.scopedLive("hands a body to whoever listens and answers what they say; nothing before that", () =>
    Effect.gen(function* () {
      const { ask, hooks } = yield* makeRig()
      const path = yield* registered(hooks)
      const post = (json: unknown) =>
        ask("POST", pathOf(path), { key: undefined, headers: { authorization: `Bearer ${path.token}` }, json })
      assert.deepStrictEqual((yield* post({ a: 1 })).body, {})
      const heard: Array<Json> = []
      yield* path.listen((body) =>
        Effect.sync(() => {
          heard.push(body)
          return heard.length === 1 ? { decision: "block" } : undefined
        })
      )
      assert.deepStrictEqual((yield* post({ hook_event_name: "Stop", unknown: [1, null] })).body, { decision: "block" })
      const second = yield* post("text")
      assert.deepStrictEqual([second.status, second.body], [200, {}])
      assert.deepStrictEqual(heard, [{ hook_event_name: "Stop", unknown: [1, null] }, "text"])
    })
  )

  it.scopedLive("S25 a hook token opens its own path and nothing else, and nothing once its agent is gone", () =>
    Effect.gen(function* () {
      const { ask, hooks, url } = yield* makeRig()
      const scope = yield* Scope.make()
      const path = yield* Scope.extend(registered(hooks), scope)
      const other = yield* registered(hooks)
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
      const post = (to: string, headers: Record<string, string>) =>
        Effect.map(ask("POST", to, { key: undefined, headers, json: {} }), ({ status }) => status)
      assert.strictEqual(yield* post(pathOf(path), bearer(path.token)), 200)

      const routes: Array<readonly [string, string]> = []
      HttpApi.reflect(LocalApi, {
        onGroup: () => {},
        onEndpoint: ({ endpoint }) => void routes.push([endpoint.method, endpoint.path.replace(/:\w+/g, "w1")])
      })
      const open: Array<string> = []
      for (const [method, route] of routes) {
        for (const headers of [bearer(path.token), { "x-api-key": path.token }]) {
          const json = method === "GET" ? {} : { json: {} }
          const { status } = yield* ask(method, route, { key: undefined, headers, ...json })
          if (status !== 401) open.push(route)
        }
      }
      assert.isAbove(routes.length, 30)
      assert.deepStrictEqual([...new Set(open)].sort(), ["/docs", "/health", "/openapi.json"])
      for (const route of ["/ws", "/api/input/w1/stream", "/api/fleet/ws"]) {
        const socket = plain(url, { path: route, headers: { ...upgradeHeaders, ...bearer(path.token) } })
        assert.strictEqual((yield* socket).status, 401, route)
      }

      assert.strictEqual(yield* post(pathOf(other), bearer(path.token)), 401)
      assert.strictEqual(yield* post(pathOf(path), { "x-api-key": apiKey }), 401)
      assert.strictEqual(yield* post(pathOf(path), bearer(apiKey)), 401)
      assert.strictEqual(yield* post(pathOf(path), {}), 401)
      assert.strictEqual(yield* post("/hooks/nobody", bearer(path.token)), 401)
      assert.strictEqual(yield* post(`${pathOf(path)}?token=${path.token}`, {}), 401)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* post(pathOf(path), bearer(path.token)), 401)
      assert.strictEqual(yield* post(pathOf(other), bearer(other.token)), 200)
    })
  )

  it.scopedLive("holds nobody up: a handler that never answers, or dies, is answered for", () =>
    Effect.gen(function* () {
      const { ask, hooks } = yield* makeRig()
      const path = yield* registered(hooks)
      const handlers = [Effect.never, Effect.die("a bug"), Effect.succeed({ ok: true })]
      yield* path.listen(() => Effect.suspend(() => handlers.shift() ?? Effect.succeed(undefined)))
      const headers = { authorization: `Bearer ${path.token}` }
      for (const answer of [{}, {}, { ok: true }]) {
        const { body, status } = yield* ask("POST", pathOf(path), { key: undefined, headers, json: {} })
        assert.deepStrictEqual([status, body], [200, answer])
      }
    })
  )

  it.scopedLive("refuses what is no JSON or too large, and tells no handler of it", () =>
    Effect.gen(function* () {
      const { ask, hooks } = yield* makeRig()
      const path = yield* registered(hooks)
      let heard = 0
      yield* path.listen(() =>
        Effect.sync(() => {
          heard += 1
          return undefined
        })
      )
      const headers = { authorization: `Bearer ${path.token}`, "content-type": "application/json" }
      const post = (raw: string) =>
        Effect.map(ask("POST", pathOf(path), { key: undefined, headers, raw }), ({ status }) => status)
      assert.strictEqual(yield* post("{"), 400)
      assert.strictEqual(yield* post(`"${"x".repeat(2 * 1024 * 1024)}"`), 413)
      assert.strictEqual(heard, 0)
      assert.strictEqual(yield* post('"x"'), 200)
      assert.strictEqual(heard, 1)
    })
  )
})
