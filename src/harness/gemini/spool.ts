/**
 * A directory into which an agent's program puts what its hooks are given, one JSON document a file. Each is read once it is
 * whole, in the order in which they were written, and removed.
 */
import { type FSWatcher, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { parsedJson } from "../jsonEntry.ts"

/** 0700; its name ends with the launch. */
export const makeSpool = (directory: string): Effect.Effect<string, Error> =>
  Effect.try({
    try: () => {
      const path = join(directory, "hooks")
      mkdirSync(path, { recursive: true, mode: 0o700 })
      return path
    },
    catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
  })

const whole = (path: string): unknown => {
  try {
    return parsedJson(readFileSync(path, "utf8"))
  } catch {
    // Read by a look before this one.
    return undefined
  }
}

const modified = (path: string): bigint => statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n

/** What is there now and what comes, until the scope ends. `onLost`: nothing will come any more. */
export const followSpool = (
  directory: string,
  onDocument: (document: unknown) => void,
  onLost: (reason: string) => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const look = () => {
      try {
        const paths = readdirSync(directory)
          .filter((name) => name.endsWith(".json"))
          .map((name) => join(directory, name))
        const inOrder = paths
          .map((path) => ({ path, at: modified(path) }))
          .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
        for (const { path } of inOrder) {
          const document = whole(path)
          // The beginning of a JSON object is none: the rest is still to come, and is told as a change.
          if (document === undefined) continue
          rmSync(path, { force: true })
          onDocument(document)
        }
      } catch (error) {
        onLost(`${directory}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    yield* Effect.acquireRelease(
      Effect.sync((): FSWatcher | undefined => {
        try {
          const watcher = watch(directory, look)
          watcher.on("error", ({ message }) => onLost(`${directory}: ${message}`))
          return watcher
        } catch (error) {
          onLost(`${directory}: ${error instanceof Error ? error.message : String(error)}`)
          return undefined
        }
      }),
      (watcher) => Effect.sync(() => watcher?.close())
    )
    yield* Effect.sync(look)
  })
