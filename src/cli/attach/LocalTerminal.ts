/**
 * The terminal in front of the person, as a scoped resource: raw, on its alternate screen. It is given back as it was when
 * the scope ends, when the process ends without that, and when it hangs up.
 */
import { writeSync } from "node:fs"
import type { ReadStream, WriteStream } from "node:tty"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Size } from "./Painter.ts"

export class NotATerminal extends Schema.TaggedError<NotATerminal>()("NotATerminal", { stream: Schema.String }) {
  override get message() {
    return `${this.stream} is not a terminal`
  }
  get wayOut() {
    return "run it in a terminal; `relay-broker logs -f` and `relay-broker dump-pty` need none"
  }
}

export interface LocalTerminal {
  readonly size: () => Size
  readonly write: (text: string) => void
}

export interface LocalHandlers {
  readonly onInput: (text: string) => void
  readonly onResize: () => void
  readonly onHangup: () => void
}

/** No wrapping at the edge: rows are drawn cropped. */
const enter = "\x1b[?1049h\x1b[?7l\x1b[0m\x1b[H\x1b[2J"
/** Everything that was mirrored or set, then the main screen with its cursor. */
const leave =
  "\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"

const standardOutput = 1

interface Streams {
  readonly stdin: ReadStream
  readonly stdout: WriteStream
}

export const open = (handlers: LocalHandlers): Effect.Effect<LocalTerminal, NotATerminal, Scope.Scope> =>
  Effect.gen(function* () {
    const { stdin, stdout }: Streams = process
    if (!stdin.isTTY) return yield* new NotATerminal({ stream: "stdin" })
    if (!stdout.isTTY) return yield* new NotATerminal({ stream: "stdout" })
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const restore = once(() => giveBack({ stdin, stdout }))
        const listeners = { onInput: (data: string) => handlers.onInput(data) }
        stdin.setEncoding("utf8")
        stdin.on("data", listeners.onInput)
        stdin.on("end", handlers.onHangup)
        stdout.on("resize", handlers.onResize)
        process.on("SIGHUP", handlers.onHangup)
        process.on("exit", restore)
        stdin.setRawMode(true)
        stdin.resume()
        stdout.write(enter)
        return { restore, listeners }
      }),
      ({ listeners, restore }) =>
        Effect.sync(() => {
          stdin.off("data", listeners.onInput)
          stdin.off("end", handlers.onHangup)
          stdout.off("resize", handlers.onResize)
          process.off("SIGHUP", handlers.onHangup)
          process.off("exit", restore)
          restore()
          stdin.pause()
        })
    )
    return {
      size: () => ({ cols: Math.max(1, stdout.columns), rows: Math.max(1, stdout.rows) }),
      write: (text) => void stdout.write(text)
    }
  })

const once = (run: () => void) => {
  let ran = false
  return () => {
    if (ran) return
    ran = true
    run()
  }
}

/** Synchronous, because it may be the last thing that the process does. */
const giveBack = ({ stdin }: Streams) => {
  try {
    writeSync(standardOutput, leave)
  } catch {
    // The terminal is gone, or takes nothing: there is nothing to be given back.
  }
  if (!stdin.destroyed) stdin.setRawMode(false)
}
