/** The HTTP side: recorded shapes, credentials, idempotency. */
import { readFileSync } from "node:fs"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { FakeEngineService } from "../../src/testing/index.ts"
import { connectNode, deliveries, makeEngine } from "./engineRig.ts"

interface Exchange {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  readonly path: string
  readonly query?: { readonly [name: string]: string }
  readonly auth?: "workspace" | "agent"
  readonly body?: unknown
  readonly status: number
  readonly response: unknown
}

interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
}

const call = (
  engine: FakeEngineService,
  o: Pick<Exchange, "method" | "path" | "query" | "body"> & {
    readonly token?: string | undefined
    readonly headers?: { readonly [name: string]: string }
  }
): Effect.Effect<Answer> =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const bare = HttpClientRequest.make(o.method)(`http://anywhere.test${o.path}`)
    const request = bare.pipe(
      HttpClientRequest.setUrlParams(o.query ?? {}),
      HttpClientRequest.setHeaders(o.headers ?? {}),
      (self) => (o.token === undefined ? self : HttpClientRequest.bearerToken(self, o.token)),
      (self) => (o.body === undefined ? self : HttpClientRequest.bodyUnsafeJson(self, o.body))
    )
    const response = yield* client.execute(request)
    const text = yield* response.text
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) }
  }).pipe(Effect.provide(engine.httpClientLayer), Effect.orDie)

const code = (answer: Answer) => {
  const error = (answer.body as { readonly error?: { readonly code: string } } | undefined)?.error
  return error === undefined ? String(answer.status) : `${answer.status} ${error.code}`
}

/** Same keys all the way down; null fits anything; of lists the first entries are compared. */
const sameShape = (recorded: unknown, ours: unknown, path: string): void => {
  if (recorded === null || ours === null) return
  if (Array.isArray(recorded)) {
    assert.isArray(ours, path)
    const [first] = recorded
    const [mine] = ours as ReadonlyArray<unknown>
    if (first !== undefined && mine !== undefined) sameShape(first, mine, `${path}[0]`)
    return
  }
  assert.strictEqual(typeof ours, typeof recorded, path)
  if (typeof recorded !== "object") return
  assert.deepStrictEqual(Object.keys(ours as object).sort(), Object.keys(recorded).sort(), path)
  for (const [key, value] of Object.entries(recorded))
    if (!["metadata", "input", "output"].includes(key))
      sameShape(value, (ours as { readonly [key: string]: unknown })[key], `${path}.${key}`)
}

const { exchanges } = JSON.parse(readFileSync(new URL("../../fixtures/http/engine.json", import.meta.url), "utf8")) as {
  readonly exchanges: ReadonlyArray<Exchange>
}

/** A workspace in which the recorded requests make sense; placeholders of their paths filled in. */
const stage = Effect.gen(function* () {
  const engine = yield* makeEngine()
  const alice = yield* engine.registerAgent("alice")
  for (const name of ["b1", "k1", "taken", "qa"]) yield* engine.registerAgent(name)
  const vm = yield* connectNode(engine, { name: "vm" })
  yield* vm.register({ capabilities: ["spawn:cat", "spawn:pty", "echo"] })
  yield* engine.enrollNode("quiet")
  const proof = yield* connectNode(engine, { name: "proof-1795328732184" })
  yield* proof.register()
  yield* proof.host("bob")
  for (const name of ["w1", "w2"]) yield* vm.host(name)
  yield* vm.beat({ handlersLive: true })
  yield* engine.createChannel("dev")
  const { messageId } = yield* engine.post({ from: "bob", channel: "general", text: "hello" })
  const release = yield* engine.release({ from: "alice", name: "w2", reason: "done" })
  yield* vm.send({ type: "action.result", invocation_id: release, output: { name: "w2", released: true } })
  const fill = (path: string) =>
    path.replace(/\/messages\/\d+/, `/messages/${messageId}`).replace(/\/inv_\d+/, `/${release}`)
  return { engine, alice, fill }
})

describe("recorded exchanges", () => {
  it.scoped.each(
    exchanges.map((exchange) => [`${exchange.method} ${exchange.path}`, exchange.status, exchange] as const)
  )("%s → %s", ([, , exchange]) =>
    Effect.gen(function* () {
      const { alice, engine, fill } = yield* stage
      if (exchange.path === "/v1/channels/engineering/join") yield* engine.createChannel("engineering")
      const wrongKey = exchange.status === 401 && exchange.auth === "workspace"
      const again = exchange.status === 201 && exchange.path === "/v1/agents"
      const answer = yield* call(engine, {
        ...exchange,
        path: fill(exchange.path),
        body: again ? { ...(exchange.body as object), name: "new" } : exchange.body,
        token: wrongKey
          ? "rk_live_gone"
          : exchange.auth === "workspace"
            ? engine.key()
            : exchange.auth === "agent"
              ? alice.token
              : undefined
      })
      assert.strictEqual(answer.status, exchange.status, JSON.stringify(answer.body))
      sameShape(exchange.response, answer.body, "response")
      if (exchange.status >= 400) {
        const error = (body: unknown) => (body as { readonly error: object }).error
        assert.deepStrictEqual(error(answer.body), error(exchange.response))
      }
    })
  )
})

