import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { isNestedDeeper, maxNesting, parseJson, parseJsonPruned } from "../../src/domain/Json.ts"

const nested = (open: string, close: string, depth: number, core = "") =>
  open.repeat(depth) + core + close.repeat(depth)

describe("text from outside", () => {
  it("is read up to the bound, and not beyond it, whatever it is nested in", () => {
    for (const [open, close, core] of [
      ["[", "]", ""],
      ['{"a":', "}", "1"],
      ['[{"b":', "}]", "null"]
    ] as const) {
      const levels = open.startsWith("[{") ? maxNesting / 2 : maxNesting
      assert.isTrue(Either.isRight(parseJson(nested(open, close, levels, core))))
      assert.strictEqual(
        Either.getOrElse(Either.flip(parseJson(nested(open, close, levels + 1, core))), () => "read"),
        "nested too deeply"
      )
    }
  })

  it("may hold any number of brackets in its strings, and siblings", () => {
    const text = JSON.stringify({
      a: "[".repeat(5_000),
      'b"\\': '{"'.repeat(500),
      c: Array.from({ length: 500 }, () => [{}])
    })
    assert.isFalse(isNestedDeeper(text, 4))
    assert.isTrue(Either.isRight(parseJson(text)))
  })

  it("is never an exception", () => {
    for (const text of ["", "{", "[".repeat(1_000_000), '"', '{"a":"\\', "nul", "]".repeat(500)]) {
      assert.isTrue(Either.isLeft(parseJson(text)))
      assert.isTrue(Either.isLeft(parseJsonPruned(text)))
    }
  })

  it("is read without the part that is too deep, where that is asked for", () => {
    const text = `{"seq":7,"payload":{"text":"hello","x":${nested("[", "]", 3_000)}}}`
    const value = Either.getOrThrow(parseJsonPruned(text))
    assert.nestedPropertyVal(value, "seq", 7)
    assert.nestedPropertyVal(value, "payload.text", "hello")
    assert.include(JSON.stringify(value), "(left out)")
    assert.isFalse(isNestedDeeper(JSON.stringify(value), maxNesting))
  })
})
