/**
 * The raw output of one agent, appended to a file that only the user can read (S 1.11). Writing is asynchronous with a
 * bound; a file that cannot be written is said once and costs the agent nothing. Output is collected for a moment: a
 * write wakes another thread, which costs more than all else that is done with a chunk, at the very time when the echo of
 * a message is to be answered with Enter.
 */
import { createWriteStream } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"

export interface LogFile {
  readonly unsafeAppend: (text: string, nowMillis: number) => void
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
/** How long and how much is collected at most: what a broker that is killed does not log. */
const collectMillis = 100
const collectCharacters = 64 * 1024

export const open = (path: string): Effect.Effect<LogFile, never, Scope.Scope> =>
  Effect.tryPromise(() => mkdir(dirname(path), { recursive: true, mode: 0o700 })).pipe(
    Effect.flatMap(() => Effect.acquireRelease(start(path), (log) => log.close)),
    Effect.tap((log) => Effect.forkScoped(log.complaint)),
    Effect.catchTag("UnknownException", (error) =>
      Effect.as(Effect.logWarning(`no log for this agent: cannot make ${dirname(path)}: ${String(error.cause)}`), none)
    )
  )

const start = (path: string) =>
  Effect.gen(function* () {
    const stream = createWriteStream(path, { flags: "a", mode: 0o600, highWaterMark: highWaterBytes })
    const failed = new Promise<Error>((resolve) => stream.once("error", resolve))
    const ended = new Promise<void>((resolve) => stream.once("close", resolve))
    let closing = false
    let collected = ""
    const write = () => {
      if (collected !== "" && !stream.destroyed) stream.write(collected)
      collected = ""
    }
    const alarm = yield* Alarm.make(write)

    const log: LogFile = {
      unsafeAppend: (text, nowMillis) => {
        if (closing || text === "") return
        if (collected === "") alarm.unsafeSet(nowMillis + collectMillis)
        collected += text
        if (collected.length >= collectCharacters) write()
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
        write()
        stream.end()
        return Effect.promise(() => ended)
      }).pipe(Effect.interruptible, Effect.timeoutOption("2 seconds"), Effect.asVoid)
    }
    const complaint = Effect.promise(() => failed).pipe(
      Effect.flatMap((error) => Effect.logWarning(`the log ${path} is not written any more: ${error.message}`))
    )
    return { ...log, complaint }
  })