describe("credentials", () => {
  it.scoped("each kind of token in each kind of place", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      const node = yield* engine.enrollNode("vm")
      const on = (method: "GET" | "POST", path: string) => (token: string | undefined) =>
        Effect.map(call(engine, { method, path, token, body: { to: "alice", text: "x", name: "n" } }), code)
      const [workspaceOnly, agentOnly, any] = [
        on("POST", "/v1/nodes"),
        on("POST", "/v1/dm"),
        on("GET", "/v1/workspace")
      ]
      assert.deepStrictEqual(
        yield* Effect.all([
          workspaceOnly(undefined),
          workspaceOnly("sk_other"),
          workspaceOnly("rk_live_unknown"),
          workspaceOnly(alice.token),
          workspaceOnly(node.token),
          any("nt_live_unknown"),
          any("at_live_unknown"),
          agentOnly(engine.key()),
          workspaceOnly(engine.key()),
          agentOnly(alice.token),
          any(alice.token),
          any(engine.key())
        ]),
        [
          "401 unauthorized",
          "401 unauthorized",
          "401 unauthorized",
          "401 unauthorized",
          "401 node_token_forbidden",
          "401 node_token_invalid",
          "401 agent_token_invalid",
          "403 agent_token_required",
          "201",
          "201",
          "200",
          "200"
        ]
      )
    })
  )

  it.scoped("a rotated agent token dies at once; an invalidated workspace key too", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      const key = engine.key()
      const me = (token: string) => Effect.map(call(engine, { method: "GET", path: "/v1/agent", token }), code)
      const rotated = yield* call(engine, { method: "POST", path: "/v1/agents/alice/rotate-token", token: key })
      assert.strictEqual(yield* me(alice.token), "401 agent_token_invalid")
      const { token } = (rotated.body as { readonly data: { readonly token: string } }).data
      assert.strictEqual(yield* me(token), "200")
      engine.faults.invalidateWorkspaceKey()
      assert.strictEqual(
        yield* Effect.map(call(engine, { method: "GET", path: "/v1/agents", token: key }), code),
        "401 unauthorized"
      )
      assert.strictEqual(yield* me(token), "200")
    })
  )

  it.scoped("an agent's own call makes it active again", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      yield* TestClock.adjust("6 minutes")
      assert.strictEqual(engine.agent("alice")?.status, "offline")
      yield* call(engine, { method: "GET", path: "/v1/workspace", token: alice.token })
      assert.strictEqual(engine.agent("alice")?.status, "active")
    })
  )
})

