/** The text that Prometheus reads (exposition format 0.0.4): pure, from what was recorded and what was asked for. */
import type * as MetricLabel from "effect/MetricLabel"
import type { Counter, Description, Gauge, Histogram } from "./Instrument.ts"

export const contentType = "text/plain; version=0.0.4; charset=utf-8"

const escapedHelp = (text: string) => text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")
const escapedValue = (text: string) => escapedHelp(text).replace(/"/g, '\\"')

const number = (value: number) =>
  Number.isNaN(value)
    ? "NaN"
    : value === Number.POSITIVE_INFINITY
      ? "+Inf"
      : value === Number.NEGATIVE_INFINITY
        ? "-Inf"
        : String(value)

type Pair = readonly [name: string, value: string]

const sample = (name: string, labels: ReadonlyArray<Pair>, value: number): string => {
  const inner = labels.map(([key, text]) => `${key}="${escapedValue(text)}"`).join(",")
  return `${name}${inner === "" ? "" : `{${inner}}`} ${number(value)}`
}

const pairs = (labels: ReadonlyArray<MetricLabel.MetricLabel>): ReadonlyArray<Pair> =>
  labels.map(({ key, value }) => [key, value])

const head = ({ help, name }: Description, type: "counter" | "gauge" | "histogram"): ReadonlyArray<string> => [
  `# HELP ${name} ${escapedHelp(help)}`,
  `# TYPE ${name} ${type}`
]

const counterLines = (counter: Counter): ReadonlyArray<string> => [
  ...head(counter.description, "counter"),
  ...counter.rows().map(({ labels, value }) => sample(counter.description.name, pairs(labels), value))
]

const gaugeLines = ({ description, rows }: Gauge): ReadonlyArray<string> => [
  ...head(description, "gauge"),
  ...rows.map(({ value, values }) =>
    sample(
      description.name,
      description.labels.map((label, i) => [label, values[i] ?? ""]),
      value
    )
  )
]

const histogramLines = (histogram: Histogram): ReadonlyArray<string> => {
  const { name } = histogram.description
  return [
    ...head(histogram.description, "histogram"),
    ...histogram.rows().flatMap(({ labels, value }) => [
      // Effect's buckets are cumulative already, and have no last one for everything.
      ...value.buckets
        .filter(([bound]) => Number.isFinite(bound))
        .map(([bound, count]) => sample(`${name}_bucket`, [...pairs(labels), ["le", number(bound)]], count)),
      sample(`${name}_bucket`, [...pairs(labels), ["le", "+Inf"]], value.count),
      sample(`${name}_sum`, pairs(labels), value.sum),
      sample(`${name}_count`, pairs(labels), value.count)
    ])
  ]
}

export const prometheusText = (o: {
  readonly counters: ReadonlyArray<Counter>
  readonly histograms: ReadonlyArray<Histogram>
  readonly gauges: ReadonlyArray<Gauge>
}): string =>
  `${[...o.gauges.flatMap(gaugeLines), ...o.counters.flatMap(counterLines), ...o.histograms.flatMap(histogramLines)].join("\n")}\n`
