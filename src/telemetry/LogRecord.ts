/** One line of the log as data, and as JSON and logfmt. Credentials are taken out here, for every form and every place. */
import * as Cause from "effect/Cause"
import * as HashMap from "effect/HashMap"
import { toStringUnknown } from "effect/Inspectable"
import type * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { redacted } from "../domain/redacted.ts"

export interface LogRecord {
  readonly date: Date
  readonly level: LogLevel.LogLevel
  readonly message: string
  readonly annotations: ReadonlyArray<readonly [key: string, value: string]>
  /** Failure or defect with its stack; empty when there is none. */
  readonly cause: string
}

type Environment = Readonly<Record<string, string | undefined>>

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
  if (logPlace(env) === "nowhere") return LogLevel.None
  const wishes = [env["RELAY_LOG_LEVEL"], ...(env["RUST_LOG"] ?? "").split(",")]
  return wishes.flatMap((wish) => levels[wish?.trim().toLowerCase() ?? ""] ?? [])[0] ?? LogLevel.Info
}

/** `AGENT_RELAY_BROKER_LOG`. Unset, the log goes to both: 9.1.6 wrote the file only, and people look at stderr. */
export const logPlace = (env: Environment): "both" | "file" | "stderr" | "nowhere" => {
  const wish = env["AGENT_RELAY_BROKER_LOG"]?.trim().toLowerCase() ?? ""
  if (silent.has(wish)) return "nowhere"
  if (wish === "") return "both"
  return wish === "stderr" || wish === "print" ? "stderr" : "file"
}

const text = (value: unknown): string =>
  value instanceof Error ? value.message : Redacted.isRedacted(value) ? String(value) : toStringUnknown(value, 0)

export const recordOf = ({
  annotations,
  cause,
  date,
  logLevel,
  message
}: Logger.Logger.Options<unknown>): LogRecord => {
  const parts = Array.isArray(message) ? message : [message]
  return {
    date,
    level: logLevel,
    message: redacted(parts.map(text).join(" ")),
    annotations: HashMap.toEntries(annotations)
      .map(([key, value]) => [key, redacted(text(value))] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    cause: Cause.isEmpty(cause) ? "" : redacted(Cause.pretty(cause, { renderErrorCause: true }))
  }
}

export const quoted = (value: string) => (/^[\w@%+:,./#-]+$/.test(value) ? value : JSON.stringify(value))

const labels: Readonly<Record<string, string>> = { WARN: "WARN", FATAL: "FATAL" }
export const nameOf = (level: LogLevel.LogLevel) => labels[level.label] ?? level.label

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

/** What a record says for itself wins over an annotation of the same name. */
export const jsonLine = ({ annotations, cause, date, level, message }: LogRecord): string =>
  JSON.stringify({
    time: date.toISOString(),
    level: nameOf(level).toLowerCase(),
    message,
    ...Object.fromEntries(
      annotations.filter(([key]) => key !== "time" && key !== "level" && key !== "message" && key !== "cause")
    ),
    ...(cause === "" ? {} : { cause })
  })
