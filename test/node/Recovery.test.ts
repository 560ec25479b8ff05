import { assert, describe, it } from "@effect/vitest"
import {
  EngineRejected,
  EngineUnavailable,
  LinkLost,
  NodeIdMismatch,
  NodeRequestRefused,
  RateLimited,
  TokenProofRequired,
  Unauthorized
} from "../../src/domain/Errors.ts"

import { ConnectFailed } from "../../src/node/NodeLink.ts"
import { type RecoveryFacts, recoveryOf, type SessionFailure } from "../../src/node/Recovery.ts"

const facts: RecoveryFacts = {
  nodeId: "node_1",
  nodeName: "box",
  workspace: "ws_1",
  rejections: 0,
  pinned: false,
  backoffMillis: 2_000
}
const minutes = (n: number) => n * 60_000

const connect = (status: number, retryAfterMillis?: number) =>
  new ConnectFailed({
    url: "ws://e",
    status,
    reason: `HTTP ${status}`,
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  })
const unauthorized = (credential: Unauthorized["credential"], status: number, code?: string) =>
  new Unauthorized({ credential, where: "there", status, ...(code === undefined ? {} : { code }) })
const register = (code: string) => new NodeRequestRefused({ request: "node.register", code, reason: "no" })
const engine = { operation: "POST /v1/nodes", url: "http://e", reason: "ECONNREFUSED" }

describe("what follows a failure", () => {
  const rows: ReadonlyArray<
    readonly [what: string, failure: SessionFailure, reason: string, wait: number | undefined, alert: string]
  > = [
    ["a lost link", new LinkLost({ reason: "closed", code: 1006 }), "link_lost", 2_000, "LinkLost when away"],
    ["an engine that restarts", new LinkLost({ reason: "", code: 1012 }), "link_lost", 2_000, "LinkLost when away"],
    ["1000 for another reason", new LinkLost({ reason: "bye", code: 1000 }), "link_lost", 2_000, "LinkLost when away"],
    ["superseded", new LinkLost({ reason: "superseded", code: 1000 }), "superseded", undefined, "NodeSuperseded now"],
    ["no connection", connect(0), "engine_unavailable", 2_000, "EngineUnavailable when away"],
    ["a 500", connect(500), "engine_unavailable", 2_000, "EngineUnavailable when away"],
    ["a 503 with a wish", connect(503, 20_000), "engine_unavailable", 20_000, "EngineUnavailable when away"],
    ["a 503 with a small wish", connect(503, 1_000), "engine_unavailable", 2_000, "EngineUnavailable when away"],
    ["a 404", connect(404), "engine_refused", 2_000, "EngineRejected when away"],
    ["a 409", connect(409), "engine_refused", 2_000, "EngineRejected when away"],
    ["a 426", connect(426), "engine_refused", 2_000, "EngineRejected when away"],
    ["a 429", connect(429, 7_000), "rate_limited", 7_000, "RateLimited when away"],
    ["a refused token", unauthorized("node token", 401), "token_refused", 2_000, "Unauthorized now"],
    ["a forbidden node", unauthorized("node token", 403), "forbidden", 10_000, "NodeForbidden now"],
    [
      "an expired workspace",
      unauthorized("node token", 401, "workspace_expired"),
      "workspace_expired",
      minutes(5),
      "WorkspaceExpired now"
    ],
    [
      "an expired workspace, said to the key",
      unauthorized("workspace key", 401, "workspace_expired"),
      "workspace_expired",
      minutes(5),
      "WorkspaceExpired now"
    ],
    [
      "a refused workspace key",
      unauthorized("workspace key", 401),
      "workspace_key_rejected",
      minutes(1),
      "WorkspaceKeyRejected now"
    ],
    [
      "a proof that is wanted",
      new TokenProofRequired({ nodeId: "node_1", proof: "missing" }),
      "token_proof_required",
      minutes(5),
      "TokenProofRequired now"
    ],
    [
      "a mint that is refused otherwise",
      new EngineRejected({ operation: "POST /v1/nodes", status: 400, code: "bad", reason: "no" }),
      "no_token",
      30_000,
      "NodeTokenMissing now"
    ],
    [
      "a mint without an engine",
      new EngineUnavailable(engine),
      "engine_unavailable",
      2_000,
      "EngineUnavailable when away"
    ],
    [
      "a mint too many",
      new RateLimited({ operation: "POST /v1/nodes", code: "rate_limit_exceeded", retryAfterMillis: 45_000 }),
      "rate_limited",
      45_000,
      "RateLimited when away"
    ],
    [
      "a plan that is used up",
      new RateLimited({ operation: "POST /v1/nodes", code: "plan_limit_exceeded", retryAfterMillis: 0 }),
      "rate_limited",
      minutes(5),
      "RateLimited now"
    ],
    [
      "another id in the answer",
      new NodeIdMismatch({ nodeName: "box", expected: "node_1", actual: "node_2" }),
      "node_id_mismatch",
      minutes(5),
      "NodeIdMismatch now"
    ],
    ["a token of another node", register("node_id_mismatch"), "node_id_mismatch", minutes(5), "NodeIdMismatch now"],
    [
      "a name of another node",
      register("node_name_conflict"),
      "node_name_conflict",
      minutes(5),
      "NodeNameConflict now"
    ],
    [
      "a register lost in a race",
      register("SQLITE_CONSTRAINT_UNIQUE"),
      "engine_refused",
      2_000,
      "EngineRejected when away"
    ]
  ]

  it.each(rows)("%s", (_, failure, reason, wait, alert) => {
    const recovery = recoveryOf(failure, facts)
    assert.deepStrictEqual([recovery.reason, recovery.waitMillis], [reason, wait])
    assert.deepStrictEqual(
      recovery.alerts.map(({ error, when }) => `${error._tag} ${when}`),
      [alert]
    )
  })
})

