import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { Manifest } from "../../src/sidecar/Frames.ts"
import { declarationOf, neverDeclared } from "../../src/sidecar/SidecarHub.ts"
import { decide, fresh, lost, policyOf, registered, started, type Tally } from "../../src/sidecar/Supervisor.ts"
import { commandOf } from "../../src/sidecar/supervisedCommand.ts"

describe("what is declared to the engine", () => {
  const manifest: Manifest = {
    name: "worker-1",
    max_agents: 3,
    tags: ["gpu"],
    version: "v1",
    capabilities: [
      { name: "spawn:cat", kind: "spawn", metadata: { cli: "cat" } },
      { name: "spawn:own", kind: "spawn" },
      { name: "echo", kind: "action" },
      { name: "spawn" },
      { name: "release" },
      { name: "later" }
    ]
  }
  const own = [{ name: "spawn:own" }, { name: "spawn:codex" }]
  const names = (handlers: ReadonlyArray<string>) =>
    declarationOf(own, { manifest, handlers: new Set(handlers) }).capabilities.map(({ name }) => name)

  it("is the broker's own without a sidecar", () => {
    assert.deepStrictEqual(declarationOf(own, undefined), { capabilities: own })
    assert.deepStrictEqual(declarationOf([], undefined), { capabilities: [] })
  })

  it("is never a bare spawn or release, even with a handler of that name", () => {
    assert.deepStrictEqual(names(["spawn", "release"]), ["spawn:own", "spawn:codex", "spawn:cat"])
    assert.deepStrictEqual(neverDeclared(manifest), ["spawn", "release"])
  })

  it("is an action only while its handler is registered, and a harness always", () => {
    assert.deepStrictEqual(names(["echo"]), ["spawn:own", "spawn:codex", "spawn:cat", "echo"])
    assert.notInclude(names([]), "echo")
  })

  it("carries the sidecar's limit and tags, and its entry where both have one", () => {
    const { capabilities, node } = declarationOf(own, { manifest, handlers: new Set() })
    assert.deepStrictEqual(node, { maxAgents: 3, tags: ["gpu"] })
    assert.deepStrictEqual(capabilities[0], { name: "spawn:own", kind: "spawn" })
    const bare = declarationOf([], { manifest: { name: "n", capabilities: [] }, handlers: new Set() })
    assert.deepStrictEqual(bare, { capabilities: [], node: { maxAgents: 0, tags: [] } })
  })
})

describe("when a sidecar is started again", () => {
  const policy = policyOf(undefined)
  const waits = (tally: Tally): ReadonlyArray<number> => {
    const decision = decide(policy, tally)
    return decision._tag === "GiveUp" ? [] : [decision.afterMillis, ...waits(started(tally))]
  }

  it("waits longer from failure to failure, and gives up", () => {
    assert.deepStrictEqual(waits(fresh), [2_000, 4_000, 8_000, 16_000, 32_000])
    const short = decide(policyOf({ cooldown_ms: 0 }), fresh)
    assert.deepStrictEqual(short, { _tag: "Start", afterMillis: 1_000 })
    const long = decide(policyOf({ cooldown_ms: 50_000, max_consecutive_failures: 9 }), { starts: 3, failures: 3 })
    assert.deepStrictEqual(long, { _tag: "Start", afterMillis: 60_000 })
  })

  it("forgets failures at a registration, and starts only after a stable minute", () => {
    const flapping = registered({ starts: 4, failures: 1 })
    assert.deepStrictEqual(decide(policy, flapping), { _tag: "Start", afterMillis: 2_000 })
    assert.strictEqual(decide(policy, lost(registered(started(flapping)), 59_999))._tag, "GiveUp")
    assert.deepStrictEqual(lost(registered(started(flapping)), 60_000), fresh)
  })

  it("never when it is disabled", () => {
    assert.strictEqual(decide(policyOf({ enabled: false }), fresh)._tag, "GiveUp")
    assert.strictEqual(decide(policyOf({ max_restarts: 0 }), fresh)._tag, "GiveUp")
  })
})

describe("the command of a supervised sidecar", () => {
  const command = (argv: readonly [string, ...ReadonlyArray<string>], env: Record<string, string> = {}, cwd = "/srv") =>
    commandOf({ argv, cwd, env })

  it("brings along only the listed variables", () => {
    const env = { PATH: "/bin", RELAY_API_KEY: "rk_1", LD_PRELOAD: "/evil.so", RELAY_BROKER_API_KEY: "br_1" }
    assert.deepStrictEqual(
      command(["node", "n.mjs"], env),
      Either.right({
        argv: ["node", "n.mjs"],
        cwd: "/srv",
        env: { PATH: "/bin", RELAY_API_KEY: "rk_1" }
      })
    )
  })

  it("loses options whose value is a secret that the environment carries", () => {
    const env = { RELAY_WORKSPACE_KEY: "rk_live_1" }
    const words = (argv: readonly [string, ...ReadonlyArray<string>]) => Either.getOrThrow(command(argv, env)).argv
    assert.deepStrictEqual(words(["node", "cli", "serve", "n.mjs", "--workspace", "rk_live_1", "--name", "x"]), [
      "node",
      "cli",
      "serve",
      "n.mjs",
      "--name",
      "x"
    ])
    assert.deepStrictEqual(words(["node", "--workspace=rk_live_1", "n.mjs"]), ["node", "n.mjs"])
    assert.deepStrictEqual(words(["node", "--workspace", "other"]), ["node", "--workspace", "other"])
  })

  it("is refused when it cannot be run as asked", () => {
    const refused = (given: ReturnType<typeof command>) => Either.getOrThrow(Either.flip(given)).reason
    assert.include(refused(command(["x", "key:rk_live_1"], { RELAY_API_KEY: "rk_live_1" })), "carries a secret")
    assert.notInclude(refused(command(["x", "key:rk_live_1"], { RELAY_API_KEY: "rk_live_1" })), "rk_live_1")
    assert.include(refused(command(["x"], {}, "relative")), "not an absolute path")
    assert.include(refused(command([" "])), "names no program")
    assert.include(refused(command(["x", "a\0b"])), "NUL")
  })
})
