/** The results as a table for people and as JSON for programs. Pure. */
import type { Figure, Outcome, Result, Who } from "./Figures.ts"

export interface Circumstances {
  readonly node: string
  readonly cpus: number
  /** Load average of the last minute, before and after. Above the number of cores the machine itself was the bottleneck. */
  readonly load: readonly [before: number, after: number]
  readonly quick: boolean
  readonly seconds: number
  readonly subjects: ReadonlyArray<{ readonly who: Who; readonly version: string; readonly program: string }>
}

export interface Row extends Figure {
  readonly ours: Outcome | undefined
  readonly peer: Outcome | undefined
  /** Ours divided by the peer's. */
  readonly ratio: number | undefined
  /** Whether ours is within the budget; undefined without one, or without a value. */
  readonly withinBudget: boolean | undefined
}

const valueOf = (outcome: Outcome | undefined): number | undefined =>
  outcome?._tag === "Measured" ? outcome.value : undefined

export const rowsOf = (figures: ReadonlyArray<Figure>, results: ReadonlyArray<Result>): ReadonlyArray<Row> =>
  figures.flatMap((figure) => {
    const outcome = (who: Who) => results.find((one) => one.figure === figure.id && one.who === who)?.outcome
    const [ours, peer] = [outcome("ours"), outcome("peer")]
    if (ours === undefined && peer === undefined) return []
    const [mine, theirs] = [valueOf(ours), valueOf(peer)]
    return [
      {
        ...figure,
        ours,
        peer,
        ratio: mine === undefined || theirs === undefined || theirs === 0 ? undefined : mine / theirs,
        withinBudget: mine === undefined || figure.budget === undefined ? undefined : mine <= figure.budget
      }
    ]
  })

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3)

const amount = (value: number, unit: Figure["unit"]): string =>
  unit === "ms" && value >= 1_000
    ? `${digits(value / 1_000)} s`
    : unit === "×"
      ? `${digits(value)}×`
      : unit === "% of a core"
        ? `${digits(value)} %`
        : `${digits(value)} ${unit}`

const cell = (row: Row, outcome: Outcome | undefined): string =>
  outcome?._tag === "Measured" ? amount(outcome.value, row.unit) : "–"

const verdict = ({ budget, unit, withinBudget }: Row): string =>
  budget === undefined
    ? ""
    : `${amount(budget, unit)}${withinBudget === undefined ? "" : withinBudget ? "  ok" : "  over"}`

/** Every reason once, in the order of the table. */
const reasonsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => [
  ...new Set(
    rows.flatMap((row) =>
      (["ours", "peer"] as const).flatMap((who) => {
        const outcome = row[who]
        return outcome?._tag === "Missing" ? [`– ${row.title}, ${who}: ${outcome.reason}`] : []
      })
    )
  )
]

export const table = (rows: ReadonlyArray<Row>, about: Circumstances, notes: ReadonlyArray<string>): string => {
  const withPeer = about.subjects.some(({ who }) => who === "peer")
  const headings = ["figure", "ours", ...(withPeer ? ["peer", "ours / peer"] : []), "budget"]
  const lines = rows.map((row) => [
    row.title,
    cell(row, row.ours),
    ...(withPeer ? [cell(row, row.peer), row.ratio === undefined ? "" : `${digits(row.ratio)}×`] : []),
    verdict(row)
  ])
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...lines.map((line) => line[column] ?? "")].map((text) => text.length))
  )
  const format = (line: ReadonlyArray<string>) =>
    line
      .map((text, column) =>
        column === 0 || column === headings.length - 1
          ? text.padEnd(widths[column] ?? 0)
          : text.padStart(widths[column] ?? 0)
      )
      .join("   ")
      .trimEnd()
  return [
    ...about.subjects.map(({ who, program, version }) => `${who}: ${version} (${program})`),
    `Node ${about.node}, ${about.cpus} cores, load ${about.load.map((load) => load.toFixed(1)).join(" → ")}, ${about.quick ? "quick run, " : ""}${about.seconds.toFixed(0)} s`,
    "",
    format(headings),
    ...lines.map(format),
    "",
    ...notes,
    ...reasonsOf(rows)
  ]
    .join("\n")
    .trimEnd()
}

export const json = (rows: ReadonlyArray<Row>, about: Circumstances, notes: ReadonlyArray<string>): string =>
  JSON.stringify({ ...about, figures: rows, notes }, undefined, 2)
