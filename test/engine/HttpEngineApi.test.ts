import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { NodeId } from "../../src/domain/Ids.ts"
import { version } from "../../src/domain/Version.ts"
import { EngineApi, type EngineError } from "../../src/engine/EngineApi.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import { ok, refusal, type Step, scripted } from "./ScriptedHttp.ts"

const key = Redacted.make("rk_live_secret0001")
const token = Redacted.make("at_live_secret0002")
const nodeId = NodeId.make("node_0123456789abcdef0123456789abcdef")

type Api = EngineApi["Type"]

/** Runs one call against a script in virtual time. */
const call = <A>(
  steps: ReadonlyArray<Step>,
  f: (api: Api) => Effect.Effect<A, EngineError>,
  baseUrl = "http://engine"
) =>
  Effect.gen(function* () {
    const http = scripted(steps)
    const fiber = yield* Effect.fork(
      Effect.flatMap(EngineApi, f).pipe(
        Effect.provide(HttpEngineApi.layer({ baseUrl })),
        Effect.provide(http.layer),
        Effect.withRandom(Random.make("seed")),
        Effect.either
      )
    )
    for (let i = 0; i < 200 && (yield* Fiber.poll(fiber))._tag === "None"; i++) yield* TestClock.adjust("500 millis")
    const result = yield* Fiber.join(fiber)
    const gaps = http.seen.slice(1).map((s, i) => s.atMillis - http.seen[i]!.atMillis)
    return { result, seen: http.seen, left: http.left, gaps }
  })

const failure = <A>(r: { readonly result: { readonly _tag: string } & object }): EngineError => {
  const result = r.result as { _tag: "Left"; left: EngineError } | { _tag: "Right"; right: A }
  assert.strictEqual(result._tag, "Left")
  return (result as { left: EngineError }).left
}

const success = <A>(r: { readonly result: { readonly _tag: string } & object }): A => {
  const result = r.result as { _tag: "Left"; left: EngineError } | { _tag: "Right"; right: A }
  assert.strictEqual(result._tag, "Right", result._tag === "Left" ? result.left.message : "")
  return (result as { right: A }).right
}

describe("requests", () => {
  it.effect("a mint carries the enrolment, the proof and our origin, and nothing else", () =>
    Effect.gen(function* () {
      const r = yield* call(
        [ok({ id: nodeId, name: "vm-one", live: false, kind: "ws", token: "nt_live_new", added_later: 1 }, 201)],
        (api) =>
          api.mintNode({ key, nodeId, name: "vm-one", version: "relay-broker/1", proof: Redacted.make("nt_live_old") })
      )
      const minted = success<{ id: string; name: string; live: boolean; token: Redacted.Redacted }>(r)
      assert.strictEqual(minted.id, nodeId)
      assert.strictEqual(Redacted.value(minted.token), "nt_live_new")
      const [seen] = r.seen
      assert.strictEqual(`${seen?.method} ${seen?.url}`, "POST http://engine/v1/nodes")
      assert.deepStrictEqual(seen?.body, {
        node_id: nodeId,
        name: "vm-one",
        kind: "ws",
        role: "broker",
        version: "relay-broker/1"
      })
      const { "content-length": _, "idempotency-key": idempotency, ...headers } = seen!.headers
      assert.match(idempotency ?? "", /^[0-9a-f-]{36}$/)
      assert.deepStrictEqual(headers, {
        accept: "application/json",
        authorization: "Bearer rk_live_secret0001",
        "content-type": "application/json",
        "x-relaycast-node-token": "nt_live_old",
        "x-relaycast-origin-actor": "agent-relay-cli/cli",
        "x-relaycast-origin-client": "relay-broker",
        "x-relaycast-origin-version": version,
        "x-sdk-version": version
      })
    })
  )

  it.effect("names are one part of the path, whatever they contain", () =>
    Effect.gen(function* () {
      const r = yield* call([ok([])], (api) => api.nodeAgents({ key, node: "my node/../?x=#1" }), "http://engine/base/")
      assert.deepStrictEqual(success(r), [])
      assert.strictEqual(r.seen[0]?.url, "http://engine/base/v1/nodes/my%20node%2F..%2F%3Fx%3D%231/agents")
    })
  )

  for (const name of ["..", ".", "", "\ud800"]) {
    it.effect(`the name ${JSON.stringify(name)} never reaches an address`, () =>
      Effect.gen(function* () {
        const r = yield* call([], (api) => api.bindAgent({ key, node: name, agent: "a" }))
        const error = failure(r)
        assert(error._tag === "EngineRejected")
        assert.strictEqual(error.code, "invalid_name")
        assert.strictEqual(r.seen.length, 0)
      })
    )
  }

  it.effect("a message keeps its idempotency key over its attempts, the next message has another", () =>
    Effect.gen(function* () {
      const r = yield* call([{ errno: "ECONNRESET" }, ok({ id: "m1" }, 201), ok({ id: "m2" }, 201)], (api) =>
        api
          .sendDirect({ token, to: "w1", text: "hi", mode: "steer" })
          .pipe(Effect.zip(api.postToChannel({ token, channel: "general", text: "hi", mode: "wait" })))
      )
      assert.deepStrictEqual(success<unknown>(r), [{ messageId: "m1" }, { messageId: "m2" }])
      const [a, b, c] = r.seen.map((s) => s.headers["idempotency-key"])
      assert.isString(a)
      assert.strictEqual(a, b)
      assert.notStrictEqual(a, c)
      assert.deepStrictEqual(r.seen[0]?.body, { to: "w1", text: "hi", mode: "steer" })
      assert.strictEqual(r.seen[2]?.url, "http://engine/v1/channels/general/messages")
    })
  )

  it.effect("creating a workspace needs no credential", () =>
    Effect.gen(function* () {
      const r = yield* call([ok({ workspace_id: "ws1", api_key: "rk_live_new" }, 201)], (api) =>
        api.createWorkspace("x")
      )
      assert.strictEqual(success<{ workspaceId: string }>(r).workspaceId, "ws1")
      assert.isUndefined(r.seen[0]?.headers["authorization"])
    })
  )
})

