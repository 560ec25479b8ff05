import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { chooseWorkspace } from "../../src/identity/workspaces.ts"

const attached = [
  { workspaceId: "ws_1", alias: "Main" },
  { workspaceId: "ws_2", alias: "ops" },
  { workspaceId: "ws_3" }
]

const choose = (workspaceId?: string, workspaceAlias?: string, among = attached) =>
  chooseWorkspace(among, { defaultId: "ws_1", workspaceId, workspaceAlias })

const idOf = (...asked: Parameters<typeof choose>) => Either.getOrThrow(choose(...asked)).workspaceId
const reasonOf = (...asked: Parameters<typeof choose>) => Either.getOrThrow(Either.flip(choose(...asked))).reason

describe("the workspace of a request", () => {
  it("nothing asked: the default", () => assert.strictEqual(idOf(), "ws_1"))

  it("by id, whatever alias comes with it", () => {
    assert.strictEqual(idOf("ws_3"), "ws_3")
    assert.strictEqual(idOf("ws_2", "Main"), "ws_2")
    assert.strictEqual(idOf("ws_2", "nobody"), "ws_2")
  })

  it("by alias in any case", () => {
    assert.strictEqual(idOf(undefined, "main"), "ws_1")
    assert.strictEqual(idOf(undefined, "OPS"), "ws_2")
  })

  it("an id is not compared without case, and is no alias", () => {
    assert.match(reasonOf("WS_2"), /is not attached/)
    assert.match(reasonOf("ops"), /is not attached/)
    assert.match(reasonOf(undefined, "ws_2"), /is not attached/)
  })

  it("an unknown one is an error that says what there is", () => {
    assert.strictEqual(
      reasonOf(undefined, "dev"),
      "workspace 'dev' is not attached; attached: ws_1 (Main), ws_2 (ops), ws_3"
    )
  })

  it("an alias of two is not guessed at; its ids still work", () => {
    const twins = [
      { workspaceId: "ws_1", alias: "x" },
      { workspaceId: "ws_2", alias: "X" }
    ]
    assert.match(reasonOf(undefined, "x", twins), /'x' is ambiguous; attached: ws_1 \(x\), ws_2 \(X\)/)
    assert.strictEqual(idOf("ws_2", "x", twins), "ws_2")
  })
})
