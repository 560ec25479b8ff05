import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { NodeId, WorkspaceId } from "../../src/domain/Ids.ts"
import { dataDirectory } from "../../src/identity/dataDirectory.ts"
import { deriveNodeId, fileNameOf, shortId } from "../../src/identity/nodeId.ts"
import { defaultNodeName } from "../../src/identity/nodeName.ts"

const base = { seed: "s", directory: "/d", workspaceId: WorkspaceId.make("w"), instanceName: "i" }

describe("deriveNodeId", () => {
  it("stays what it is: a broker must find its own node again after an update", () => {
    // printf 's\0/d\0w\0i' | sha256sum
    assert.strictEqual(deriveNodeId(base), "node_df929ae84c48b32df73d3083f0097702")
    // printf 's\0/d\0w\0i\0002' | sha256sum
    assert.strictEqual(deriveNodeId({ ...base, ordinal: 2 }), "node_01dacbf87aa1a13abf3d17a0e13eddbb")
    assert.strictEqual(deriveNodeId({ ...base, ordinal: 1 }), deriveNodeId(base))
  })

  const text = FastCheck.string({ minLength: 1 }).filter((s) => !s.includes("\0"))
  const parts = FastCheck.record({
    seed: text,
    directory: text,
    workspaceId: text.map((s) => WorkspaceId.make(s)),
    instanceName: text,
    ordinal: FastCheck.integer({ min: 1, max: 9 })
  })

  it.prop("equal parts, equal id; any other part, another id", [parts, parts], ([a, b]) => {
    const equal = (Object.keys(a) as Array<keyof typeof a>).every((k) => a[k] === b[k])
    assert.strictEqual(deriveNodeId(a) === deriveNodeId(b), equal)
    assert.strictEqual(deriveNodeId(a), deriveNodeId({ ...a }))
    assert.match(deriveNodeId(a), /^node_[0-9a-f]{32}$/)
  })

  it("text does not flow from one part into the next", () => {
    assert.notStrictEqual(
      deriveNodeId({ ...base, seed: "ab", directory: "c" }),
      deriveNodeId({ ...base, seed: "a", directory: "bc" })
    )
  })
})

it("shortId: six hex digits of the id, or of its hash when it has none", () => {
  assert.strictEqual(shortId(NodeId.make("node_abcdef0123456789abcdef0123456789")), "abcdef")
  assert.match(shortId(NodeId.make("my-node")), /^[0-9a-f]{6}$/)
})

it.prop(
  "fileNameOf: safe, bounded, and different for different ids",
  [FastCheck.string({ minLength: 1 }), FastCheck.string({ minLength: 1 })],
  ([a, b]) => {
    const [x, y] = [fileNameOf(NodeId.make(a)), fileNameOf(NodeId.make(b))]
    assert.match(x, /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}$/)
    assert.strictEqual(x === y, a === b)
  }
)

it("defaultNodeName: host and instance, in safe characters", () => {
  assert.strictEqual(defaultNodeName("box.local", "my project/x"), "box.local-my-project-x")
  assert.strictEqual(defaultNodeName("", " "), "host-broker")
})

describe("dataDirectory", () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string>) =>
    dataDirectory({ platform, env, home: platform === "win32" ? "C:\\Users\\u" : "/home/u" })

  it("each system has its place", () => {
    assert.strictEqual(at("linux", {}), "/home/u/.local/share")
    assert.strictEqual(at("linux", { XDG_DATA_HOME: "/data" }), "/data")
    assert.strictEqual(at("darwin", { XDG_DATA_HOME: "/data" }), "/home/u/Library/Application Support")
    assert.strictEqual(at("win32", { APPDATA: "D:\\App" }), "D:\\App")
    assert.strictEqual(at("win32", {}), "C:\\Users\\u\\AppData\\Roaming")
  })

  it("blank and relative values are none", () => {
    for (const XDG_DATA_HOME of ["", " ", "data", "./x"]) {
      assert.strictEqual(at("linux", { XDG_DATA_HOME }), "/home/u/.local/share")
    }
  })
})
