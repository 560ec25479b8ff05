/**
 * The daemon's log: one record per line, on stderr only, because stdout belongs to the API line. For people on a terminal,
 * logfmt or JSON otherwise. `RELAY_LOG_LEVEL` or `RUST_LOG` set the level, `RELAY_LOG_FORMAT` the form, and
 * `AGENT_RELAY_BROKER_LOG=off` silences it (S 1.10).
 */
import * as Cause from "effect/Cause"
import * as HashMap from "effect/HashMap"
import { toStringUnknown } from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { cyan, dim, red, yellow } from "./Paint.ts"

type Environment = Readonly<Record<string, string | undefined>>

export interface LogRecord {
  readonly date: Date
  readonly level: LogLevel.LogLevel
  readonly message: string
  readonly annotations: ReadonlyArray<readonly [key: string, value: string]>
  /** Failure or defect with its stack; empty when there is none. */
  readonly cause: string
}

const silent = new Set(["off", "none", "0", "false", "no"])

const levels: Readonly<Record<string, LogLevel.LogLevel>> = {
  off: LogLevel.None,
  error: LogLevel.Error,
  warn: LogLevel.Warning,
  warning: LogLevel.Warning,
  info: LogLevel.Info,
  debug: LogLevel.Debug,
  trace: LogLevel.Trace
}

/** `RUST_LOG` is a filter like `info,relay=debug`: its part without a target counts. */
export const logLevel = (env: Environment): LogLevel.LogLevel => {
  if (silent.has(env["AGENT_RELAY_BROKER_LOG"]?.trim().toLowerCase() ?? "")) return LogLevel.None
  const wishes = [env["RELAY_LOG_LEVEL"], ...(env["RUST_LOG"] ?? "").split(",")]
  return wishes.flatMap((wish) => levels[wish?.trim().toLowerCase() ?? ""] ?? [])[0] ?? LogLevel.Info
}

const text = (value: unknown): string =>
  value instanceof Error ? value.message : Redacted.isRedacted(value) ? String(value) : toStringUnknown(value, 0)

const quoted = (value: string) => (/^[\w@%+:,./#-]+$/.test(value) ? value : JSON.stringify(value))
const labels: Readonly<Record<string, string>> = { WARN: "WARN", FATAL: "FATAL" }
const nameOf = (level: LogLevel.LogLevel) => labels[level.label] ?? level.label

export const logfmt = ({ annotations, cause, date, level, message }: LogRecord): string =>
  [
    ["time", date.toISOString()] as const,
    ["level", nameOf(level).toLowerCase()] as const,
    ["message", message] as const,
    ...annotations,
    ...(cause === "" ? [] : [["cause", cause] as const])
  ]
    .map(([key, value]) => `${key.replace(/[^\w.-]/g, "_")}=${quoted(value)}`)
    .join(" ")

export const jsonLine = ({ annotations, cause, date, level, message }: LogRecord): string =>
  JSON.stringify({
    ...Object.fromEntries(annotations),
    time: date.toISOString(),
    level: nameOf(level).toLowerCase(),
    message,
    ...(cause === "" ? {} : { cause })
  })

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

const format = (env: Environment, isTerminal: boolean): ((record: LogRecord) => string) => {
  const wish = env["RELAY_LOG_FORMAT"]?.trim().toLowerCase()
  if (wish === "json") return jsonLine
  if (wish === "logfmt") return logfmt
  return isTerminal || wish === "pretty" ? pretty : logfmt
}

export interface LoggingOptions {
  readonly env: Environment
  /** Whether stderr is a terminal with colours. */
  readonly isTerminal: boolean
  readonly write: (text: string) => void
}

export const layerLogging = ({ env, isTerminal, write }: LoggingOptions): Layer.Layer<never> => {
  const show = format(env, isTerminal)
  const logger = Logger.make(({ annotations, cause, date, logLevel, message }) => {
    const parts = Array.isArray(message) ? message : [message]
    const record: LogRecord = {
      date,
      level: logLevel,
      message: parts.map(text).join(" "),
      annotations: HashMap.toEntries(annotations)
        .map(([key, value]) => [key, text(value)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      cause: Cause.isEmpty(cause) ? "" : Cause.pretty(cause, { renderErrorCause: true })
    }
    write(`${show(record)}\n`)
  })
  return Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(logLevel(env)))
}
