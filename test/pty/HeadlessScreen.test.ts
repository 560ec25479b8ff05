/** The real emulator: what only it can, and that its private door is still open. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import { opened, shown, suite } from "./ScreenSuite.ts"

suite("HeadlessScreen", HeadlessScreen.layer)

it.scoped("answers queries, with the cursor where it is", () =>
  Effect.gen(function* () {
    const replies: Array<string> = []
    const screen = yield* opened({ onReply: (reply) => void replies.push(reply) })
    screen.unsafeWrite("ab\r\nabc\x1b[6n\x1b[5n\x1b[c\x1b]11;?\x07")
    assert.deepStrictEqual(replies, ["\x1b[2;4R", "\x1b[0n", "\x1b[?1;2c", "\x1b]11;rgb:0000/0000/0000\x1b\\"])
  }).pipe(Effect.provide(HeadlessScreen.layer))
)

it.scoped("knows what is dim and what is reversed, by columns", () =>
  Effect.gen(function* () {
    const screen = yield* opened()
    screen.unsafeWrite("> \x1b[7mW\x1b[27m\x1b[2mrite 語\x1b[0m x")
    const row = screen.view().row(0)
    assert.deepStrictEqual([row.text, row.dim, row.reverse], ["> Write 語 x", [[3, 10]], [[2, 3]]])
    assert.deepStrictEqual(shown(screen.view()), ["> Write 語 x"])
  }).pipe(Effect.provide(HeadlessScreen.layer))
)

it.scoped("pastes go in brackets by `h` and `l`, alone or among others, and not after a reset", () =>
  Effect.gen(function* () {
    const screen = yield* opened()
    const after = (text: string) => {
      screen.unsafeWrite(text)
      return screen.view().modes.bracketedPaste
    }
    assert.isTrue(after("x\x1b[?2004hy"))
    assert.isFalse(after("\x1bc"))
    assert.isFalse(after("\x1b[?12004h\x1b[2004h"))
    assert.isTrue(after("\x1b[?1;2004;25h"))
    assert.isFalse(after("\x1b[!p"))
    assert.isFalse(after("\x1b[?2004h\x1b[?2004l"))
  }).pipe(Effect.provide(HeadlessScreen.layer))
)
