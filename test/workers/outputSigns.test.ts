import { assert, describe, it } from "@effect/vitest"
import { makeOutputSigns, quotesExit } from "../../src/workers/outputSigns.ts"

const lows = (...pieces: ReadonlyArray<string>) => {
  const signs = makeOutputSigns()
  return pieces.flatMap((piece) => signs(piece).contextLow ?? [])
}
const exits = (...pieces: ReadonlyArray<string>) => {
  const signs = makeOutputSigns()
  return pieces.map((piece) => signs(piece).exitLine)
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

describe("exit", () => {
  it("is a whole line of its own", () => {
    assert.deepStrictEqual(exits("done\r\n/ex", "it", "  \r\n"), [false, false, true])
    assert.deepStrictEqual(exits("> typed\r/exit\n"), [true])
  })
  it("is not a part of a line, nor one that is not finished", () => {
    assert.deepStrictEqual(exits("> /exit\n", "say /exit\n", "/exit now\n", "/exit"), [false, false, false, false])
    assert.deepStrictEqual(exits(`${"x".repeat(200)}`, "/exit\n"), [false, false])
  })
  it("is seen in a message that quotes it", () => {
    assert.isTrue(quotesExit("then write\n /exit \nplease"))
    assert.isFalse(quotesExit("then write /exit on a line"))
  })
})
