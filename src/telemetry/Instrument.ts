/**
 * Counters and histograms over Effect's `Metric`, made for hot paths: recording is synchronous, never fails, and allocates
 * only for a combination of label values that was not seen before. The registry is the process's, as Effect's is.
 *
 * Invariants: 1. the same label values lead to the same row, in whatever order they came first · 2. a metric has at most
 * `maxRows` rows; values beyond them (an engine that invents frame types) are counted as `other`.
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricLabel from "effect/MetricLabel"
import type * as MetricState from "effect/MetricState"

export const maxRows = 200
const overflow = "other"

export interface Description {
  readonly name: string
  readonly help: string
  /** Names of the labels, in the order in which values are given. */
  readonly labels: ReadonlyArray<string>
}

type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/** Effect finds a row by the identity of the label array, so each combination has one array for ever. */
class Rows {
  readonly all: Array<Labels> = []
  private readonly known = new Map<string, Labels>()
  private readonly names: ReadonlyArray<string>

  constructor(names: ReadonlyArray<string>) {
    this.names = names
  }

  of(values: ReadonlyArray<string>): Labels {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\0")
    return this.known.get(key) ?? this.add(key, values)
  }

  private add(key: string, values: ReadonlyArray<string>): Labels {
    if (this.all.length >= maxRows && !values.every((value) => value === overflow)) {
      return this.of(values.map(() => overflow))
    }
    const labels = this.names.map((name, i) => MetricLabel.make(name, values[i] ?? ""))
    this.known.set(key, labels)
    this.all.push(labels)
    return labels
  }
}

interface Row<Value> {
  readonly labels: Labels
  readonly value: Value
}

/** Only grows. */
export class Counter {
  readonly description: Description
  private readonly metric: Metric.Metric.Counter<number>
  private readonly rowsOf: Rows

  constructor(description: Description) {
    this.description = description
    this.metric = Metric.counter(description.name, { description: description.help, incremental: true })
    this.rowsOf = new Rows(description.labels)
    // A counter without labels is 0 before it is first raised: a missing row cannot be told from a missing metric.
    if (description.labels.length === 0) this.metric.unsafeUpdate(0, this.rowsOf.of([]))
  }

  /** One more, under these label values. */
  add(...values: ReadonlyArray<string>): void {
    this.addMany(1, ...values)
  }

  addMany(amount: number, ...values: ReadonlyArray<string>): void {
    this.metric.unsafeUpdate(amount, this.rowsOf.of(values))
  }

  /** The count under these label values so far. */
  read(...values: ReadonlyArray<string>): number {
    return this.metric.unsafeValue(this.rowsOf.of(values)).count
  }

  rows(): ReadonlyArray<Row<number>> {
    return this.rowsOf.all.map((labels) => ({ labels, value: this.metric.unsafeValue(labels).count }))
  }
}

/** Durations in seconds, as Prometheus wants them; given in milliseconds, as everything here measures. */
export class Histogram {
  readonly description: Description
  private readonly metric: Metric.Metric.Histogram<number>
  private readonly rowsOf: Rows

  constructor(description: Description & { readonly boundsSeconds: ReadonlyArray<number> }) {
    this.description = description
    this.metric = Metric.histogram(
      description.name,
      MetricBoundaries.fromIterable(description.boundsSeconds),
      description.help
    )
    this.rowsOf = new Rows(description.labels)
    if (description.labels.length === 0) this.metric.unsafeValue(this.rowsOf.of([]))
  }

  /** A clock that was set back cannot make a sum shrink. */
  observeMillis(millis: number, ...values: ReadonlyArray<string>): void {
    this.metric.unsafeUpdate(Math.max(0, millis) / 1_000, this.rowsOf.of(values))
  }

  rows(): ReadonlyArray<Row<MetricState.MetricState.Histogram>> {
    return this.rowsOf.all.map((labels) => ({ labels, value: this.metric.unsafeValue(labels) }))
  }
}

/** What is not recorded but asked for: true at the moment of the question, and nothing to forget when its subject is gone. */
export interface Gauge {
  readonly description: Description
  readonly rows: ReadonlyArray<{ readonly values: ReadonlyArray<string>; readonly value: number }>
}

// The text that Prometheus reads (exposition format 0.0.4): pure, from what was recorded and what was asked for.

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
