import { assert, describe, it } from "@effect/vitest"
import { makeContextSign } from "../../src/workers/outputSigns.ts"

const lows = (...pieces: ReadonlyArray<string>) => {
  const sign = makeContextSign()
  return pieces.flatMap((piece) => sign(piece) ?? [])
}

describe("context", () => {
  it("is said once for each low number, and again after a rise", () => {
    assert.deepStrictEqual(
      lows("Context 40% left\n", "context 10% left ", "Context 10% left ", "Context 9% left"),
      [10, 9]
    )
    assert.deepStrictEqual(lows("Context 9% left ", "Context 60% left ", "Context 9% left"), [9, 9])
  })
  it("may be cut anywhere, and is not what only looks like it", () => {
    assert.deepStrictEqual(lows("Con", "text 7", "% le", "ft until auto-compact"), [7])
    assert.deepStrictEqual(lows("Context left: 5%", "subcontext 5% left", "Context 100% left"), [])
  })
})
