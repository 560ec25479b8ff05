/** Reads, replaces and removes files that belong to the user: whole or not at all, through links, with the mode they have. */
import { randomBytes } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { LaunchFailed } from "../domain/Errors.ts"

const attempt = <A>(step: string, run: () => A): Effect.Effect<A, LaunchFailed> =>
  Effect.try({ try: run, catch: (cause) => new LaunchFailed({ step, reason: (cause as Error).message }) })

/** Undefined: there is none. */
export const read = (path: string): Effect.Effect<Buffer | undefined, LaunchFailed> =>
  attempt(`read ${path}`, () => (existsSync(path) ? readFileSync(path) : undefined))

/** Directories that are missing above `path`, outermost first. */
export const missingDirectories = (path: string): ReadonlyArray<string> => {
  const missing: Array<string> = []
  for (let directory = dirname(path); !existsSync(directory); directory = dirname(directory)) missing.unshift(directory)
  return missing
}

export const write = (path: string, content: Uint8Array): Effect.Effect<void, LaunchFailed> =>
  attempt(`write ${path}`, () => {
    mkdirSync(dirname(path), { recursive: true })
    const there = existsSync(path)
    const target = there ? realpathSync(path) : path
    const temporary = join(dirname(target), `.relay-broker-${randomBytes(6).toString("hex")}.tmp`)
    try {
      writeFileSync(temporary, content, { flag: "wx", mode: there ? statSync(target).mode & 0o777 : 0o600 })
      renameSync(temporary, target)
    } finally {
      rmSync(temporary, { force: true })
    }
  })

export const remove = (path: string): Effect.Effect<void, LaunchFailed> =>
  attempt(`remove ${path}`, () => rmSync(path, { force: true }))

/** Those of them that are empty, innermost first. */
export const removeEmpty = (directories: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(
    [...directories].reverse(),
    (directory) =>
      attempt(`remove ${directory}`, () => rmdirSync(directory)).pipe(
        Effect.catchAll((error) => Effect.logDebug(`left there: ${error.message}`))
      ),
    { discard: true }
  )
