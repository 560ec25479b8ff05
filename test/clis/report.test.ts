import { assert, describe, it } from "@effect/vitest"
import type { Result } from "./Run.ts"
import { docsOf, intoPage, placeInDocs, tableOf } from "./report.ts"

const result = (o: Partial<Result>): Result => ({
  case: "text.plain",
  family: "claude",
  version: "2.1.332",
  outcome: "ok",
  findings: [],
  notes: [],
  millis: [120],
  evidence: ["hooks: taken_with_text"],
  seconds: 1,
  log: "",
  ...o
})

describe("the report of a run", () => {
  it("has a row per case and a column per program", () => {
    const table = tableOf([result({}), result({ family: "codex", version: "1", outcome: "received twice" })])
    assert.deepStrictEqual(table.split("\n"), [
      "| case | claude 2.1.332 | codex 1 |",
      "|---|---|---|",
      "| text.plain | ok, 120 ms | TWICE |"
    ])
  })

  it("is put into the page between its marks, and again", () => {
    const part = docsOf({ date: "2026-11-30", results: [result({})] })
    assert.include(part, "hooks: taken_with_text (1)")
    const page = `before\n${placeInDocs.begin}\nold\n${placeInDocs.end}\nafter\n`
    const once = intoPage(page, part) ?? ""
    assert.strictEqual(intoPage(once, part), once)
    assert.notInclude(once, "old")
    assert.isUndefined(intoPage("no place", part))
  })
})
