import type { Description } from "../../src/telemetry/Instrument.ts"
import { counters, gauges, histograms } from "../../src/telemetry/Metrics.ts"

const table = (rows: ReadonlyArray<Description>): ReadonlyArray<string> => [
  "| Metric | Labels | |",
  "|---|---|---|",
  ...rows.map(
    ({ help, labels, name }) => `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`
  ),
  ""
]

const described = (rows: ReadonlyArray<{ readonly description: Description }>) =>
  rows.map(({ description }) => description)

export const metricsPage = `${[
  "<!-- Made from src/telemetry/Metrics.ts by `npm run docs`. Do not edit. -->",
  "",
  "# Metrics",
  "",
  "`GET /metrics` of the local API, behind its key, in the text format of Prometheus 0.0.4. Counters and histograms count since",
  "the start of the process; gauges say what is the case at the moment of the question. A label that a peer fills (types of",
  "frames) has at most 200 values; what is beyond them is counted as `other`.",
  "",
  "## Gauges",
  "",
  ...table(Object.values(gauges)),
  "## Counters",
  "",
  ...table(described(counters)),
  "## Histograms",
  "",
  "In seconds, with `_bucket`, `_sum` and `_count`.",
  "",
  ...table(described(histograms))
]
  .join("\n")
  .trimEnd()}\n`
