/** The table of a run, for the terminal and for docs. Pure. */
import type { Result } from "./Run.ts"

export const lineOf = (result: Result): string => {
  const mark = result.outcome === "ok" ? "ok   " : result.outcome === "excused" ? "–    " : "FAULT"
  const who = `${result.family} ${result.version}`.padEnd(18)
  const first = result.findings[0]
  const detail =
    first === undefined
      ? [result.millis.length === 0 ? "" : `${Math.max(...result.millis)} ms`, ...result.evidence]
          .filter(Boolean)
          .join(", ")
      : `${result.outcome}: ${first.detail.split("\n")[0]?.slice(0, 150)}`
  return `${mark} ${who} ${result.case.padEnd(22)} ${result.seconds.toFixed(1).padStart(6)} s  ${detail}`
}

const short: { readonly [outcome in Result["outcome"]]: string } = {
  ok: "ok",
  excused: "–",
  "not played": "not played",
  "acked but not received": "ACKED, LOST",
  "typed into an asking screen": "TYPED INTO",
  "received twice": "TWICE",
  "received changed": "CHANGED",
  "not received in time": "late",
  "out of order": "ORDER",
  "not as promised": "wrong"
}

export const tableOf = (results: ReadonlyArray<Result>): string => {
  const columns = [...new Set(results.map(({ family, version }) => `${family} ${version}`))]
  const rows = [...new Set(results.map((each) => each.case))]
  const cell = (row: string, column: string) => {
    const result = results.find((each) => each.case === row && `${each.family} ${each.version}` === column)
    if (result === undefined) return ""
    return result.outcome === "ok" && result.millis.length > 0
      ? `ok, ${Math.max(...result.millis)} ms`
      : short[result.outcome]
  }
  return [
    `| case | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...rows.map((row) => `| ${row} | ${columns.map((column) => cell(row, column)).join(" | ")} |`)
  ].join("\n")
}

export const countsOf = (results: ReadonlyArray<Result>): string => {
  const counts = new Map<string, number>()
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ")
}
