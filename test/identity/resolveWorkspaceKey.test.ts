import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import { resolveWorkspaceKey } from "../../src/identity/workspaces.ts"

const resolve = (env: Record<string, string>, flag?: string) =>
  resolveWorkspaceKey({ env, ...(flag === undefined ? {} : { flag: Redacted.make(flag) }) })

const given = (env: Record<string, string>, flag?: string) => {
  const choice = Either.getOrThrow(resolve(env, flag))
  assert(choice._tag === "Given")
  const keys = choice.memberships.map(({ key }) => Redacted.value(key))
  const { alias, workspaceId } = choice.memberships[0]
  return { source: choice.source, notes: choice.notes, wanted: choice.wanted, keys, key: keys[0], workspaceId, alias }
}

const invalid = (env: Record<string, string>, flag?: string) => {
  const result = resolve(env, flag)
  assert(Either.isLeft(result))
  return result.left
}

/** From the first to be asked to the last. */
const sources: ReadonlyArray<readonly [source: string, env: Record<string, string>, flag?: string]> = [
  ["--workspace-key", {}, "rk_flag"],
  ["RELAY_WORKSPACES_JSON", { RELAY_WORKSPACES_JSON: `{"api_key":"rk_json"}` }],
  ["AGENT_RELAY_WORKSPACE_KEY", { AGENT_RELAY_WORKSPACE_KEY: "rk_a" }],
  ["RELAY_WORKSPACE_KEY", { RELAY_WORKSPACE_KEY: "rk_b" }],
  ["RELAY_API_KEY", { RELAY_API_KEY: "rk_c" }]
]

describe("precedence", () => {
  for (const [i, [source]] of sources.entries()) {
    it(`${source} goes before all that follow`, () => {
      const env = Object.assign({}, ...sources.slice(i).map(([, e]) => e)) as Record<string, string>
      assert.strictEqual(given(env, i === 0 ? sources[0]![2] : undefined).source, source)
    })
  }

  it("blank is absent, space around a key is not part of it", () => {
    const choice = given(
      { AGENT_RELAY_WORKSPACE_KEY: "  ", RELAY_WORKSPACES_JSON: "", RELAY_WORKSPACE_KEY: " rk_b\n" },
      " "
    )
    assert.deepInclude(choice, { source: "RELAY_WORKSPACE_KEY", key: "rk_b", notes: [] })
  })

  it("no key at all: a workspace is to be created", () => {
    assert.deepStrictEqual(Either.getOrThrow(resolve({ RELAY_API_KEY: " " })), { _tag: "Create", notes: [] })
  })
})

describe("what is no key", () => {
  for (const [source, env, flag] of [
    ["--workspace-key", { RELAY_WORKSPACE_KEY: "rk_b" }, "at_live_secret"],
    ["AGENT_RELAY_WORKSPACE_KEY", { AGENT_RELAY_WORKSPACE_KEY: "secret", RELAY_WORKSPACE_KEY: "rk_b" }, undefined],
    ["RELAY_WORKSPACE_KEY", { RELAY_WORKSPACE_KEY: "rk_se cret", RELAY_API_KEY: "rk_c" }, undefined],
    ["RELAY_WORKSPACES_JSON", { RELAY_WORKSPACES_JSON: `[{"api_key":"secret"}]`, RELAY_API_KEY: "rk_c" }, undefined]
  ] as const) {
    it(`${source}: an error that names it and does not quote it`, () => {
      const error = invalid(env, flag)
      assert.strictEqual(error.source, source)
      assert.include(error.message, "rk_")
      assert.notMatch(error.message, /secret|se cret/)
    })
  }

  it("RELAY_API_KEY: ignored, and the log is told", () => {
    const choice = Either.getOrThrow(resolve({ RELAY_API_KEY: "sk-secret" }))
    assert.strictEqual(choice._tag, "Create")
    assert.match(choice.notes.join(), /RELAY_API_KEY is not a workspace key/)
    assert.notInclude(choice.notes.join(), "secret")
  })
})

