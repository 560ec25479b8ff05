/**
 * Small files that only their owner may read: 0600 in directories of 0700, written whole or not at all. A reader sees
 * the old content or the new one, and after a power cut one of the two.
 */
import { randomBytes } from "node:crypto"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

export interface PrivateFiles {
  /** None when there is no file. Group and others lose their access to the file, should they have it. */
  readonly read: (file: string) => Effect.Effect<Option.Option<string>, PlatformError>
  /** Replaces what is there. */
  readonly write: (file: string, content: string) => Effect.Effect<void, PlatformError>
  /** False when somebody else made the file first; it is left as it is. */
  readonly create: (file: string, content: string) => Effect.Effect<boolean, PlatformError>
  /** Makes a directory of 0700, with all above it; one that is there is made private. */
  readonly makeDirectory: (directory: string) => Effect.Effect<void, PlatformError>
}

const is = (reason: string) => (error: PlatformError) => error._tag === "SystemError" && error.reason === reason

export const make: Effect.Effect<PrivateFiles, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const modes = process.platform !== "win32"

  const tighten = (at: string, mode: number) =>
    modes
      ? Effect.flatMap(fs.stat(at), (info) => ((info.mode & 0o077) === 0 ? Effect.void : fs.chmod(at, mode)))
      : Effect.void

  /** Not every file system can, and none needs to: the rename is then as durable as the system makes it. */
  const syncDirectory = (directory: string) =>
    Effect.scoped(Effect.flatMap(fs.open(directory, { flag: "r" }), (handle) => handle.sync)).pipe(
      Effect.catchAll((error) => Effect.logTrace(`directory not synced: ${error.message}`))
    )

  /** Runs `place` with a complete, synced file beside `file`, and removes that one whatever happens. */
  const withTemporary = <A>(
    file: string,
    content: string,
    place: (temporary: string) => Effect.Effect<A, PlatformError>
  ) => {
    const directory = path.dirname(file)
    const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`)
    const writeAll = Effect.scoped(
      Effect.flatMap(fs.open(temporary, { flag: "wx", mode: 0o600 }), (handle) =>
        Effect.zipRight(handle.writeAll(new TextEncoder().encode(content)), handle.sync)
      )
    )
    return Effect.zipRight(writeAll, place(temporary)).pipe(
      Effect.ensuring(
        fs
          .remove(temporary, { force: true })
          .pipe(Effect.catchAll((error) => Effect.logDebug(`temporary file not removed: ${error.message}`)))
      ),
      Effect.zipLeft(syncDirectory(directory)),
      Effect.uninterruptible
    )
  }

  const makeDirectory = (directory: string) =>
    Effect.zipRight(fs.makeDirectory(directory, { recursive: true, mode: 0o700 }), tighten(directory, 0o700))

  return {
    makeDirectory,
    read: (file) =>
      fs.readFileString(file).pipe(
        Effect.tap(() =>
          tighten(file, 0o600).pipe(
            Effect.catchAll((error) => Effect.logDebug(`mode of ${file} not changed: ${error.message}`))
          )
        ),
        Effect.asSome,
        Effect.catchIf(is("NotFound"), () => Effect.succeed(Option.none<string>()))
      ),
    write: (file, content) => withTemporary(file, content, (temporary) => fs.rename(temporary, file)),
    create: (file, content) =>
      withTemporary(file, content, (temporary) =>
        fs.link(temporary, file).pipe(
          Effect.as(true),
          Effect.catchIf(is("AlreadyExists"), () => Effect.succeed(false)),
          // a file system without hard links: the rename is whole, too, only not exclusive
          Effect.catchAll(() => Effect.as(fs.rename(temporary, file), true))
        )
      )
  }
})
