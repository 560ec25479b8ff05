/** Columns of today's Unicode, in the table and in the emulator. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { graphemeWidth } from "../../src/pty/cellWidths.ts"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import { Screen } from "../../src/pty/Screen.ts"

const widths: ReadonlyArray<readonly [text: string, columns: number]> = [
  ["a", 1],
  ["é", 1],
  ["e\u0301", 1],
  ["日", 2],
  ["한", 2],
  ["🎉", 2],
  ["✅", 2],
  ["🪿", 2],
  ["☑", 1],
  ["☑\ufe0f", 2],
  ["👍🏽", 2],
  ["👩‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["❯", 1],
  ["─", 1],
  ["⠼", 1],
  ["✻", 1]
]

describe("columns", () => {
  it.each(widths)("%s takes %i", (text, columns) => assert.strictEqual(graphemeWidth(text), columns))

  it.effect("the emulator puts the cursor where the programs do", () =>
    Effect.gen(function* () {
      const screen = yield* Effect.flatMap(Screen, (all) => all.open({ cols: 80, rows: 5, onReply: () => {} }))
      for (const [text, columns] of widths) {
        screen.unsafeWrite(`\x1b[2J\x1b[H${text}`)
        assert.strictEqual(screen.view().cursor.col, columns, text)
        screen.unsafeWrite("x")
        assert.strictEqual(screen.view().row(0).text, `${text}x`)
      }
    }).pipe(Effect.scoped, Effect.provide(HeadlessScreen.layer))
  )

  it.effect("what belongs together stays together when it comes in pieces", () =>
    Effect.gen(function* () {
      const screen = yield* Effect.flatMap(Screen, (all) => all.open({ cols: 80, rows: 5, onReply: () => {} }))
      for (const part of "👩‍👩‍👧") screen.unsafeWrite(part)
      assert.strictEqual(screen.view().cursor.col, 2)
    }).pipe(Effect.scoped, Effect.provide(HeadlessScreen.layer))
  )
})
