/** What a terminal shows at one moment, as plain data: what readiness, dialog and composer rules read. Pure; no library. */

export interface ScreenRow {
  /** The characters of the row, trailing blanks trimmed. */
  readonly text: string
  /** The row continues the one above: the program's line was longer than the terminal is wide. */
  readonly wrapped: boolean
  /** Columns (0-based, end exclusive) shown dim: suggestions and placeholders are drawn so. */
  readonly dim: ReadonlyArray<readonly [from: number, to: number]>
  /** Columns shown in reverse video: cursors that programs draw themselves. */
  readonly reverse: ReadonlyArray<readonly [from: number, to: number]>
}

export interface ScreenModes {
  /** `?2004h` is on: pastes go in brackets. */
  readonly bracketedPaste: boolean
  /** The alternate screen is shown. */
  readonly alternate: boolean
  /** `?1h`: cursor keys are sent as `ESC O A`. */
  readonly applicationCursor: boolean
}

export interface ScreenView {
  readonly cols: number
  readonly rows: number
  /** 0-based, within the visible grid. */
  readonly cursor: { readonly row: number; readonly col: number; readonly visible: boolean }
  readonly modes: ScreenModes
  /** Window title (OSC 0/2), empty when none was set. */
  readonly title: string
  /** What the program says of its state (`OSC 7501 ; state=… ST`), as it came; empty when it never did. */
  readonly agentState: string
  /** The visible rows, top to bottom. Lazy: a row is read from the emulator when it is asked for. */
  readonly row: (index: number) => ScreenRow
  /** How much output the view covers: a count of UTF-16 code units since the start. Grows; equal means nothing was drawn. */
  readonly position: number
}

/** All visible rows as text. */
export const textOf = (view: ScreenView): ReadonlyArray<string> =>
  Array.from({ length: view.rows }, (_, index) => view.row(index).text)
