import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeFinder, makeStripper, makeTail, squeeze } from "../../src/pty/terminalText.ts"

/** Cuts a text at the given places. */
const pieces = (text: string, cuts: ReadonlyArray<number>) => {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...places, text.length].map((end, i) => text.slice(places[i - 1] ?? 0, end))
}
const cuts = FastCheck.array(FastCheck.nat(), { maxLength: 10 })
const part = FastCheck.constantFrom(
  ..."a,é,😀,\n,\r,\t,\x1b[31m,\x1b[0;1m,\x1b]0;title\x07,\x1b]8;;http://x\x1b\\,\x1bPq\x1b\\,\x1b(B,\x1b[?2004h,\x1b[?2004l,\x1bc,\x07,\x9b".split(
    ","
  )
)
const output = FastCheck.array(part, { maxLength: 30 }).map((parts) => parts.join(""))

describe("stripper", () => {
  const strip = (text: string) => makeStripper()(text)
  it("takes out sequences and controls, keeps line breaks and tabs", () => {
    assert.strictEqual(strip("\x1b[1;31mred\x1b[0m\r\n\tx\x07\x08y\x7f"), "red\r\n\txy")
    assert.strictEqual(strip("\x1b]0;a title\x07b\x1b]8;;u\x1b\\c\x1bPq#0\x1b\\d\x1b(Be\x1b7f\x1b=g"), "bcdefg")
  })
  it("gives up on a control string that does not end", () => {
    assert.include(strip(`\x1b]0;${"x".repeat(10_000)}visible`), "visible")
  })
  it("the pieces do not matter", () =>
    FastCheck.assert(
      FastCheck.property(output, cuts, (text, cuts) => {
        const piecewise = makeStripper()
        assert.strictEqual(pieces(text, cuts).map(piecewise).join(""), strip(text))
        assert.notMatch(strip(text), /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/)
      })
    ))
})

it("the tail is the end of everything, bounded, never half a character", () => {
  const tail = makeTail(5)
  tail("abc")
  assert.strictEqual(tail("defg"), "cdefg")
  assert.strictEqual(tail("😀😀"), "g😀😀")
  assert.strictEqual(tail("x"), "😀😀x")
  assert.strictEqual(tail("y"), "😀xy")
})

it("a finder sees its text wherever it is wrapped, and not what is only similar", () => {
  const find = makeFinder("msg_12")
  assert.strictEqual(find(squeeze("msg_1 3 msg_")), 0)
  assert.strictEqual(find(squeeze("\r\n 12")), 1)
  assert.strictEqual(find("anything later"), 1)
  assert.strictEqual(find("msg_12 and msg_12 m"), 3)
  assert.strictEqual(find("sg_12"), 4)
})
