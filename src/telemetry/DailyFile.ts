/**
 * A log file per day, `<id>.log.YYYY-MM-DD` in UTC, that only the user can read; the oldest go. Writing is
 * asynchronous and bounded: a slow disk costs lines, never time. A file that cannot be opened costs the log of that day,
 * is told once, and is tried again with the next.
 */
import { createWriteStream, mkdirSync, openSync, readdirSync, rmSync, type WriteStream } from "node:fs"
import { join, posix, win32 } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { jsonLine, recordOf } from "./LogRecord.ts"

export const keptDays = 14
const highWaterBytes = 4 * 1024 * 1024

/** Where the logs of a user are. */
export const logDirectory = (o: {
  readonly env: { readonly [name: string]: string | undefined }
  readonly platform: NodeJS.Platform
  readonly home: string
}): string => {
  switch (o.platform) {
    case "win32":
      return win32.join(
        o.env["LOCALAPPDATA"] ?? win32.join(o.home, "AppData", "Local"),
        "agentworkforce",
        "relay",
        "Logs"
      )
    case "darwin":
      return posix.join(o.home, "Library", "Logs", "agentworkforce", "relay")
    default: {
      const state = o.env["XDG_STATE_HOME"]?.trim()
      // A relative path is invalid by the XDG specification.
      const base = state !== undefined && posix.isAbsolute(state) ? state : posix.join(o.home, ".local", "state")
      return posix.join(base, "agentworkforce", "relay", "logs")
    }
  }
}

/** Files of `id`, oldest first. */
const filesOf = (directory: string, id: string): ReadonlyArray<string> =>
  readdirSync(directory)
    .filter((name) => name.startsWith(`${id}.log.`) && /^\d{4}-\d\d-\d\d$/.test(name.slice(id.length + 5)))
    .sort()

interface DailyFile {
  readonly append: (line: string, date: Date) => void
  /** Completes when everything is in the file, or after a second. */
  readonly close: () => Promise<void>
}

export const openDailyFile = (o: {
  readonly directory: string
  readonly id: string
  /** Told in one sentence when there is no file to write to. */
  readonly complain: (reason: string) => void
}): DailyFile => {
  let day = ""
  let stream: WriteStream | undefined
  let dropped = 0

  const fail = (error: unknown): void => {
    stream = undefined
    o.complain(error instanceof Error ? error.message : String(error))
  }

  const open = (today: string): void => {
    day = today
    stream?.end()
    try {
      mkdirSync(o.directory, { recursive: true, mode: 0o700 })
      const fd = openSync(join(o.directory, `${o.id}.log.${today}`), "a", 0o600)
      const opened = createWriteStream("", { fd })
      opened.on("error", (error) => {
        if (stream === opened) fail(error)
      })
      stream = opened
      for (const name of filesOf(o.directory, o.id).slice(0, -keptDays))
        rmSync(join(o.directory, name), { force: true })
    } catch (error) {
      fail(error)
    }
  }

  return {
    append: (line, date) => {
      const today = date.toISOString().slice(0, 10)
      if (today !== day) open(today)
      if (stream === undefined) return
      if (stream.writableLength > highWaterBytes) {
        dropped += 1
        return
      }
      const note = dropped === 0 ? "" : `${JSON.stringify({ time: date.toISOString(), level: "warn", dropped })}\n`
      dropped = 0
      stream.write(`${note}${line}\n`)
    },
    close: () =>
      new Promise((done) => {
        const last = stream
        stream = undefined
        if (last === undefined) return done()
        last.end(() => done())
        last.once("error", () => done())
      })
  }
}

// The log in a file of the day, besides whatever else the program logs to. JSON, one record per line.

export const fileLogging = (o: { readonly directory: string; readonly id: string }): Layer.Layer<never> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      let reason: string | undefined
      const file = yield* Effect.acquireRelease(
        Effect.sync(() =>
          openDailyFile({
            ...o,
            complain: (why) => {
              reason = why
            }
          })
        ),
        ({ close }) => Effect.promise(close).pipe(Effect.interruptible, Effect.timeoutOption("1 second"), Effect.asVoid)
      )
      const tell = Effect.suspend(() => {
        const why = reason
        reason = undefined
        return why === undefined ? Effect.void : Effect.logWarning(`no log file: ${why}`)
      })
      yield* Effect.forkScoped(Effect.forever(Effect.delay(tell, "1 second")))
      return Logger.add(
        Logger.make((options) => {
          const record = recordOf(options)
          file.append(jsonLine(record), record.date)
        })
      )
    })
  )
