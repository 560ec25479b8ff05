/**
 * Files that another program writes, followed as it writes them: by the notices of the system, without polling. A notice that comes
 * while the last one is being looked into is looked into afterwards; a directory that is not there yet is waited for.
 */
import { createReadStream, existsSync, type FSWatcher, watch } from "node:fs"
import { open, readdir, readFile, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Larger lines are skipped: no message is that long. */
const longestLine = 8 * 1024 * 1024
const chunkBytes = 256 * 1024

/** Undefined: it is not there, or cannot be read. */
export const textOfFile = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((): undefined => undefined)

export const sizeOfFile = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined
  )

export const namesIn = (directory: string): Promise<ReadonlyArray<string>> =>
  readdir(directory).catch((): Array<string> => [])

/** False: it cannot be read. */
export const eachLine = (path: string, onLine: (line: string) => void): Promise<boolean> =>
  new Promise((done) => {
    const source = createReadStream(path, "utf8")
    source.on("error", () => done(false))
    createInterface({ input: source })
      .on("line", onLine)
      .on("close", () => done(true))
  })

/** The path of the file of this name in one of the directories below `directory`. */
export const findBelow = async (directory: string, name: string): Promise<string | undefined> => {
  if (name.includes("/")) return undefined
  for (const entry of await namesIn(directory)) {
    const path = join(directory, entry, name)
    if ((await sizeOfFile(path)) !== undefined) return path
  }
  return undefined
}

/** Runs one after the other; what is asked for meanwhile runs once more. */
const single = (run: () => Promise<void>): (() => void) => {
  let running = false
  let again = false
  const loop = async () => {
    running = true
    do {
      again = false
      // Whoever follows a file hears nothing of one that cannot be read.
      await run().catch(() => undefined)
    } while (again)
    running = false
  }
  return () => {
    again = true
    if (!running) void loop()
  }
}

export interface Following {
  /** Looks now, and watches if it does not yet. */
  readonly look: () => void
}

/** So far up a directory that is not there yet is waited for. */
const mostLevels = 3

interface Nearest {
  readonly directory: string
  /** What must come into it first; undefined: it is the directory that was meant. */
  readonly missing: string | undefined
}

const nearest = (path: string): Nearest | undefined => {
  let missing: string | undefined
  let at = path
  for (let level = 0; level <= mostLevels; level++) {
    if (existsSync(at)) return { directory: at, missing }
    missing = at
    at = dirname(at)
  }
  return undefined
}

/** Notices of one directory; while it is not there, of the nearest one above it. */
const watched = (path: string, look: () => void, watches: (filename: string | null) => boolean) => {
  let watcher: FSWatcher | undefined
  let stopped = false
  const close = () => {
    watcher?.close()
    watcher = undefined
  }
  const start = (): void => {
    const there = stopped || watcher !== undefined ? undefined : nearest(path)
    if (there === undefined) return
    const { directory, missing } = there
    try {
      const made = watch(directory, { persistent: false }, (_, filename) => {
        if (missing === undefined) {
          if (watches(filename)) look()
        } else if (existsSync(missing)) again()
      })
      made.on("error", () => {
        if (watcher === made) close()
      })
      watcher = made
    } catch {
      return
    }
    // It may have come between the two.
    if (missing !== undefined && existsSync(missing)) again()
  }
  const again = () => {
    close()
    start()
    look()
  }
  return {
    start,
    stop: () => {
      stopped = true
      close()
    }
  }
}

/** Files in one directory, which may come later: whoever looks is told the names that changed; undefined: any may have. */
export const followDirectory = (
  directory: string,
  onNames: (names: ReadonlySet<string> | undefined) => Promise<void>
): Effect.Effect<Following, never, Scope.Scope> =>
  Effect.gen(function* () {
    let names: Set<string> | undefined
    const run = single(async () => {
      const changed = names
      names = undefined
      await onNames(changed)
    })
    const { start, stop } = watched(directory, run, (filename) => {
      if (filename !== null) names = new Set([...(names ?? []), filename])
      return true
    })
    yield* Effect.addFinalizer(() => Effect.sync(stop))
    return {
      look: () => {
        start()
        run()
      }
    }
  })

/** The lines that are added to a file from `from` on, whole ones, in order. Looked for in its directory until it is there. */
export const followLines = (
  path: string,
  from: number,
  onLine: (line: string) => void
): Effect.Effect<Following, never, Scope.Scope> =>
  Effect.gen(function* () {
    let position = from
    let rest = ""
    let skipping = false
    let stopped = false
    const add = (text: string) => {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) {
        if (skipping) skipping = false
        else if (line !== "") onLine(line)
      }
      if (rest.length > longestLine) {
        rest = ""
        skipping = true
      }
    }
    const decoder = new TextDecoder("utf-8")
    const run = single(async () => {
      const file = await open(path, "r").catch((): undefined => undefined)
      if (file === undefined) return
      try {
        const buffer = Buffer.allocUnsafe(chunkBytes)
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, chunkBytes, position)
          if (bytesRead === 0 || stopped) return
          position += bytesRead
          add(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }))
        }
      } finally {
        await file.close()
      }
    })
    const name = basename(path)
    const { start, stop } = watched(dirname(path), run, (filename) => filename === null || filename === name)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        stopped = true
        stop()
      })
    )
    return {
      look: () => {
        start()
        run()
      }
    }
  })
