import { describe, expect, it } from "vitest"
import { Counter, Histogram, maxRows, prometheusText } from "../../src/telemetry/Instrument.ts"
import { counters, gauges, histograms } from "../../src/telemetry/Metrics.ts"

import { parsePrometheus } from "./Strict.ts"

describe("a counter", () => {
  it("counts per combination of label values", () => {
    const counter = new Counter({ name: "test_pairs_total", help: "h", labels: ["a", "b"] })
    counter.add("x", "y")
    counter.add("x", "y")
    counter.addMany(3, "x", "z")
    expect(counter.read("x", "y")).toBe(2)
    expect(counter.read("x", "z")).toBe(3)
  })

  it("is 0 without labels before it is raised", () => {
    expect(new Counter({ name: "test_zero_total", help: "h", labels: [] }).rows()).toMatchObject([{ value: 0 }])
  })

  it("puts what a peer invents beyond the limit into one row", () => {
    const counter = new Counter({ name: "test_flood_total", help: "h", labels: ["type"] })
    for (let i = 0; i < maxRows + 50; i++) counter.add(`type-${i}`)
    expect(counter.rows()).toHaveLength(maxRows + 1)
    expect(counter.read("other")).toBe(50)
    counter.add("type-0")
    expect(counter.read("type-0")).toBe(2)
  })
})

describe("the Prometheus text", () => {
  it("escapes and accumulates so that a strict reader gets back what was recorded", () => {
    const odd = 'back\\slash "quoted"\nnext'
    const counter = new Counter({ name: "test_text_total", help: "two\nlines \\ here", labels: ["value"] })
    counter.add(odd)
    const histogram = new Histogram({
      name: "test_text_seconds",
      help: "h",
      labels: ["kind"],
      boundsSeconds: [0.01, 0.1, 1]
    })
    for (const millis of [5, 10, 50, 5_000, -3]) histogram.observeMillis(millis, "k")
    const gauge = {
      description: { name: "test_text", help: "h", labels: ["agent"] },
      rows: [{ values: ["a"], value: Number.NaN }]
    }
    const families = parsePrometheus(prometheusText({ counters: [counter], histograms: [histogram], gauges: [gauge] }))
    expect(families.get("test_text_total")?.samples).toEqual([
      { name: "test_text_total", labels: { value: odd }, value: 1 }
    ])
    expect(families.get("test_text_seconds")?.samples.map(({ labels, value }) => [labels["le"], value])).toEqual([
      ["0.01", 3],
      ["0.1", 4],
      ["1", 4],
      ["+Inf", 5],
      [undefined, 5.065],
      [undefined, 5]
    ])
  })

  it("holds for every metric we have, before and after use", () => {
    const asked = Object.values(gauges).map((description) => ({ description, rows: [] }))
    const families = parsePrometheus(prometheusText({ counters, histograms, gauges: asked }))
    expect(families.size).toBe(counters.length + histograms.length + asked.length)
    for (const { help, name, type } of families.values()) {
      expect(name).toMatch(/^relay_broker_[a-z_]+$/)
      expect(name.endsWith("_total")).toBe(type === "counter")
      expect(help).not.toBe("")
    }
  })
})

describe("recording", () => {
  it("costs far less than a microsecond's worth of frames would notice", () => {
    const counter = new Counter({ name: "test_cost_total", help: "h", labels: ["type"] })
    for (let i = 0; i < 10_000; i++) counter.add("deliver")
    const started = process.hrtime.bigint()
    for (let i = 0; i < 100_000; i++) counter.add("deliver")
    const nanosEach = Number(process.hrtime.bigint() - started) / 100_000
    // About 60 ns here; the bound is for a loaded machine.
    expect(nanosEach).toBeLessThan(5_000)
  })
})