describe("RELAY_WORKSPACES_JSON", () => {
  const list = (value: unknown, more: Record<string, string> = {}) => ({
    RELAY_WORKSPACES_JSON: JSON.stringify(value),
    ...more
  })
  const a = { api_key: "rk_a", workspace_id: "1", workspace_alias: "alpha" }
  const b = { apiKey: "rk_b", workspaceId: "2", workspaceAlias: "beta", other: [1] }

  it("an array, a wrapped list or a single one, in either case", () => {
    assert.deepInclude(given(list([b])), { key: "rk_b", workspaceId: "2", alias: "beta" })
    assert.deepInclude(given(list({ memberships: [a] })), { key: "rk_a", workspaceId: "1", alias: "alpha" })
    assert.deepInclude(given(list({ api_key: "rk_x" })), { key: "rk_x", workspaceId: undefined, alias: undefined })
  })

  it("every one of them, each key once, and no note", () => {
    assert.deepInclude(given(list([a, b, { ...a, workspace_id: "3" }])), { keys: ["rk_a", "rk_b"], notes: [] })
  })

  it("who is wanted as the default: the variable before the text", () => {
    const wanted = (value: unknown, more?: Record<string, string>) => given(list(value, more)).wanted
    const inText = { memberships: [a, b], default_workspace_id: "2" }
    assert.isUndefined(wanted([a, b]))
    assert.deepStrictEqual(wanted(inText), { name: "2", source: "RELAY_WORKSPACES_JSON" })
    assert.deepInclude(wanted({ memberships: [a, b], defaultWorkspaceId: "BETA" }), { name: "BETA" })
    assert.deepStrictEqual(wanted(inText, { RELAY_DEFAULT_WORKSPACE: "alpha" }), {
      name: "alpha",
      source: "RELAY_DEFAULT_WORKSPACE"
    })
  })

  it("a default that an entry without an id may turn out to be is left to the engine's answer", () => {
    assert.deepInclude(given(list([a, { api_key: "rk_x" }], { RELAY_DEFAULT_WORKSPACE: "9" })).wanted, { name: "9" })
  })

  it("an unknown default is an error of whoever named it", () => {
    assert.strictEqual(invalid(list([a, b], { RELAY_DEFAULT_WORKSPACE: "3" })).source, "RELAY_DEFAULT_WORKSPACE")
    assert.strictEqual(invalid(list({ memberships: [a], default_workspace_id: "3" })).source, "RELAY_WORKSPACES_JSON")
  })

  it("an empty list leaves the decision to the other sources, and the log is told", () => {
    const choice = given(list({ memberships: [] }, { RELAY_WORKSPACE_KEY: "rk_b", RELAY_DEFAULT_WORKSPACE: "x" }))
    assert.strictEqual(choice.source, "RELAY_WORKSPACE_KEY")
    assert.match(choice.notes.join(), /lists no workspace/)
  })

  for (const text of [
    "nope secret",
    `["secret"]`,
    `{"memberships":[{"api_key":7}]}`,
    "null",
    `[{"workspace_id":"1"}]`,
    `[{"api_key":"rk_a"},{"api_key":"secret"}]`,
    `[{"api_key":"rk_a"},{"api_key":"rk_se cret"}]`
  ]) {
    it(`${text.replaceAll("secret", "…")} is an error that quotes nothing`, () => {
      const error = invalid({ RELAY_WORKSPACES_JSON: text })
      assert.strictEqual(error.source, "RELAY_WORKSPACES_JSON")
      assert.notMatch(error.message, /secret|se cret/)
    })
  }

  it("the error says which entry it is about", () => {
    for (const bad of [{}, { api_key: "x" }, { api_key: 1 }]) {
      assert.match(invalid(list([a, b, bad])).reason, /membership 3/)
    }
  })

  it.prop("any JSON gives a choice or an error", [FastCheck.jsonValue()], ([value]) => {
    assert.include(["Left", "Right"], resolve(list(value))._tag)
  })
})
