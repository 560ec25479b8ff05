import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { type Figure, measured, missing } from "../../scripts/bench/Figures.ts"
import { readOptions } from "../../scripts/bench/Options.ts"
import { type Circumstances, json, rowsOf, table } from "../../scripts/bench/Report.ts"
import { percentile } from "../../scripts/bench/Statistics.ts"

const names = ["latency", "startup"]

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  it("is one of the samples, by nearest rank", () => {
    expect(percentile(hundred, 50)).toBe(50)
    expect(percentile(hundred, 99)).toBe(99)
    expect(percentile([3, 1, 2], 50)).toBe(2)
    expect(percentile([7], 99)).toBe(7)
  })

  it("is no number without samples", () => {
    expect(percentile([], 50)).toBeNaN()
  })
})

describe("options", () => {
  it("reads values after a blank and after an equals sign", () => {
    const read = Either.getOrThrow(readOptions(["--peer", "/a b", "--only=latency,startup", "--quick"], names))
    expect(read).toMatchObject({ peer: "/a b", only: ["latency", "startup"], quick: true, json: false })
  })

  it.each([
    [["--peer"], "--peer needs a value"],
    [["--only", "--json"], "--only needs a value"],
    [["--quick=yes"], "--quick takes no value"],
    [["--only", "latency,nothing"], "--only nothing: not one of latency, startup"],
    [["peer"], "unknown argument peer"]
  ])("refuses %j", (words, problem) => {
    expect(readOptions(words, names)).toEqual(Either.left(problem))
  })
})

describe("report", () => {
  const figures: ReadonlyArray<Figure> = [
    { id: "fast", title: "fast", unit: "ms", budget: 2 },
    { id: "slow", title: "slow", unit: "ms", budget: 500 },
    { id: "alone", title: "alone", unit: "MB", budget: 95 },
    { id: "unasked", title: "unasked", unit: "ms" }
  ]
  const rows = rowsOf(figures, [
    measured("fast", "ours", 1.5, 40),
    measured("fast", "peer", 150, 40),
    measured("slow", "ours", 1_080),
    missing("slow", "peer", "it has none"),
    measured("alone", "ours", 95)
  ])
  const about: Circumstances = {
    node: "20.0.0",
    cpus: 2,
    load: [0.5, 1],
    quick: true,
    seconds: 12.4,
    subjects: [
      { who: "ours", version: "relay-broker 1", program: "/ours.js" },
      { who: "peer", version: "other 2", program: "/peer" }
    ]
  }

  it("compares ours with the peer and with the budget, which may be met exactly", () => {
    expect(rows.map(({ id, ratio, withinBudget }) => [id, ratio, withinBudget])).toEqual([
      ["fast", 0.01, true],
      ["slow", undefined, false],
      ["alone", undefined, true]
    ])
  })

  it("prints a table with the reason for what is missing", () => {
    expect(table(rows, about, ["a note"]).split("\n")).toEqual([
      "ours: relay-broker 1 (/ours.js)",
      "peer: other 2 (/peer)",
      "Node 20.0.0, 2 cores, load 0.5 → 1.0, quick run, 12 s",
      "",
      "figure      ours     peer   ours / peer   budget",
      "fast     1.50 ms   150 ms        0.010×   2.00 ms  ok",
      "slow      1.08 s        –                 500 ms  over",
      "alone    95.0 MB        –                 95.0 MB  ok",
      "",
      "a note",
      "– slow, peer: it has none"
    ])
  })

  it("has no columns of a peer that is not there", () => {
    const [ours] = about.subjects
    expect(table(rows, { ...about, subjects: [ours!] }, []).split("\n")[3]).toBe("figure      ours   budget")
  })

  it("is valid JSON with every value and reason", () => {
    const read: unknown = JSON.parse(json(rows, about, []))
    expect(read).toMatchObject({
      quick: true,
      figures: [
        { id: "fast", ours: { value: 1.5, samples: 40 }, peer: { value: 150 }, withinBudget: true },
        { id: "slow", peer: { reason: "it has none" } },
        { id: "alone" }
      ]
    })
  })
})
