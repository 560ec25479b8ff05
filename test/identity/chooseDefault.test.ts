import { assert, describe, it } from "@effect/vitest"
import type * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { EngineRejected, EngineUnavailable, RateLimited, Unauthorized } from "../../src/domain/Errors.ts"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import type { EngineError } from "../../src/engine/EngineApi.ts"
import { type Attempt, chooseDefault, isRefusal } from "../../src/identity/BrokerIdentity.ts"

const key = Redacted.make("rk_x")
const agent = { id: AgentId.make("1"), name: AgentName.make("me"), token: Redacted.make("at_x") }

const in_ = (id: string, told: Partial<Attempt["membership"]> = {}): Attempt => ({
  membership: { key, workspaceId: undefined, alias: undefined, ...told },
  outcome: Either.right({ workspaceId: WorkspaceId.make(id), workspaceKey: key, agent })
})
const out = (error: EngineError, told: Partial<Attempt["membership"]> = {}): Attempt => ({
  membership: { key, workspaceId: undefined, alias: undefined, ...told },
  outcome: Either.left(error)
})

const refused = new Unauthorized({ credential: "workspace key", where: "POST /v1/agents", status: 401 })
const limited = new RateLimited({ operation: "POST /v1/agents", code: "rate_limited", retryAfterMillis: 1000 })
const away = new EngineUnavailable({ operation: "POST /v1/agents", url: "http://e", reason: "x" })
const rejected = (status: number) =>
  new EngineRejected({ operation: "POST /v1/agents", status, code: "no", reason: "no" })

const choose = (wanted: string | undefined, ...attempts: Arr.NonEmptyArray<Attempt>) =>
  Either.match(
    chooseDefault(attempts, wanted === undefined ? undefined : { name: wanted, source: "RELAY_DEFAULT_WORKSPACE" }),
    { onLeft: (error) => error, onRight: ({ workspaceId }) => workspaceId as string }
  )

describe("without a default named", () => {
  it("the first that was not refused", () => {
    assert.strictEqual(choose(undefined, in_("a"), in_("b")), "a")
    for (const refusal of [refused, limited, rejected(403)]) {
      assert.strictEqual(choose(undefined, out(refusal), in_("b"), in_("c")), "b")
    }
  })

  it("does not move because the engine is away", () => {
    assert.strictEqual(choose(undefined, out(refused), out(away), in_("c")), away)
    assert.strictEqual(choose(undefined, in_("a"), out(away)), "a")
  })

  it("all refused: the first refusal", () => assert.strictEqual(choose(undefined, out(limited), out(refused)), limited))
})

describe("a default that is named", () => {
  it("by the id of the list or of the engine, or by alias in any case", () => {
    const list: Arr.NonEmptyArray<Attempt> = [in_("a"), in_("b", { workspaceId: "old", alias: "Ops" })]
    for (const name of ["b", "old", "ops"]) assert.strictEqual(choose(name, ...list), "b")
  })

  it("is not replaced by another one when it was refused or cannot be known", () => {
    for (const error of [refused, limited, away]) {
      assert.strictEqual(choose("ops", in_("a"), out(error, { alias: "ops" })), error)
    }
  })

  it("that none turned out to be is an error of whoever named it", () => {
    assert.deepInclude(
      { ...(choose("z", in_("a"), out(refused)) as object) },
      {
        source: "RELAY_DEFAULT_WORKSPACE",
        reason: `"z" is not among the 2 workspaces of RELAY_WORKSPACES_JSON`
      }
    )
  })
})

it("only the engine's no to the key is a refusal", () => {
  assert.deepStrictEqual([refused, limited, rejected(403), rejected(429)].map(isRefusal), [true, true, true, true])
  assert.deepStrictEqual([away, rejected(400), rejected(409)].map(isRefusal), [false, false, false])
})