describe("answers", () => {
  it.effect("absent records are values", () =>
    Effect.gen(function* () {
      const node = yield* call([refusal(404, "node_not_found")], (api) => api.findNode({ key, name: "n" }))
      assert.deepStrictEqual(success(node), Option.none())
      const agent = yield* call([refusal(404, "agent_not_found")], (api) => api.findAgent({ key, name: "a" }))
      assert.deepStrictEqual(success(agent), Option.none())
      const other = yield* call([refusal(404, "workspace_not_found")], (api) => api.findNode({ key, name: "n" }))
      assert.strictEqual(failure(other)._tag, "EngineRejected")
    })
  )

  it.effect("a channel that exists is as good as a created one; the credential's kind is told by its prefix", () =>
    Effect.gen(function* () {
      const r = yield* call([refusal(409, "channel_already_exists")], (api) =>
        api.ensureChannel({ credential: key, name: "general" })
      )
      success(r)
      const refused = yield* call([refusal(401, "agent_token_invalid")], (api) =>
        api.ensureChannel({ credential: token, name: "general" })
      )
      const error = failure(refused)
      assert(error._tag === "Unauthorized")
      assert.strictEqual(error.credential, "agent token")
    })
  )

  it.effect("204 without a body is a success, and so is a binding that is gone", () =>
    Effect.gen(function* () {
      const unbind = (api: Api) => api.unbindAgent({ key, node: "n", agent: "a b" })
      const r = yield* call([{ status: 204 }], unbind)
      success(r)
      assert.strictEqual(r.seen[0]?.url, "http://engine/v1/nodes/n/agents/a%20b")
      success(yield* call([refusal(404, "node_agent_binding_not_found")], unbind))
    })
  )

  const lookup = (api: Api) => api.workspace(key)
  const cases: ReadonlyArray<readonly [string, Step, EngineError["_tag"], Partial<Record<string, unknown>>]> = [
    ["401", refusal(401, "unauthorized"), "Unauthorized", { status: 401, code: "unauthorized" }],
    ["401 without a body", { status: 401 }, "Unauthorized", { status: 401 }],
    ["expired workspace", refusal(401, "workspace_expired"), "Unauthorized", { code: "workspace_expired" }],
    ["403 about the credential", refusal(403, "api_key_revoked"), "Unauthorized", { status: 403 }],
    ["403 about the right", refusal(403, "agent_token_required"), "EngineRejected", { status: 403 }],
    ["403 denied", refusal(403, "action_denied"), "EngineRejected", { code: "action_denied" }],
    ["403 of a proxy", { raw: "<html>", status: 403 }, "EngineUnavailable", {}],
    ["409", refusal(409, "node_token_proof_required"), "EngineRejected", { code: "node_token_proof_required" }],
    ["a page", { raw: "<html>hello", status: 200 }, "EngineUnavailable", {}],
    ["a foreign 404", { status: 404, body: { error: "nope" } }, "EngineUnavailable", {}],
    ["an empty 200", { raw: "", status: 200 }, "EngineUnavailable", {}],
    ["a redirect", { status: 308, headers: { location: "https://elsewhere" } }, "EngineUnavailable", {}],
    ["data of another shape", ok({ id: 7, name: "w" }), "EngineUnavailable", {}],
    ["not implemented", refusal(501, "nope"), "EngineUnavailable", {}],
    ["plan used up", refusal(429, "plan_limit_exceeded"), "RateLimited", { code: "plan_limit_exceeded" }]
  ]
  for (const [name, step, tag, fields] of cases) {
    it.effect(`${name}: ${tag}, at once`, () =>
      Effect.gen(function* () {
        const r = yield* call([step], lookup)
        const error = failure(r)
        assert.strictEqual(error._tag, tag)
        assert.deepInclude({ ...error }, fields)
        assert.strictEqual(r.seen.length, 1)
      })
    )
  }

  it.effect("a refused proof is told apart from a refused workspace key", () =>
    Effect.gen(function* () {
      const r = yield* call([refusal(401, "node_token_invalid")], (api) =>
        api.mintNode({ key, nodeId, name: "n", version: "v", proof: Redacted.make("nt_x") })
      )
      const error = failure(r)
      assert(error._tag === "Unauthorized")
      assert.strictEqual(error.credential, "node token")
    })
  )

  it.effect("no error shows a token, a body or a multi-line text", () =>
    Effect.gen(function* () {
      const leaky = "bad key rk_live_secret0001\nSELECT * at_live_secret0002"
      const steps: ReadonlyArray<ReadonlyArray<Step>> = [
        [refusal(400, "bad", leaky)],
        [ok({ id: ["rk_live_secret0001"], token: 5 })],
        [{ raw: "rk_live_secret0001", status: 200 }],
        Array.from({ length: 4 }, () => refusal(500, "boom", leaky))
      ]
      for (const script of steps) {
        const error = failure(yield* call(script, (api) => api.registerAgent({ key, name: "n", type: "human" })))
        const shown = `${error.message} ${JSON.stringify(error)}`
        assert.notMatch(shown, /secret000/)
        assert.notMatch(error.message, /\n/)
      }
    })
  )

  it.effect("a credential that no header can carry is not tried", () =>
    Effect.gen(function* () {
      const r = yield* call([], (api) => api.workspace(Redacted.make("rk_live_a\nb: c")))
      const error = failure(r)
      assert.strictEqual(error._tag, "EngineUnavailable")
      assert.notInclude(error.message, "rk_live_a")
    })
  )

  for (const address of ["engine:but not a url", "not a url", "ftp://engine", "http://joe:hunter2@engine/base"]) {
    it.effect(`the address ${address} is refused at once and without its password`, () =>
      Effect.gen(function* () {
        const error = failure(yield* call([], lookup, address))
        assert(error._tag === "EngineUnavailable")
        assert.include(error.message, "the engine's address is not")
        assert.notInclude(error.message, "hunter2")
      })
    )
  }
})

