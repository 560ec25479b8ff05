/** Follows a file that another program writes lines into, from its beginning. */
import { closeSync, type FSWatcher, fstatSync, ftruncateSync, openSync, readSync, watch } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const pieceBytes = 256 * 1024
/** What was read is given back to the disk once it is so much … */
const keptBytes = 16 * 1024 * 1024
/** … and its writer has been quiet for so long: what it wrote meanwhile would be lost. */
const quietMillis = 10_000

/**
 * Whole lines, in order, as they come. The file may be emptied meanwhile: its writer keeps its place, and so does the reader.
 * `onLost`: nothing will come any more.
 */
export const followLines = (
  path: string,
  onLine: (line: string) => void,
  onLost: (reason: string) => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const piece = Buffer.alloc(pieceBytes)
    let position = 0
    let emptied = 0
    let quiet: ReturnType<typeof setTimeout> | undefined
    let rest: Array<Buffer> = []
    let failed = false
    const lost = (error: unknown) => {
      if (!failed) onLost(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      failed = true
    }
    const descriptor = yield* Effect.acquireRelease(
      Effect.sync(() => {
        try {
          return openSync(path, "r+")
        } catch (error) {
          lost(error)
          return undefined
        }
      }),
      (opened) => Effect.sync(() => opened !== undefined && closeSync(opened))
    )
    if (descriptor === undefined) return

    const take = (bytes: Buffer) => {
      let from = 0
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
        const line = Buffer.concat([...rest, bytes.subarray(from, at)]).toString("utf8")
        rest = []
        from = at + 1
        if (line !== "") onLine(line)
      }
      if (from < bytes.length) rest.push(Buffer.from(bytes.subarray(from)))
    }
    const empty = () => {
      try {
        if (rest.length > 0 || fstatSync(descriptor).size !== position) return
        emptied = position
        ftruncateSync(descriptor, 0)
      } catch (error) {
        lost(error)
      }
    }
    const read = () => {
      if (failed) return
      try {
        for (let count = -1; count !== 0; ) {
          count = readSync(descriptor, piece, 0, pieceBytes, position)
          position += count
          if (count > 0) take(piece.subarray(0, count))
        }
        if (position - emptied < keptBytes) return
        clearTimeout(quiet)
        quiet = setTimeout(empty, quietMillis)
      } catch (error) {
        lost(error)
      }
    }
    yield* Effect.acquireRelease(
      Effect.sync((): FSWatcher | undefined => {
        try {
          const watcher = watch(path, read)
          watcher.on("error", lost)
          return watcher
        } catch (error) {
          lost(error)
          return undefined
        }
      }),
      (watcher) =>
        Effect.sync(() => {
          watcher?.close()
          clearTimeout(quiet)
        })
    )
    yield* Effect.sync(read)
  })