describe("nodes over HTTP", () => {
  it.scoped("are found by name: a second id under the same name gets the first row and rotates its token", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const enroll = (body: object) =>
        Effect.map(
          call(engine, { method: "POST", path: "/v1/nodes", token: engine.key(), body }),
          (answer) => (answer.body as { readonly data: { readonly id: string; readonly token: string } }).data
        )
      const first = yield* enroll({ name: "vm", node_id: "node_a", kind: "ws", role: "broker", version: "v" })
      const second = yield* enroll({ name: "vm", node_id: "node_b" })
      assert.strictEqual(first.id, "node_a")
      assert.strictEqual(second.id, "node_a")
      assert.notStrictEqual(second.token, first.token)
      assert.match(second.token, /^nt_live_[0-9a-f]{48}$/)
    })
  )

  it.scoped("an engine like 9.0 wants the present token for another one", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine({ later: { tokenProof: true } })
      const { token } = yield* engine.enrollNode("vm")
      const enroll = (proof?: string) =>
        Effect.map(
          call(engine, {
            method: "POST",
            path: "/v1/nodes",
            token: engine.key(),
            body: { name: "vm" },
            headers: proof === undefined ? {} : { "X-Relaycast-Node-Token": proof }
          }),
          code
        )
      assert.strictEqual(yield* enroll(), "409 node_token_proof_required")
      assert.strictEqual(yield* enroll("nt_live_other"), "409 node_token_proof_required")
      assert.strictEqual(yield* enroll(token), "201")
      assert.strictEqual(yield* enroll(token), "409 node_token_proof_required")
    })
  )

  it.scoped("a bind takes the agent from anywhere, brings no replay, and its end sends it home", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* engine.registerAgent("alice")
      const here = yield* connectNode(engine, { name: "here" })
      const there = yield* connectNode(engine, { name: "there" })
      yield* here.register({ maxAgents: 1 })
      yield* there.register()
      yield* there.host("w1")
      yield* engine.send({ from: "alice", to: "w1", text: "1" })
      yield* here.drain
      const bind = (agent: string) =>
        Effect.map(
          call(engine, {
            method: "POST",
            path: "/v1/nodes/here/agents",
            token: engine.key(),
            body: { agent_name: agent }
          }),
          code
        )
      assert.strictEqual(yield* bind("w1"), "201")
      assert.deepInclude(engine.agent("w1"), { node: "here", status: "active", bound: true } as object)
      assert.deepStrictEqual(deliveries(yield* here.drain), [])
      assert.strictEqual(yield* bind("alice"), "409 node_capacity_exceeded")
      assert.strictEqual(yield* bind("nobody"), "404 agent_not_found")
      const unbind = Effect.map(
        call(engine, { method: "DELETE", path: "/v1/nodes/here/agents/w1", token: engine.key() }),
        code
      )
      assert.strictEqual(yield* unbind, "204")
      assert.strictEqual(engine.agent("w1")?.node, `direct-${engine.agent("w1")?.id}`)
      assert.strictEqual(yield* unbind, "404 node_agent_binding_not_found")
    })
  )

  it.scoped("a lone agent may be its own node, unless it is bound elsewhere", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      const own = yield* call(engine, { method: "POST", path: "/v1/agent/node-token", token: alice.token, body: {} })
      assert.deepNestedInclude(own.body as object, { "data.node_id": `node_direct_${alice.id}` })
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register()
      yield* node.host("w1")
      const token = engine.agent("w1")?.token
      const answer = yield* call(engine, { method: "POST", path: "/v1/agent/node-token", token, body: {} })
      assert.strictEqual(code(answer), "409 agent_bound_to_node")
    })
  )

  it.scoped("a status set over HTTP is told to every node with agents", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register()
      yield* node.host("w1")
      yield* engine.registerAgent("alice")
      yield* node.drain
      yield* call(engine, { method: "PATCH", path: "/v1/agents/alice", token: engine.key(), body: { status: "idle" } })
      const [update] = yield* node.drain
      assert.deepNestedInclude(update, { type: "context.update", event: "agent.status.idle", "data.status": "idle" })
      assert.strictEqual(engine.agent("alice")?.status, "idle")
    })
  )
})

describe("idempotency keys", () => {
  const post = (engine: FakeEngineService, token: string, key: string, text = "x") =>
    call(engine, {
      method: "POST",
      path: "/v1/channels/general/messages",
      token,
      body: { text },
      headers: { "Idempotency-Key": key }
    })

  it.scoped("the same post again is answered from the store for a day, and posted once", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      yield* engine.registerAgent("bob")
      const first = yield* post(engine, alice.token, "k1")
      const second = yield* post(engine, alice.token, "k1")
      assert.deepStrictEqual(second.body, first.body)
      assert.isUndefined(first.headers["idempotency-replayed"])
      assert.strictEqual(second.headers["idempotency-replayed"], "true")
      assert.lengthOf(engine.mailbox("bob"), 1)
      assert.strictEqual(code(yield* post(engine, alice.token, "k1", "other")), "409 idempotency_key_reused")
      assert.strictEqual(code(yield* post(engine, alice.token, "bad key")), "400 invalid_idempotency_key")
      assert.strictEqual(code(yield* post(engine, alice.token, "k2")), "201")
      assert.lengthOf(engine.mailbox("bob"), 2)
    })
  )

  it.live("a day later the key is free again", () => {
    let now = 0
    // A test clock would run thousands of sweeps to get there.
    const clock: Clock.Clock = {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => now,
      unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
      sleep: () => Effect.never
    }
    return Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      yield* post(engine, alice.token, "k1")
      now = 24 * 3600 * 1000 - 1
      assert.strictEqual(code(yield* post(engine, alice.token, "k1", "other")), "409 idempotency_key_reused")
      now += 1
      assert.strictEqual(code(yield* post(engine, alice.token, "k1", "other")), "201")
    }).pipe(Effect.scoped, Effect.withClock(clock))
  })

  it.scoped("a lost answer is what they are for", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      yield* engine.registerAgent("bob")
      engine.faults.loseHttpAnswers("POST /v1/channels/:name/messages", 1)
      const lost = yield* Effect.exit(post(engine, alice.token, "k1"))
      assert.strictEqual(lost._tag, "Failure")
      assert.strictEqual(code(yield* post(engine, alice.token, "k1")), "201")
      assert.lengthOf(engine.mailbox("bob"), 1)
    })
  )
})

