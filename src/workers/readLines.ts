/**
 * Lines of a program without a terminal, as they come and no faster than the pace allows (design 7): the rest waits in the
 * pipe, and the program with it.
 */
import type { Readable } from "node:stream"
import * as Effect from "effect/Effect"
import { steadyMillis } from "../domain/Steady.ts"
import type * as ReadingPace from "./ReadingPace.ts"

export interface ReadLinesOptions {
  readonly onLine: (line: string) => void
  readonly share: ReadingPace.Share
  /** As `LogFile.drained`. */
  readonly drained: Effect.Effect<void>
}

/** A longer one comes in pieces: a program that never ends its line must not fill the memory. */
export const longestLine = 64 * 1024
/** What a line costs beyond its characters. */
const lineCost = 16

const inPieces = (line: string): ReadonlyArray<string> =>
  line.length <= longestLine
    ? [line]
    : Array.from({ length: Math.ceil(line.length / longestLine) }, (_, at) =>
        line.slice(at * longestLine, (at + 1) * longestLine)
      )

/** Whole lines, and what is left for the next text. A carriage return ends one too; at the end it may belong to a newline. */
const splitLines = (text: string): readonly [lines: ReadonlyArray<string>, rest: string] => {
  const lines = text.split(/\r\n|\n|\r(?!$)/).flatMap(inPieces)
  const rest = lines.pop() ?? ""
  return [lines, rest]
}

/** Reads to the end of the stream, or until it is destroyed. */
export const readLines = (stream: Readable, { drained, onLine, share }: ReadLinesOptions): Effect.Effect<void> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    let look = () => {}
    stream.setEncoding("utf8")
    for (const event of ["readable", "end", "close"]) stream.on(event, () => look())
    stream.on("error", () => {})
    /** Undefined at the end. */
    const next = Effect.async<string | undefined>((resume) => {
      look = () => {
        const text: string | null = stream.destroyed ? null : stream.read()
        if (text === null && !stream.destroyed && !stream.readableEnded) return
        look = () => {}
        resume(Effect.succeed(text ?? undefined))
      }
      look()
    })
    let rest = ""
    for (;;) {
      const text = yield* next
      const [lines, left] = splitLines(rest + (text ?? ""))
      rest = left
      for (const line of lines) {
        onLine(line)
        const pauseMillis = share(line.length + lineCost, steadyMillis(clock))
        if (pauseMillis > 0) yield* Effect.sleep(pauseMillis)
      }
      yield* drained
      if (text !== undefined) continue
      const last = rest.replace(/\r$/, "")
      if (last !== "") onLine(last)
      return
    }
  })