describe("retries", () => {
  const lookup = (api: Api) => api.workspace(key)
  const good = ok({ id: "ws1", name: "w" })

  it.effect("5xx and connection errors: three more tries, 200/400/800 ms shortened at random", () =>
    Effect.gen(function* () {
      const r = yield* call(
        [refusal(500, "x"), { errno: "ECONNRESET" }, { raw: "bad gateway", status: 502 }, refusal(500, "x"), good],
        lookup
      )
      assert.strictEqual(failure(r)._tag, "EngineUnavailable")
      assert.strictEqual(r.seen.length, 4)
      const bounds = [200, 400, 800]
      r.gaps.forEach((gap, i) => {
        assert.isAtLeast(gap, bounds[i]! / 2)
        assert.isAtMost(gap, bounds[i]! + 500) // the test clock moves in steps
      })
    })
  )

  it.effect("the third try may succeed", () =>
    Effect.gen(function* () {
      const r = yield* call([refusal(503, "x"), { errno: "ETIMEDOUT" }, good], lookup)
      assert.strictEqual(success<{ id: string }>(r).id, "ws1")
    })
  )

  it.effect("a hanging engine costs 12 s per attempt and is unavailable in the end", () =>
    Effect.gen(function* () {
      const r = yield* call(["hang", "hang", "hang", "hang"], lookup)
      assert.include(failure(r).message, "no answer within 12 s")
      for (const gap of r.gaps) assert.isTrue(gap >= 12_000 && gap < 13_500, `${gap}`)
    })
  )

  it.effect("Retry-After is slept when short, in seconds and as a date", () =>
    Effect.gen(function* () {
      const at = new Date(9_000).toUTCString() // virtual time starts at 0
      const r = yield* call(
        [
          refusal(429, "rate_limit_exceeded", "", { "retry-after": "3" }),
          refusal(503, "x", "", { "retry-after": at }),
          good
        ],
        lookup
      )
      success(r)
      assert.isAtLeast(r.gaps[0]!, 3_000)
      assert.isAtLeast(r.seen[2]!.atMillis, 9_000)
      assert.isBelow(r.seen[2]!.atMillis, 10_000)
    })
  )

  it.effect("a long Retry-After is the caller's", () =>
    Effect.gen(function* () {
      const r = yield* call([refusal(429, "rate_limit_exceeded", "", { "retry-after": "11" })], lookup)
      const error = failure(r)
      assert(error._tag === "RateLimited")
      assert.strictEqual(error.retryAfterMillis, 11_000)
      assert.strictEqual(r.seen.length, 1)
    })
  )

  it.effect("429 without a wish: tried again, then RateLimited with 0", () =>
    Effect.gen(function* () {
      const r = yield* call(
        Array.from({ length: 4 }, () => ({ raw: "slow down", status: 429 })),
        lookup
      )
      const error = failure(r)
      assert(error._tag === "RateLimited")
      assert.strictEqual(error.retryAfterMillis, 0)
    })
  )

  const creating: ReadonlyArray<readonly [string, Step, boolean]> = [
    ["500", refusal(500, "x"), false],
    ["502", refusal(502, "x"), false],
    ["a reset connection", { errno: "ECONNRESET" }, false],
    ["no answer", "hang", false],
    ["503", refusal(503, "x"), true],
    ["429", refusal(429, "rate_limit_exceeded"), true],
    ["a refused connection", { errno: "ECONNREFUSED" }, true],
    ["an unknown host", { errno: "ENOTFOUND" }, true]
  ]
  for (const [name, step, again] of creating) {
    it.effect(`registering an agent after ${name} is ${again ? "" : "not "}repeated`, () =>
      Effect.gen(function* () {
        const r = yield* call([step, ok({ id: "a", name: "n", token: "at_x" }, 201)], (api) =>
          api.registerAgent({ key, name: "n", type: "human" })
        )
        assert.strictEqual(r.seen.length, again ? 2 : 1)
        if (again) success(r)
        else assert.strictEqual(failure(r)._tag, "EngineUnavailable")
      })
    )
  }

  it.effect("our own earlier attempt that is still running there is waited for", () =>
    Effect.gen(function* () {
      const r = yield* call(["hang", refusal(409, "idempotency_in_progress"), ok({ id: "m1" })], (api) =>
        api.replyInThread({ token, messageId: "m0", text: "x" })
      )
      assert.deepStrictEqual(success<unknown>(r), { messageId: "m1" })
    })
  )

  it.effect("the limit holds in a finalizer, too", () =>
    Effect.gen(function* () {
      const r = yield* call(["hang", ok({ id: "ws1", name: "w" })], (api) => Effect.uninterruptible(lookup(api)))
      assert.strictEqual(success<{ id: string }>(r).id, "ws1")
    })
  )

  it.effect("an interrupted call stops at once and sends nothing more", () =>
    Effect.gen(function* () {
      const http = scripted([refusal(500, "x"), good])
      const fiber = yield* Effect.fork(
        Effect.flatMap(EngineApi, lookup).pipe(
          Effect.provide(HttpEngineApi.layer({ baseUrl: "http://engine" })),
          Effect.provide(http.layer)
        )
      )
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(http.seen.length, 1)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(http.seen.length, 1)
    })
  )
})