describe("deliveries over HTTP", () => {
  it.scoped("a row acked singly leaves a hole: the cursor does not move", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      yield* engine.registerAgent("alice")
      const bob = yield* engine.registerAgent("bob")
      for (const text of ["1", "2", "3"]) yield* engine.send({ from: "alice", to: "bob", text })
      const list = (query: { readonly [name: string]: string }) =>
        Effect.map(
          call(engine, { method: "GET", path: "/v1/deliveries", token: bob.token, query }),
          (answer) =>
            (answer.body as { readonly data: ReadonlyArray<{ readonly id: string; readonly seq: number }> }).data
        )
      const [first, second] = yield* list({})
      const act = (id: string | undefined, what: string) =>
        call(engine, { method: "POST", path: `/v1/deliveries/${id}/${what}`, token: bob.token, body: {} })
      yield* act(first?.id, "ack")
      yield* act(second?.id, "fail")
      assert.strictEqual(engine.cursor("bob"), 0)
      assert.deepStrictEqual(
        engine.mailbox("bob").map((row) => row.state),
        ["acked", "failed", "queued"]
      )
      assert.deepStrictEqual(
        (yield* list({})).map((row) => row.seq),
        [3]
      )
      assert.deepStrictEqual(
        (yield* list({ status: "failed" })).map((row) => row.seq),
        [2]
      )
      assert.strictEqual(code(yield* act("del_none", "ack")), "404 delivery_not_found")
    })
  )
})

describe("actions over HTTP", () => {
  it.scoped("are registered for oneself, denied to others, completed by their agent", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      const bob = yield* engine.registerAgent("bob")
      const as =
        (token: string) =>
        (method: "POST" | "DELETE", path: string, body: unknown = {}) =>
          call(engine, { method, path, token, body })
      const register = (handler: string) =>
        as(alice.token)("POST", "/v1/actions", { name: "sum", handler_agent: handler, available_to: ["bob"] })
      assert.strictEqual(code(yield* register("bob")), "403 action_denied")
      assert.strictEqual(code(yield* register("alice")), "201")
      assert.strictEqual(code(yield* register("alice")), "409 action_already_exists")
      const invoke = (token: string, action: string) => as(token)("POST", `/v1/actions/${action}/invoke`, { input: {} })
      assert.strictEqual(code(yield* invoke(alice.token, "sum")), "403 action_denied")
      assert.strictEqual(code(yield* invoke(engine.key(), "sum")), "403 agent_token_required")
      assert.strictEqual(code(yield* invoke(bob.token, "none")), "404 action_not_found")
      const invoked = yield* invoke(bob.token, "sum")
      const id = (invoked.body as { readonly data: { readonly invocation_id: string } }).data.invocation_id
      const complete = (token: string) => as(token)("POST", `/v1/actions/sum/invocations/${id}/complete`, { output: 3 })
      assert.strictEqual(code(yield* complete(bob.token)), "403 action_denied")
      assert.strictEqual(code(yield* complete(alice.token)), "200")
      assert.deepInclude(engine.invocation(id), { status: "completed", output: 3 } as object)
      assert.strictEqual(code(yield* as(alice.token)("DELETE", "/v1/actions/sum")), "204")
    })
  )

  it.scoped("what a node owns is not completed over HTTP", () =>
    Effect.gen(function* () {
      const engine = yield* makeEngine()
      const alice = yield* engine.registerAgent("alice")
      const node = yield* connectNode(engine, { name: "vm" })
      yield* node.register({ capabilities: ["echo"] })
      const id = yield* engine.invoke({ from: "alice", action: "echo" })
      const path = `/v1/actions/echo/invocations/${id}/complete`
      assert.strictEqual(
        code(yield* call(engine, { method: "POST", path, token: alice.token, body: { output: 1 } })),
        "403 node_owned_invocation"
      )
      assert.strictEqual((yield* Effect.flip(engine.complete({ id, output: 1 }))).code, "node_owned_invocation")
    })
  )
})

it.scoped("unknown routes, unreadable bodies and wrong fields are refused as such", () =>
  Effect.gen(function* () {
    const engine = yield* makeEngine()
    const token = engine.key()
    const on = (method: "GET" | "POST" | "DELETE", path: string, body?: unknown) =>
      Effect.map(call(engine, { method, path, token, body }), code)
    assert.strictEqual(yield* on("GET", "/v1/nothing"), "404 not_found")
    assert.strictEqual(yield* on("DELETE", "/v1/nodes"), "405 not_found")
    assert.strictEqual(yield* on("POST", "/v1/nodes", ["x"]), "400 invalid_request")
    assert.strictEqual(yield* on("POST", "/v1/nodes", {}), "400 invalid_request")
    assert.strictEqual(yield* on("POST", "/v1/agents", { name: "x", type: "robot" }), "400 invalid_request")
    assert.strictEqual(yield* on("GET", "/v1/agents/%E0%A4%A"), "400 invalid_request")
  })
)
