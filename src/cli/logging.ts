/**
 * The daemon's log on stderr, because stdout belongs to the API line: for people on a terminal, JSON otherwise, one record
 * per line. `RELAY_LOG_LEVEL` or `RUST_LOG` set the level, `RELAY_LOG_FORMAT` the form, `AGENT_RELAY_BROKER_LOG` the
 * place; the file is `telemetry/fileLogging`.
 */
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import {
  jsonLine,
  type LogRecord,
  logfmt,
  logLevel,
  logPlace,
  nameOf,
  quoted,
  recordOf
} from "../telemetry/LogRecord.ts"
import { cyan, dim, red, yellow } from "./Paint.ts"

const levelColor = (level: LogLevel.LogLevel) =>
  LogLevel.greaterThanEqual(level, LogLevel.Error)
    ? red
    : LogLevel.greaterThanEqual(level, LogLevel.Warning)
      ? yellow
      : LogLevel.greaterThanEqual(level, LogLevel.Info)
        ? cyan
        : dim

/** One line but for a cause, whose stack follows indented. */
export const pretty = ({ annotations, cause, date, level, message }: LogRecord): string => {
  const two = (n: number, width = 2) => String(n).padStart(width, "0")
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`
  const fields = annotations.map(([key, value]) => dim(`${key}=${quoted(value)}`))
  const line = [dim(time), levelColor(level)(nameOf(level).padEnd(5)), message.replace(/\s*\n\s*/g, " "), ...fields]
  return line.join(" ") + (cause === "" ? "" : `\n  ${cause.replace(/\n/g, "\n  ")}`)
}

const bare = { annotations: [], cause: "" }

type Environment = Readonly<Record<string, string | undefined>>

const format = (env: Environment, isTerminal: boolean): ((record: LogRecord) => string) => {
  const wish = env["RELAY_LOG_FORMAT"]?.trim().toLowerCase()
  if (wish === "json") return jsonLine
  if (wish === "logfmt") return logfmt
  return isTerminal || wish === "pretty" ? pretty : jsonLine
}

export interface LoggingOptions {
  readonly env: Environment
  /** Whether stderr is a terminal with colours. */
  readonly isTerminal: boolean
  readonly write: (text: string) => void
  /** Bytes that were written and nobody has read yet. */
  readonly unreadBytes?: () => number
}

/**
 * What is kept in memory for a reader of stderr who stopped reading, as a parent does that waits for the API line only and
 * leaves the pipe open. Node would keep all of it, for weeks.
 */
export const unreadLimitBytes = 1024 * 1024

export const layerLogging = ({ env, isTerminal, unreadBytes = () => 0, write }: LoggingOptions): Layer.Layer<never> => {
  const show = format(env, isTerminal)
  const toStderr = logPlace(env) === "both" || logPlace(env) === "stderr"
  let dropped = 0
  const lostBefore = (date: Date) =>
    show({ date, level: LogLevel.Warning, message: `${dropped} log records dropped: stderr was not read`, ...bare })
  const logger = Logger.make((options) => {
    if (unreadBytes() > unreadLimitBytes) {
      dropped += 1
      return
    }
    const note = dropped === 0 ? "" : `${lostBefore(options.date)}\n`
    dropped = 0
    write(`${note}${show(recordOf(options))}\n`)
  })
  return Layer.merge(
    toStderr ? Logger.replace(Logger.defaultLogger, logger) : Logger.remove(Logger.defaultLogger),
    Logger.minimumLogLevel(logLevel(env))
  )
}
