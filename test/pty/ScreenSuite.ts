/** What every `Screen` promises as far as rules depend on it; run by the real emulator and by the fake. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { type EmulatedScreen, Screen, type ScreenOptions } from "../../src/pty/Screen.ts"
import { type ScreenView, textOf } from "../../src/pty/ScreenView.ts"

export const opened = (options: Partial<ScreenOptions> = {}) =>
  Effect.flatMap(Screen, (screen) => screen.open({ cols: 20, rows: 5, onReply: () => {}, ...options }))

/** The rows that show something. */
export const shown = (view: ScreenView) => textOf(view).filter((row) => row !== "")

export const suite = (name: string, layer: Layer.Layer<Screen>) => {
  const test = (title: string, body: (screen: EmulatedScreen) => void) =>
    it.scoped(`${name}: ${title}`, () => opened().pipe(Effect.map(body), Effect.provide(layer)))

  test("shows in the turn of the write what was written", (screen) => {
    screen.unsafeWrite("one\r\ntwo")
    assert.deepStrictEqual(shown(screen.view()), ["one", "two"])
    assert.deepStrictEqual(screen.view().cursor, { row: 1, col: 3, visible: true })
  })

  test("counts what it was given", (screen) => {
    screen.unsafeWrite("one")
    screen.unsafeWrite("\x1b[2J😀")
    assert.strictEqual(screen.view().position, 9)
  })

  test("wraps long lines and says so", (screen) => {
    screen.unsafeWrite("0123456789012345678901234\r\nnext")
    const view = screen.view()
    assert.deepStrictEqual(shown(view), ["01234567890123456789", "01234", "next"])
    assert.deepStrictEqual(
      [0, 1, 2].map((row) => view.row(row).wrapped),
      [false, true, false]
    )
  })

  test("scrolls", (screen) => {
    screen.unsafeWrite("1\r\n2\r\n3\r\n4\r\n5\r\n6")
    assert.deepStrictEqual(shown(screen.view()), ["2", "3", "4", "5", "6"])
  })

  test("follows the cursor and clears", (screen) => {
    screen.unsafeWrite("aaaa\r\nbbbb\r\ncccc\x1b[2;3Hxx\x1b[K\x1b[1;2H\x1b[K\x1b[3;1H\x1b[2K> \x1b[A\x1b[2Dy")
    assert.deepStrictEqual(shown(screen.view()), ["a", "ybxx", ">"])
    screen.unsafeWrite("\x1b[1;2H\x1b[J")
    assert.deepStrictEqual(shown(screen.view()), ["a"])
    screen.unsafeWrite("\x1b[2J")
    assert.deepStrictEqual(shown(screen.view()), [])
  })

  test("knows the modes, and sequences that are cut anywhere", (screen) => {
    for (const character of "\x1b[?2004h\x1b[?1h\x1b[?25l\x1b]0;hello\x07\x1b[1;31mred\x1b[0m") {
      screen.unsafeWrite(character)
    }
    const { cursor, modes, title } = screen.view()
    assert.deepStrictEqual(modes, { bracketedPaste: true, alternate: false, applicationCursor: true })
    assert.deepStrictEqual([cursor.visible, title], [false, "hello"])
    assert.deepStrictEqual(shown(screen.view()), ["red"])
    screen.unsafeWrite("\x1b[?2004l\x1b[?1l\x1b[?25h")
    assert.deepStrictEqual(screen.view().modes, { bracketedPaste: false, alternate: false, applicationCursor: false })
  })

  test("shows the alternate screen, and the main one again", (screen) => {
    screen.unsafeWrite("main\x1b[?1049h\x1b[Hother")
    assert.deepStrictEqual([shown(screen.view()), screen.view().modes.alternate], [["other"], true])
    screen.unsafeWrite("\x1b[?1049l")
    assert.deepStrictEqual([shown(screen.view()), screen.view().modes.alternate], [["main"], false])
  })

  test("takes another size", (screen) => {
    screen.unsafeWrite("one\r\ntwo\r\nthree")
    screen.unsafeResize(40, 2)
    const view = screen.view()
    assert.deepStrictEqual([view.cols, view.rows, shown(view)], [40, 2, ["two", "three"]])
    screen.unsafeWrite("!")
    assert.deepStrictEqual(shown(screen.view()), ["two", "three!"])
  })

  test("plain snapshots have all rows, and the cursor counted from one", (screen) => {
    screen.unsafeWrite("one  \r\n two")
    assert.deepStrictEqual(screen.snapshot("plain"), {
      ...{ format: "plain", rows: 5, cols: 20, cursor: [2, 5], position: 11, resume: "" },
      screen: "one\n two\n\n\n\n"
    })
  })
}
