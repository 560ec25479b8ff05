/** A picture of a screen for people and viewers, and the place in the output stream at which it was taken. */
import { type ScreenView, textOf } from "./ScreenView.ts"

/** `text` is another word for `plain`, as in 9.1.6. */
export type SnapshotFormat = "plain" | "text" | "ansi"

export interface Snapshot {
  readonly format: SnapshotFormat
  readonly rows: number
  readonly cols: number
  /** 1-based. */
  readonly cursor: readonly [row: number, col: number]
  /** Plain: every row without trailing blanks and with a newline. ANSI: what draws the same picture on a terminal of that size. */
  readonly screen: string
  /** The output up to here is in the picture: as `ScreenView.position`. */
  readonly position: number
  /**
   * ANSI: what a viewer writes after the picture, before it goes on with the output behind `position`: modes, margins, pen
   * and the beginning of a sequence that is cut there. Empty otherwise.
   */
  readonly resume: string
}

/** The fields that do not depend on the format. */
export const pictureOf = (view: ScreenView, format: SnapshotFormat, screen: string, resume = ""): Snapshot => ({
  format,
  resume,
  rows: view.rows,
  cols: view.cols,
  cursor: [view.cursor.row + 1, view.cursor.col + 1],
  screen,
  position: view.position
})

export const plainText = (view: ScreenView): string =>
  textOf(view)
    .map((row) => `${row}\n`)
    .join("")
