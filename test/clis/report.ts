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
  const columns = [...new Set(results.map(({ family, version }) => `${family} ${version}`))].sort()
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

const median = (values: ReadonlyArray<number>): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]

const often = (values: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => `${value} (${count})`)
    .join(", ")
}

export interface RunRecord {
  /** ISO 8601, the day. */
  readonly date: string
  readonly results: ReadonlyArray<Result>
}

const answered = ["first.trust", "first.bypass"]
const leftToPeople = /^(first|view|draft)\.|^(wait|steer)\.(permission|question)$/

/** The part of docs/harnesses.md that a run writes. */
export const docsOf = ({ date, results }: RunRecord): string => {
  const columns = [...new Set(results.map(({ family, version }) => `${family} ${version}`))].sort()
  const rows = columns.map((column) => {
    const mine = results.filter(({ family, version }) => `${family} ${version}` === column)
    const good = mine.filter(({ outcome }) => outcome === "ok")
    const names = (fits: (name: string) => boolean) =>
      good
        .map((each) => each.case)
        .filter(fits)
        .join(", ")
    const bad = mine
      .filter(({ outcome }) => !["ok", "excused", "not played"].includes(outcome))
      .map((each) => each.case)
    const texts = good.filter((each) => each.case.startsWith("text.")).flatMap(({ millis }) => millis)
    const cells = [
      column,
      often(mine.flatMap(({ evidence }) => evidence)),
      texts.length === 0 ? "" : `${median(texts)} ms`,
      names((name) => answered.includes(name)),
      names((name) => leftToPeople.test(name) && !answered.includes(name)),
      `${good.length} of ${mine.length}`,
      bad.join(", ")
    ]
    return `| ${cells.join(" | ")} |`
  })
  return [
    `Played on ${date} by \`npm run test:clis\`, with the real programs and model servers of our own; the model's record is the judge.`,
    "",
    "| program | channel: proof (cases) | median, idle | answered by the broker | left to a person | cases | not as promised |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
    tableOf(results)
  ].join("\n")
}

export const placeInDocs = { begin: "<!-- npm run test:clis -- docs -->", end: "<!-- end -->" }

/** Undefined when the page has no place for it. */
export const intoPage = (page: string, part: string): string | undefined => {
  const from = page.indexOf(placeInDocs.begin)
  const to = page.indexOf(placeInDocs.end, from)
  if (from < 0 || to < 0) return undefined
  return `${page.slice(0, from + placeInDocs.begin.length)}\n${part}\n${page.slice(to)}`
}
