/** A strict reader of the Prometheus text format 0.0.4: throws at the first line that is not allowed there. */
export interface Sample {
  readonly name: string
  readonly labels: { readonly [label: string]: string }
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*/

const numberOf = (text: string): number => {
  if (text === "+Inf") return Number.POSITIVE_INFINITY
  if (text === "-Inf") return Number.NEGATIVE_INFINITY
  if (text === "NaN") return Number.NaN
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`)
  return Number(text)
}

const readSample = (line: string): Sample => {
  const name = metricName.exec(line)?.[0]
  if (name === undefined) throw new Error(`no metric name: ${line}`)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith("{")) {
    rest = rest.slice(1)
    while (!rest.startsWith("}")) {
      const label = labelName.exec(rest)?.[0]
      if (label === undefined || label in labels) throw new Error(`bad or repeated label: ${line}`)
      const value = /^="((?:[^"\\\n]|\\["\\n])*)"/.exec(rest.slice(label.length))
      if (value === null) throw new Error(`bad label value: ${line}`)
      labels[label] = (value[1] ?? "").replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))
      rest = rest.slice(label.length + value[0].length)
      if (rest.startsWith(",")) rest = rest.slice(1)
      else if (!rest.startsWith("}")) throw new Error(`labels not separated: ${line}`)
    }
    rest = rest.slice(1)
  }
  if (!rest.startsWith(" ") || rest.slice(1).includes(" ")) throw new Error(`not one value: ${line}`)
  return { name, labels, value: numberOf(rest.slice(1)) }
}

const suffixes: { readonly [type: string]: ReadonlyArray<string> } = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"]
}

const checkHistogram = ({ name, samples }: Family): void => {
  const groups = new Map<string, Array<Sample>>()
  for (const each of samples) {
    const { le: _, ...others } = each.labels
    const key = JSON.stringify(others)
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  for (const group of groups.values()) {
    const buckets = group.filter((each) => each.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => numberOf(labels["le"] ?? "none"))
    const last = buckets.at(-1)
    const count = group.find((each) => each.name === `${name}_count`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}: no +Inf bucket`)
    if (bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] ?? 0))) throw new Error(`${name}: bounds not rising`)
    if (buckets.some(({ value }, i) => value < (buckets[i - 1]?.value ?? 0))) throw new Error(`${name}: not cumulative`)
    if (count === undefined || count.value !== last?.value) throw new Error(`${name}: count is not the last bucket`)
    if (!group.some((each) => each.name === `${name}_sum`)) throw new Error(`${name}: no sum`)
  }
}

export const parsePrometheus = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith("\n")) throw new Error("the last line does not end")
  const families = new Map<string, Family & { samples: Array<Sample> }>()
  const rows = new Set<string>()
  let help: { readonly name: string; readonly help: string } | undefined
  let current: (Family & { samples: Array<Sample> }) | undefined
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line)
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment
      if (kind === "HELP") {
        help = { name, help: rest }
        continue
      }
      if (help?.name !== name || families.has(name) || !(rest in suffixes)) throw new Error(`out of place: ${line}`)
      current = { name, type: rest, help: help.help, samples: [] }
      families.set(name, current)
      continue
    }
    const sample = readSample(line)
    const family = current
    if (family === undefined || !suffixes[family.type]?.some((suffix) => sample.name === family.name + suffix)) {
      throw new Error(`sample outside its family: ${line}`)
    }
    const row = sample.name + JSON.stringify(Object.entries(sample.labels).sort())
    if (rows.has(row)) throw new Error(`twice: ${line}`)
    rows.add(row)
    if (family.type === "counter" && !(sample.value >= 0)) throw new Error(`negative counter: ${line}`)
    family.samples.push(sample)
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family)
  return families
}
