/** Every way in which a credential fails: its own alert and its own wait, and well again when the cause has gone. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { NodeLink } from "../../src/node/NodeLink.ts"
import type { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { encodeOutbound } from "../../src/wire/Outbound.ts"
import { makeNodeRig, nodeId, nodeName } from "../support/nodeRig.ts"

const rig = Effect.map(makeNodeRig(), ({ context, engine }) => {
  const alerts = Context.get(context, Alerts)
  const node = Context.get(context, NodeControl)
  return {
    engine,
    node,
    codes: Effect.map(alerts.list, (list) => list.map(({ code }) => code)),
    waitsFor: Effect.map(node.view, ({ state }) => (state._tag === "Waiting" ? state.reason : state._tag)),
    mints: () =>
      engine.observations.httpRequests.filter(({ method, path }) => method === "POST" && path === "/v1/nodes").length,
    knocks: () => engine.observations.upgradeRefusals.length
  }
})

const expired = JSON.stringify({ ok: false, error: { code: "workspace_expired", message: "gone" } })
const minting = "POST /v1/nodes"

describe("a credential that fails", () => {
  it.scoped("a workspace key that is no longer accepted: one mint a minute, and its own alert", () =>
    Effect.gen(function* () {
      const { codes, engine, mints, node, waitsFor } = yield* rig
      engine.faults.refuseHttp(/\/v1\/nodes/, 1_000, 401, "unauthorized")
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* waitsFor, "workspace_key_rejected")
      assert.deepStrictEqual(yield* codes, ["WorkspaceKeyRejected"])
      assert.isAtMost(mints(), 6)
      engine.faults.heal()
      yield* TestClock.adjust("61 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("an expired workspace, said at the socket: the token is kept, nothing is minted, one knock per 5 min", () =>
    Effect.gen(function* () {
      const { codes, engine, knocks, mints, node, waitsFor } = yield* rig
      yield* TestClock.adjust("1 second")
      engine.faults.refuseUpgrades(1_000, 401, { body: expired })
      engine.faults.dropSockets()
      yield* TestClock.adjust("14 minutes")
      assert.strictEqual(yield* waitsFor, "workspace_expired")
      assert.deepStrictEqual(yield* codes, ["WorkspaceExpired"])
      assert.strictEqual(mints(), 1)
      assert.strictEqual(knocks(), 3)
      engine.faults.heal()
      yield* node.reconnect("renewed")
      yield* TestClock.adjust("1 second")
      yield* node.awaitReady(0)
      assert.deepStrictEqual([yield* codes, mints()], [[], 1])
    })
  )

  it.scoped("an expired workspace, said at the mint", () =>
    Effect.gen(function* () {
      const { codes, engine, mints } = yield* rig
      engine.faults.refuseHttp(/\/v1\/nodes/, 1_000, 401, "workspace_expired")
      yield* TestClock.adjust("4 minutes")
      assert.deepStrictEqual(yield* codes, ["WorkspaceExpired"])
      assert.isAtMost(mints(), 1)
    })
  )

  it.scoped("an engine that wants proof of the old token: one mint per 5 min, and its own alert", () =>
    Effect.gen(function* () {
      const { codes, engine, mints, node, waitsFor } = yield* rig
      engine.faults.refuseHttp(minting, 1_000, 409, "node_token_proof_required")
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual(yield* waitsFor, "token_proof_required")
      assert.deepStrictEqual(yield* codes, ["TokenProofRequired"])
      assert.strictEqual(mints(), 3)
      engine.faults.heal()
      yield* TestClock.adjust("5 minutes")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("a mint that is refused otherwise", () =>
    Effect.gen(function* () {
      const { codes, engine, mints, node } = yield* rig
      engine.faults.refuseHttp(minting, 1_000, 422, "bad_request")
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* codes, ["NodeTokenMissing"])
      assert.isAtMost(mints(), 5)
      engine.faults.heal()
      yield* TestClock.adjust("31 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("a 403 at the socket: never a mint, its own alert, 10 to 30 s between knocks", () =>
    Effect.gen(function* () {
      const { codes, engine, knocks, mints, node } = yield* rig
      engine.faults.refuseUpgrades(1_000, 403)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* codes, ["NodeForbidden"])
      assert.strictEqual(mints(), 1)
      assert.isAtLeast(knocks(), 10)
      assert.isAtMost(knocks(), 31)
      engine.faults.heal()
      yield* TestClock.adjust("30 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("a 429 at the mint is waited out as long as the engine wishes, and is an alert only after 30 s", () =>
    Effect.gen(function* () {
      const { codes, engine, mints, node } = yield* rig
      engine.faults.refuseHttp(minting, 1, 429, "rate_limit_exceeded", { retryAfter: 100 })
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual(yield* codes, [])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* codes, ["RateLimited"])
      yield* TestClock.adjust("65 seconds")
      assert.strictEqual(mints(), 1)
      yield* TestClock.adjust("5 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("a socket that is refused with 429 likewise, without a mint", () =>
    Effect.gen(function* () {
      const { codes, engine, mints, node } = yield* rig
      engine.faults.refuseUpgrades(1, 429, { retryAfter: 50 })
      yield* TestClock.adjust("49 seconds")
      assert.deepStrictEqual(yield* codes, ["RateLimited"])
      yield* TestClock.adjust("2 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual([yield* codes, mints()], [[], 1])
    })
  )
})

describe("what is away for less than 30 s", () => {
  it.scoped("is no alert; longer it is one, of its kind", () =>
    Effect.gen(function* () {
      const { codes, engine, node } = yield* rig
      yield* TestClock.adjust("2 minutes")
      engine.faults.goDown()
      yield* TestClock.adjust("28 seconds")
      assert.deepStrictEqual(yield* codes, [])
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* codes, ["EngineUnavailable"])
      engine.faults.comeBack()
      yield* TestClock.adjust("30 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped.each([
    ["LinkLost", 0],
    ["EngineRejected", 404],
    ["EngineRejected", 409],
    ["EngineRejected", 426],
    ["EngineUnavailable", 500],
    ["EngineUnavailable", 503]
  ] as const)("%s (%i)", ([code, status]) =>
    Effect.gen(function* () {
      const { codes, engine, node } = yield* rig
      yield* TestClock.adjust("1 second")
      if (status === 0) engine.faults.holdReplies("node.register")
      else engine.faults.refuseUpgrades(1_000, status)
      engine.faults.dropSockets()
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual(yield* codes, [])
      yield* TestClock.adjust("16 seconds")
      assert.deepStrictEqual(yield* codes, [code])
      engine.faults.heal()
      yield* TestClock.adjust("40 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )
})

describe("no fight", () => {
  /** Another process with our token: registers, beats, and goes when its scope ends. */
  const rival = (engine: FakeEngine["Type"]) =>
    Effect.gen(function* () {
      const minted = engine.observations.httpRequests.find(({ path }) => path === "/v1/nodes")
      const { token } = (minted!.response as { readonly data: { readonly token: string } }).data
      const link = yield* NodeLink
      const { send } = yield* link.connect(Redacted.make(token))
      const register = yield* encodeOutbound({
        v: 1,
        type: "node.register",
        name: nodeName,
        node_id: nodeId,
        capabilities: [],
        max_agents: 0,
        tags: [],
        version: "rival"
      })
      yield* send(register)
      const beat = yield* encodeOutbound({
        v: 1,
        type: "node.heartbeat",
        load: 0,
        active_agents: 0,
        handlers_live: false
      })
      yield* send(beat).pipe(Effect.delay("10 seconds"), Effect.forever, Effect.forkScoped)
    }).pipe(Effect.provide(engine.nodeLinkLayer))

  it.scoped("superseded: the other process keeps the node for as long as it lives; then ours comes back", () =>
    Effect.gen(function* () {
      const { codes, engine, node, waitsFor } = yield* rig
      yield* TestClock.adjust("1 second")
      const other = yield* Scope.make()
      yield* rival(engine).pipe(Scope.extend(other))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* waitsFor, "superseded")
      assert.deepStrictEqual(yield* codes, ["NodeSuperseded"])
      assert.strictEqual((yield* node.view).sessions, 1)
      yield* Scope.close(other, Exit.void)
      yield* TestClock.adjust("31 seconds")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped("superseded: but ours takes the node when somebody says so", () =>
    Effect.gen(function* () {
      const { codes, engine, node } = yield* rig
      yield* TestClock.adjust("1 second")
      yield* rival(engine)
      yield* TestClock.adjust("1 minute")
      yield* node.reconnect("the other one is stuck")
      yield* TestClock.adjust("1 second")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )

  it.scoped.each([
    ["node_id_mismatch", "NodeIdMismatch"],
    ["node_name_conflict", "NodeNameConflict"]
  ] as const)("%s: one try per 5 min, or when told to", ([code, alert]) =>
    Effect.gen(function* () {
      const { codes, engine, node, waitsFor } = yield* rig
      engine.faults.rejectNext("node.register", code, "no", 1_000)
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(yield* waitsFor, code)
      assert.deepStrictEqual(yield* codes, [alert])
      assert.strictEqual(engine.observations.frames.filter(({ frame }) => frame?.type === "node.register").length, 2)
      engine.faults.heal()
      yield* node.reconnect("the name was changed")
      yield* TestClock.adjust("1 second")
      yield* node.awaitReady(0)
      assert.deepStrictEqual(yield* codes, [])
    })
  )
})
