import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { type Environment, type InitOptions, resolveConfig, safeName } from "../../src/broker/Config.ts"

const none: InitOptions = {
  instanceName: undefined,
  name: undefined,
  workspaceKey: undefined,
  channels: undefined,
  apiPort: undefined,
  apiBind: undefined,
  persist: false,
  stateDir: undefined,
  respawn: false,
  capabilities: []
}

const host = {
  cwd: "/work/shop",
  hostname: "vm",
  platform: "linux" as const,
  home: "/home/ann",
  temporary: "/tmp",
  pid: 42,
  randomHex: () => "ab".repeat(16)
}

const config = (options: Partial<InitOptions> = {}, env: Environment = {}) =>
  Either.getOrThrow(resolveConfig({ ...none, ...options }, env, host))

describe("resolveConfig", () => {
  it.each([
    [{ instanceName: "a", name: "b" }, { AGENT_RELAY_BROKER_NAME: "c" }, "a"],
    [{ name: "b" }, { AGENT_RELAY_BROKER_NAME: "c" }, "b"],
    [{ instanceName: "  " }, { AGENT_RELAY_BROKER_NAME: "c" }, "c"],
    [{}, { AGENT_RELAY_BROKER_NAME: " " }, "shop"]
  ])("instance name of %j and %j is %s", (options, env, name) => {
    assert.strictEqual(config(options, env).instanceName, name)
  })

  it("falls back to `project` where the directory has no name", () => {
    const at = Either.getOrThrow(resolveConfig(none, {}, { ...host, cwd: "/" }))
    assert.strictEqual(at.instanceName, "project")
  })

  it.each([
    [{ name: "n" }, { RELAY_NODE_NAME: "e" }, "n"],
    [{ instanceName: "i" }, { RELAY_NODE_NAME: "e" }, "e"],
    [{ instanceName: "i" }, {}, undefined]
  ])("node name of %j and %j is %s", (options, env, name) => {
    assert.strictEqual(config(options, env).nodeName, name)
  })

  it.each([
    [{ persist: true }, "/work/shop/.agentworkforce/relay", false],
    [{ persist: true, stateDir: "/var/relay" }, "/var/relay", false],
    [{ stateDir: "state" }, "/work/shop/state", false],
    [{ instanceName: "a b/c" }, `/tmp/agent-relay-ephemeral-42-a-b-c-${"ab".repeat(16)}`, true]
  ])("state directory of %j is %s", (options, stateDir, ephemeral) => {
    assert.deepInclude(config(options), { stateDir, ephemeral })
  })

  it.each([
    [{}, { baseUrl: "https://cast.agentrelay.com", configured: false }],
    [{ RELAY_BASE_URL: "http://127.0.0.1:1/" }, { baseUrl: "http://127.0.0.1:1", configured: true }],
    [
      { RELAY_BASE_URL: "http://b", RELAYCAST_BASE_URL: "http://a" },
      { baseUrl: "http://a", configured: true }
    ]
  ])("engine of %j", (env, engine) => {
    assert.deepStrictEqual(config({}, env).engine, engine)
  })

  it.each([
    [{ RELAY_BASE_URL: "nonsense" }, /RELAY_BASE_URL: "nonsense"/],
    [{ RELAYCAST_BASE_URL: "ftp://x" }, /RELAYCAST_BASE_URL: "ftp:/],
    [{ AGENT_RELAY_DISABLE_RELAYCAST: "" }, /AGENT_RELAY_DISABLE_RELAYCAST/]
  ])("%j is one clear error", (env, message) => {
    const result = resolveConfig(none, env, host)
    assert.isTrue(Either.isLeft(result))
    if (Either.isLeft(result)) assert.match(result.left.message, message)
  })

  it("takes the API key of the environment, else a fresh one", () => {
    assert.strictEqual(Redacted.value(config({}, { RELAY_BROKER_API_KEY: "br_given" }).api.key), "br_given")
    assert.strictEqual(Redacted.value(config({}, { RELAY_BROKER_API_KEY: " " }).api.key), `br_${"ab".repeat(16)}`)
  })

  it("joins general, engineering and what was asked for, once each", () => {
    assert.deepStrictEqual(config({ channels: ["dev", "general"] }).channels, ["general", "engineering", "dev"])
    assert.deepStrictEqual(config({}, { RELAY_DEFAULT_CHANNELS: "#a, b" }).agentChannels, ["a", "b"])
  })

  it("serves spawn:<cli> and nothing that needs a sidecar or would be captured", () => {
    const capabilities = ["codex", " spawn:codex ", "spawn:claude"]
    assert.deepStrictEqual(config({ capabilities }).capabilities, ["spawn:codex", "spawn:claude"])
    for (const name of ["spawn", "release", "spawn:", "", "a b"]) {
      const refused = resolveConfig({ ...none, capabilities: [name] }, {}, host)
      assert.include(Either.getOrThrow(Either.flip(refused)).message, `"${name}" is not spawn:<cli>`)
    }
  })

  it("respawns only where state is kept", () => {
    assert.isTrue(config({ persist: true, respawn: true }).respawn)
    assert.isTrue(config({ persist: true }, { RELAY_RESPAWN: "1" }).respawn)
    assert.isFalse(config({ persist: true }, { RELAY_RESPAWN: "0" }).respawn)
    assert.isFalse(config({ respawn: true }).respawn)
  })

  it("safe names keep letters, digits and dashes", () => {
    assert.strictEqual(safeName("../a b_ü.c"), "---a-b---c")
  })
})
