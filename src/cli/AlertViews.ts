/**
 * Alerts for a person who was woken up: worst first; what, since when, how often, what to do. Plain functions from the
 * API's answers to lines, for a terminal of any width.
 */
import type { PastAlertEntry } from "../api/broker/api.ts"
import type { AlertEntry } from "../api/Shapes.ts"
import { bold, cyan, dim, green, harmless, red, yellow } from "./Paint.ts"
import { duration, table } from "./Table.ts"

export const severityColor = { critical: red, error: red, warning: yellow, low: cyan } as const

/** At word ends; a longer word is cut. Never fewer than 20 characters, whatever the terminal says. */
export const wrapped = (text: string, columns: number): ReadonlyArray<string> => {
  const width = Math.max(20, columns)
  const lines: Array<string> = []
  let line = ""
  for (const word of harmless(text).split(" ")) {
    let rest = word
    while ([...rest].length > width) {
      if (line !== "") lines.push(line)
      line = ""
      lines.push([...rest].slice(0, width).join(""))
      rest = [...rest].slice(width).join("")
    }
    const joined = line === "" ? rest : `${line} ${rest}`
    if ([...joined].length <= width) line = joined
    else {
      lines.push(line)
      line = rest
    }
  }
  return line === "" ? lines : [...lines, line]
}

/** Local time; the day only when it is another one. */
export const clock = (iso: string, nowMillis: number): string => {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, "0")
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return at.toDateString() === new Date(nowMillis).toDateString()
    ? time
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

const ago = (iso: string, nowMillis: number) => duration(nowMillis - Date.parse(iso))

const field = (label: string, text: string, columns: number): ReadonlyArray<string> =>
  wrapped(text, columns - 9).map((line, i) => `  ${dim((i === 0 ? label : "").padEnd(6))} ${line}`)

const often = ({ count, last }: AlertEntry, nowMillis: number) =>
  count === 1 ? "once" : `${count} times, last ${ago(last, nowMillis)} ago`

const block = (alert: AlertEntry, columns: number, nowMillis: number): ReadonlyArray<string> => [
  `${severityColor[alert.severity](alert.severity.toUpperCase())}  ${bold(alert.code)}  ${harmless(alert.subject)}`,
  ...field(
    "since",
    `${clock(alert.since, nowMillis)} (${ago(alert.since, nowMillis)} ago), ${often(alert, nowMillis)}`,
    columns
  ),
  ...field("what", alert.message, columns),
  ...field("means", alert.meaning, columns),
  ...field("do", alert.remedy, columns)
]

const summary = (alerts: ReadonlyArray<AlertEntry>): string => {
  const counts = (["critical", "error", "warning", "low"] as const).flatMap((severity) => {
    const n = alerts.filter((alert) => alert.severity === severity).length
    return n === 0 ? [] : [severityColor[severity](`${n} ${severity}`)]
  })
  return counts.join(", ")
}

export interface Look {
  readonly columns: number
  readonly nowMillis: number
}

export const alertLines = (alerts: ReadonlyArray<AlertEntry>, { columns, nowMillis }: Look): ReadonlyArray<string> =>
  alerts.length === 0
    ? [green("no alerts")]
    : [summary(alerts), ...alerts.flatMap((alert) => ["", ...block(alert, columns, nowMillis)])]

const lasted = ({ resolved, since }: PastAlertEntry) => duration(Date.parse(resolved) - Date.parse(since))

/** One line each, newest first; the message gets what is left of the width. */
export const historyLines = (
  past: ReadonlyArray<PastAlertEntry>,
  { columns, nowMillis }: Look
): ReadonlyArray<string> => {
  if (past.length === 0) return ["no alert has gone yet"]
  const narrow = table(past, [
    { title: "RAISED", cell: ({ since }) => clock(since, nowMillis) },
    { title: "LASTED", cell: lasted, align: "right" },
    { title: "TIMES", cell: ({ count }) => String(count), align: "right" },
    { title: "ALERT", cell: ({ code, severity }) => severityColor[severity](code) },
    { title: "SUBJECT", cell: ({ subject }) => subject, max: 24 },
    { title: "END", cell: ({ resolution }) => resolution.replaceAll("_", " ") }
  ])
  // Beneath each line, so that no width makes it unreadable.
  return narrow.flatMap((line, i) => {
    const entry = past[i - 1]
    return entry === undefined ? [line] : [line, ...wrapped(entry.message, columns - 2).map((text) => `  ${dim(text)}`)]
  })
}
