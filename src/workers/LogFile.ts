/**
 * The raw output of one agent, appended to a file that only the user can read (S 1.11). Writing is asynchronous with a
 * bound; a file that cannot be written is said once and costs the agent nothing.
 */
import { createWriteStream } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface LogFile {
  readonly unsafeAppend: (text: string) => void
  /** Completes at once, or when a slow disk has caught up. */
  readonly drained: Effect.Effect<void>
  /** Completes when everything is in the file; bounded. Nothing is appended after it. */
  readonly close: Effect.Effect<void>
}

/** Undefined for names that would leave the directory; such agents have no log. */
export const logPathOf = (directory: string, name: string): string | undefined =>
  /[/\\\0]/.test(name) || name === ".." ? undefined : join(directory, `${name}.log`)

export const none: LogFile = { unsafeAppend: () => {}, drained: Effect.void, close: Effect.void }

const highWaterBytes = 1024 * 1024

export const open = (path: string): Effect.Effect<LogFile, never, Scope.Scope> =>
  Effect.tryPromise(() => mkdir(dirname(path), { recursive: true, mode: 0o700 })).pipe(
    Effect.flatMap(() =>
      Effect.acquireRelease(
        Effect.sync(() => start(path)),
        (log) => log.close
      )
    ),
    Effect.tap((log) => Effect.forkScoped(log.complaint)),
    Effect.catchTag("UnknownException", (error) =>
      Effect.as(Effect.logWarning(`no log for this agent: cannot make ${dirname(path)}: ${String(error.cause)}`), none)
    )
  )

const start = (path: string): LogFile & { readonly complaint: Effect.Effect<void> } => {
  const stream = createWriteStream(path, { flags: "a", mode: 0o600, highWaterMark: highWaterBytes })
  const failed = new Promise<Error>((resolve) => stream.once("error", resolve))
  const ended = new Promise<void>((resolve) => stream.once("close", resolve))
  let closing = false
  return {
    unsafeAppend: (text) => {
      if (!closing && !stream.destroyed) stream.write(text)
    },
    drained: Effect.suspend(() =>
      stream.writableNeedDrain && !stream.destroyed
        ? Effect.async<void>((resume) => {
            const go = () => resume(Effect.void)
            stream.once("drain", go).once("close", go)
            return Effect.sync(() => void stream.off("drain", go).off("close", go))
          })
        : Effect.void
    ),
    close: Effect.suspend(() => {
      closing = true
      stream.end()
      return Effect.promise(() => ended)
    }).pipe(Effect.interruptible, Effect.timeoutOption("2 seconds"), Effect.asVoid),
    complaint: Effect.promise(() => failed).pipe(
      Effect.flatMap((error) => Effect.logWarning(`the log ${path} is not written any more: ${error.message}`))
    )
  }
}
