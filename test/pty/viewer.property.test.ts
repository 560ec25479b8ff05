/**
 * A viewer that draws a snapshot and goes on with the output behind its position shows what the agent's screen shows,
 * wherever the output was cut.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import type { EmulatedScreen } from "../../src/pty/Screen.ts"
import { opened } from "./ScreenSuite.ts"

const piece = FastCheck.oneof(
  FastCheck.string({ maxLength: 12 }),
  FastCheck.constantFrom("\r\n", "\n", "\r", "\b", "\t", "語", "😀", "e\u0301", " ", "0123456789012345678901234"),
  FastCheck.constantFrom(
    "\x1b[H",
    "\x1b[2J",
    "\x1b[K",
    "\x1b[1K",
    "\x1b[J",
    "\x1b[2;3H",
    "\x1b[A",
    "\x1b[5C",
    "\x1b[M",
    "\x1b[L"
  ),
  FastCheck.constantFrom(
    "\x1b[1;31m",
    "\x1b[38;5;200m",
    "\x1b[48;2;1;2;3m",
    "\x1b[7m",
    "\x1b[2;4m",
    "\x1b[0m",
    "\x1b[97m"
  ),
  FastCheck.constantFrom("\x1b[2;4r", "\x1b[r", "\x1b[?6h", "\x1b[?6l", "\x1b[4h", "\x1b[4l", "\x1b[?7l", "\x1b[?7h"),
  FastCheck.constantFrom(
    "\x1b[?2004h",
    "\x1b[?1h",
    "\x1b[?25l",
    "\x1b[?25h",
    "\x1b]0;title\x07",
    "\x1bPq#0\x1b\\",
    "\x1b="
  )
)
const output = FastCheck.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""))

/** Output is decoded before it is cut: no piece ends within a character. A mark that joins the one before it is part of it. */
const whole = (text: string, at: number): number =>
  /^(?:[\udc00-\udfff]|\p{M}|\u200d)/u.test(text.charAt(at)) ? whole(text, at + 1) : at

const seen = (screen: EmulatedScreen) => {
  const { modes, cursor } = screen.view()
  const { resume, screen: picture } = screen.snapshot("ansi")
  return { modes, cursor, picture, resume }
}

const sameFromThenOn = (text: string, first: number, then: number) => {
  const run = Effect.gen(function* () {
    const agent = yield* opened()
    const viewer = yield* opened()
    agent.unsafeWrite(text.slice(0, first))
    const snapshot = agent.snapshot("ansi")
    assert.strictEqual(snapshot.position, first)
    viewer.unsafeWrite(snapshot.screen + snapshot.resume)
    for (const part of [text.slice(first, then), text.slice(then)]) {
      agent.unsafeWrite(part)
      viewer.unsafeWrite(part)
      assert.deepStrictEqual(seen(viewer), seen(agent))
    }
  })
  Effect.runSync(run.pipe(Effect.scoped, Effect.provide(HeadlessScreen.layer)))
}

it("a viewer that comes at any place sees the same from then on", () =>
  FastCheck.assert(
    FastCheck.property(output, FastCheck.nat(), FastCheck.nat(), (text, a, b) => {
      const first = whole(text, a % (text.length + 1))
      sameFromThenOn(text, first, whole(text, first + (b % (text.length - first + 1))))
    }),
    { numRuns: 300 }
  ))

const found = {
  "a wide character in the last columns, then an erase": "\x1b[H\t\x1b[?2004h          \x1b[?7h語\x1b[2J",
  "a wide character in the last columns, then text": "\x1b[2;1H0123456789012345語語x",
  "the last column with the origin at the margin": "\x1b[2;4r\x1b[?6h\x1b[1;31m01234567890123456789x"
}
for (const [title, text] of Object.entries(found)) {
  it(`the same after ${title}, wherever the viewer comes`, () => {
    for (let first = 0; first <= text.length; first++) sameFromThenOn(text, first, text.length)
  })
}
