/** Aligned columns for people. Plain functions; widths count characters without colour codes. */
import { dim, harmless, plain } from "./Paint.ts"

export interface Column<A> {
  readonly title: string
  readonly cell: (row: A) => string
  readonly align?: "left" | "right"
  /** Characters at most; what is longer ends with `…`. */
  readonly max?: number
}

const width = (text: string) => [...plain(text)].length

export const shortened = (text: string, max: number): string => {
  const characters = [...harmless(text)]
  return characters.length <= max ? characters.join("") : `${characters.slice(0, max - 1).join("")}…`
}

export const table = <A>(rows: ReadonlyArray<A>, columns: ReadonlyArray<Column<A>>): ReadonlyArray<string> => {
  const cells = rows.map((row) =>
    columns.map(({ cell, max }) => (max === undefined ? cell(row) : shortened(cell(row), max)))
  )
  const titles = columns.map(({ title }) => dim(title))
  const widths = columns.map((_, i) => Math.max(...[titles, ...cells].map((line) => width(line[i] ?? ""))))
  return [titles, ...cells].map((line) =>
    line
      .map((text, i) => {
        const gap = " ".repeat((widths[i] ?? 0) - width(text))
        return columns[i]?.align === "right" ? gap + text : text + gap
      })
      .join("  ")
      .trimEnd()
  )
}

/** `label   value` lines, labels as wide as the widest. */
export const facts = (entries: ReadonlyArray<readonly [label: string, value: string]>): ReadonlyArray<string> => {
  const widest = Math.max(...entries.map(([label]) => label.length))
  return entries.map(([label, value]) => `${dim(label.padEnd(widest))}  ${value}`)
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1]
] as const

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`. */
export const duration = (millis: number): string => {
  let rest = Math.max(0, Math.floor(millis / 1000))
  const parts = units.flatMap(([unit, seconds]) => {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.slice(0, 2).join(" ") || "0 s"
}
