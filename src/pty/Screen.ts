/**
 * The emulated terminal of one agent: what a person would see if there were a display. A port: `HeadlessScreen` is the real
 * one, `testing/FakeScreen` a small synchronous grid for virtual time.
 *
 * Drawing is synchronous: when `unsafeWrite` returns, the view shows the output and the answers to its queries were given.
 * Whoever feeds it bounds the bytes per turn of the event loop.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ScreenView } from "./ScreenView.ts"
import type { Snapshot, SnapshotFormat } from "./Snapshot.ts"

export interface ScreenOptions {
  readonly cols: number
  readonly rows: number
  /** An answer to a query of the program (status, cursor position, device attributes, colours): to be written to it whole. */
  readonly onReply: (reply: string) => void
}

export interface EmulatedScreen {
  readonly unsafeWrite: (chunk: string) => void
  /** Before the terminal itself is resized, so that the program's redraw meets the new size. */
  readonly unsafeResize: (cols: number, rows: number) => void
  /** What is shown now. Its rows are read on demand: use it in the turn in which it was taken. */
  readonly view: () => ScreenView
  /** A row as a viewer writes it: colours, at most so many columns, no blanks at its end. */
  readonly paintedRow: (index: number, columns: number) => string
  /** What brings another terminal to send keys, pastes and the mouse as the program wants them. */
  readonly inputModes: () => string
  readonly snapshot: (format: SnapshotFormat) => Snapshot
}

export class Screen extends Context.Tag("relay-broker/pty/Screen")<
  Screen,
  {
    /** An empty screen; forgotten when the scope closes. */
    readonly open: (options: ScreenOptions) => Effect.Effect<EmulatedScreen, never, Scope.Scope>
  }
>() {}
