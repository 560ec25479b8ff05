/**
 * Screens on `@xterm/headless`. It is fed through the core's synchronous write: the public one puts a timer between output
 * and picture, which every Enter would wait for. That is a private door of an exactly pinned version;
 * `test/pty/HeadlessScreen.test.ts` says when it closes.
 */
import { createRequire } from "node:module"
import type * as Xterm from "@xterm/headless"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ansiPicture, inputModes, lineText, resumeFrom, type Styled } from "./ansiPicture.ts"
import { cellWidths } from "./cellWidths.ts"
import { Screen, type ScreenOptions } from "./Screen.ts"
import type { ScreenRow, ScreenView } from "./ScreenView.ts"
import { pictureOf, plainText } from "./Snapshot.ts"

type Internals = Xterm.Terminal & {
  readonly _core: {
    readonly writeSync: (data: string) => void
    readonly coreService: { readonly isCursorHidden: boolean }
    readonly coreMouseService: { readonly activeEncoding: string }
    readonly buffer: { readonly scrollTop: number; readonly scrollBottom: number }
    readonly _inputHandler: {
      readonly _curAttrData: Styled
      /** 0 between sequences. */
      readonly _parser: { readonly currentState: number }
    }
  }
}

/** Rows above the visible ones. Low: less memory (12 bytes per cell); high: more context after a resize to more rows. */
const scrollback = 50
/** What a program is told that asks for the colours: light on dark. It would wait for an answer before its first picture. */
const colours = new Map([
  [10, "rgb:d0d0/d0d0/d0d0"],
  [11, "rgb:0000/0000/0000"]
])

/** Larger terminals are drawn as if they were so large: a cell costs 12 bytes, and sizes come from outside. */
const mostCells = { cols: 1_000, rows: 500 }
const within = (cols: number, rows: number) =>
  [Math.min(Math.max(cols, 1), mostCells.cols), Math.min(Math.max(rows, 1), mostCells.rows)] as const

/** An unfinished sequence that is kept for viewers. Longer ones are pictures or clipboards, which a viewer can do without. */
const longestSequence = 64 * 1024

let library: typeof Xterm | undefined
/** Loaded by the first agent. */
const load = () => {
  library ??= createRequire(import.meta.url)("@xterm/headless") as typeof Xterm
  return library
}

export const HeadlessScreen: { readonly layer: Layer.Layer<Screen> } = {
  layer: Layer.succeed(Screen, {
    open: (options) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => open(options)),
          ({ dispose }) => Effect.sync(dispose)
        ),
        ({ screen }) => screen
      )
  })
}

const open = ({ cols: askedCols, onReply, rows: askedRows }: ScreenOptions) => {
  const [cols, rows] = within(askedCols, askedRows)
  const terminal = new (load().Terminal)({
    ...{ cols, rows, scrollback, allowProposedApi: true },
    logLevel: "off"
  }) as Internals
  terminal.unicode.register(cellWidths)
  terminal.unicode.activeVersion = cellWidths.version
  const core = terminal._core
  let position = 0
  let title = ""
  let agentState = ""
  /** Output since the last escape character, while a sequence is open. */
  let unfinished = ""
  terminal.onData(onReply)
  terminal.onTitleChange((text) => {
    title = text
  })
  terminal.parser.registerOscHandler(7501, (data) => {
    agentState = data.slice(0, 200)
    return true
  })
  for (const [code, colour] of colours) {
    terminal.parser.registerOscHandler(code, (data) => {
      if (data === "?") onReply(`\x1b]${code};${colour}\x1b\\`)
      return true
    })
  }

  const view = (): ScreenView => {
    const buffer = terminal.buffer.active
    return {
      cols: terminal.cols,
      rows: terminal.rows,
      cursor: {
        row: buffer.cursorY,
        // Behind the last column while the next character would wrap.
        col: Math.min(buffer.cursorX, terminal.cols - 1),
        visible: !core.coreService.isCursorHidden
      },
      modes: {
        bracketedPaste: terminal.modes.bracketedPasteMode,
        alternate: buffer.type === "alternate",
        applicationCursor: terminal.modes.applicationCursorKeysMode
      },
      title,
      agentState,
      row: (index) => {
        const line = buffer.getLine(buffer.baseY + index)
        return line === undefined ? blankRow : new EmulatorRow(line)
      },
      position
    }
  }

  const screen = {
    unsafeWrite: (chunk: string) => {
      position += chunk.length
      core.writeSync(chunk)
      unfinished = core._inputHandler._parser.currentState === 0 ? "" : sinceEscape(unfinished + chunk)
    },
    unsafeResize: (cols: number, rows: number) => terminal.resize(...within(cols, rows)),
    view,
    paintedRow: (index: number, columns: number) => {
      const { active } = terminal.buffer
      const line = active.getLine(active.baseY + index)
      return line === undefined ? "" : lineText(line, Math.min(columns, line.length))
    },
    inputModes: () => inputModes(terminal, core.coreMouseService.activeEncoding),
    snapshot: (format: "plain" | "text" | "ansi") => {
      const seen = view()
      if (format !== "ansi") return pictureOf(seen, format, plainText(seen))
      const { buffer, coreMouseService, coreService, _inputHandler: input } = core
      const resume = resumeFrom(terminal, {
        pen: input._curAttrData,
        scrollTop: buffer.scrollTop,
        scrollBottom: buffer.scrollBottom,
        isCursorHidden: coreService.isCursorHidden,
        mouseEncoding: coreMouseService.activeEncoding,
        unfinished
      })
      return pictureOf(seen, format, ansiPicture(terminal), resume)
    }
  }
  return { screen, dispose: () => terminal.dispose() }
}

/** An escape character begins a sequence wherever it stands; what was cut off before it has no effect any more. */
const sinceEscape = (output: string) => output.slice(Math.max(0, output.lastIndexOf("\x1b"))).slice(0, longestSequence)

const blankRow: ScreenRow = { text: "", wrapped: false, dim: [], reverse: [] }

/** A row of the emulator. Attributes are walked over on demand: few rules ask, and it costs a look at every cell. */
class EmulatorRow implements ScreenRow {
  readonly text: string
  readonly wrapped: boolean
  private readonly line: Xterm.IBufferLine

  constructor(line: Xterm.IBufferLine) {
    this.line = line
    // Blanks only: composers draw no-break spaces that mean something.
    this.text = line.translateToString(true).replace(/ +$/, "")
    this.wrapped = line.isWrapped
  }

  get dim() {
    return columnsWhere(this.line, (cell) => cell.isDim() !== 0)
  }

  get reverse() {
    return columnsWhere(this.line, (cell) => cell.isInverse() !== 0)
  }
}

const columnsWhere = (line: Xterm.IBufferLine, has: (cell: Xterm.IBufferCell) => boolean) => {
  const ranges: Array<readonly [number, number]> = []
  let from: number | undefined
  let cell: Xterm.IBufferCell | undefined
  for (let column = 0; column <= line.length; column++) {
    cell = line.getCell(column, cell)
    const inside = column < line.length && cell !== undefined && has(cell)
    if (inside) from ??= column
    else if (from !== undefined) {
      ranges.push([from, column])
      from = undefined
    }
  }
  return ranges
}