describe("the budget of five re-mints", () => {
  const refused = unauthorized("node token", 401)
  const sequel = (failures: ReadonlyArray<SessionFailure>, o: Partial<RecoveryFacts> = {}) =>
    failures.reduce<ReturnType<typeof recoveryOf> | undefined>(
      (before, failure) => recoveryOf(failure, { ...facts, ...o, rejections: before?.rejections ?? 0 }),
      undefined
    )!
  const times = <A>(n: number, value: A): ReadonlyArray<A> => Array.from({ length: n }, () => value)

  it("five refusals mint again, the sixth waits for 5 min with the alert that needs somebody", () => {
    assert.deepInclude(sequel(times(5, refused)), { reason: "token_refused", waitMillis: 2_000 })
    const sixth = sequel(times(6, refused))
    assert.deepInclude(sixth, { reason: "tokens_exhausted", waitMillis: minutes(5), rejections: 6 })
    assert.deepStrictEqual(
      sixth.alerts.map(({ error }) => error._tag),
      ["NodeTokenRejected"]
    )
  })

  it("a mint that fails takes a turn, but only after a refusal", () => {
    const noMint = new EngineUnavailable(engine)
    assert.deepInclude(sequel(times(20, noMint)), { rejections: 0, waitMillis: 2_000 })
    const last = sequel([refused, ...times(5, noMint)])
    assert.deepInclude(last, { rejections: 6, waitMillis: minutes(5), reason: "engine_unavailable" })
    assert.deepStrictEqual(
      last.alerts.map(({ error }) => error._tag),
      ["EngineUnavailable", "NodeTokenRejected"]
    )
  })

  it("a socket that cannot be opened, a lost link and an expired workspace take none", () => {
    for (const failure of [
      connect(503),
      new LinkLost({ reason: "closed" }),
      unauthorized("node token", 401, "workspace_expired"),
      unauthorized("node token", 403)
    ]) {
      assert.strictEqual(sequel([refused, ...times(8, failure)]).rejections, 1)
    }
  })

  it("once used up, whatever fails next waits for 5 min, and longer when asked to", () => {
    const used = times(6, refused)
    assert.strictEqual(sequel([...used, connect(503)]).waitMillis, minutes(5))
    assert.strictEqual(sequel([...used, connect(429, minutes(7))]).waitMillis, minutes(7))
    assert.strictEqual(sequel([...used, new LinkLost({ reason: "superseded", code: 1000 })]).waitMillis, undefined)
  })

  it("a pinned token has no budget: nothing is minted, it is tried every 5 min", () => {
    const recovery = sequel([refused], { pinned: true })
    assert.deepInclude(recovery, { reason: "tokens_exhausted", waitMillis: minutes(5) })
  })
})
