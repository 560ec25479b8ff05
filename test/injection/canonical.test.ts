/** Long lines for terminals in canonical mode. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { hasLongLine, inPieces } from "../../src/injection/canonical.ts"
import { lineModeIn } from "../../src/pty/lineMode.ts"

const eof = "\x04"
const limit = 4_095

describe("long lines", () => {
  it("only a line that would be cut is touched", () => {
    const short = `${"x".repeat(3_989)}\n${"y".repeat(100)}`
    assert.isFalse(hasLongLine(short))
    assert.strictEqual(inPieces(short, eof), short)
    assert.isTrue(hasLongLine("x".repeat(3_990)))
    assert.isTrue(hasLongLine("é".repeat(2_000)))
    assert.isFalse(hasLongLine("é".repeat(1_900)))
  })

  it("property: nothing is lost, no piece is too long, and no end of file stands where nothing was typed", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.tuple(FastCheck.constantFrom("x", "é", "日", "👩", "\n"), FastCheck.nat(9_000)), {
          maxLength: 6
        }),
        (parts) => {
          const text = parts.map(([character, count]) => character.repeat(count)).join("")
          const typed = inPieces(text, eof)
          assert.strictEqual(typed.replaceAll(eof, ""), text)
          for (const line of typed.split("\n")) {
            const pieces = line.split(eof)
            for (const piece of pieces) {
              assert.isAtMost(Buffer.byteLength(piece), limit)
              if (pieces.length > 1) assert.notStrictEqual(piece, "")
            }
          }
        }
      ),
      { numRuns: 60 }
    ))
})

describe("what stty says", () => {
  it("of lines and echo", () => {
    assert.deepInclude(lineModeIn("eof = ^D;\nisig icanon iexten echo echoe -echonl"), { canonical: true, echo: true })
    assert.deepInclude(lineModeIn("eof = ^D;\nisig -icanon iexten -echo echoe echoctl"), {
      canonical: false,
      echo: false
    })
    assert.deepInclude(lineModeIn("eof = ^D;\nicanon -echo echok"), { canonical: true, echo: false })
    assert.isUndefined(lineModeIn(""))
  })
  it.each([
    ["intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;\nisig icanon iexten echo", "\x04"],
    ["eof = ^D; eol = <undef>;\nisig -icanon iexten", undefined],
    ["lflags: icanon isig iexten echo\ncchars: discard = ^O; dsusp = ^Y; eof = ^D; eol = <undef>;", "\x04"],
    ["eof = ^Z;\nicanon", "\x1a"],
    ["eof = <undef>;\nicanon", undefined],
    ["", undefined]
  ])("%j", (settings, expected) => assert.strictEqual(lineModeIn(settings)?.endOfFile, expected))
})
