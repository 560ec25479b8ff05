import { assert, describe, it } from "vitest"
import type { AlertEntry } from "../../src/api/Shapes.ts"
import { alertLines, historyLines, wrapped } from "../../src/cli/AlertViews.ts"
import { plain } from "../../src/cli/Paint.ts"

const nowMillis = new Date(2026, 0, 2, 3, 12, 5).getTime()
const at = (minutesAgo: number) => new Date(nowMillis - minutesAgo * 60_000).toISOString()

const alert: AlertEntry = {
  code: "NodeSuperseded",
  severity: "critical",
  subject: "node_1",
  since: at(12),
  last: at(0.5),
  count: 3,
  message: "another process took over node node_1",
  meaning: "Another process owns this node; this one receives nothing.",
  remedy: "Stop the other process, or give this broker another --instance-name."
}

const shown = (lines: ReadonlyArray<string>) => lines.map(plain)

describe("alerts for people", () => {
  it("say what, since when, how often, what it means and what to do", () => {
    const low: AlertEntry = { ...alert, code: "UnknownFrame", severity: "low", count: 1, since: at(60 * 30) }
    assert.deepStrictEqual(shown(alertLines([alert, low], { columns: 160, nowMillis })), [
      "1 critical, 1 low",
      "",
      "CRITICAL  NodeSuperseded  node_1",
      "  since  03:00:05 (12 min ago), 3 times, last 30 s ago",
      "  what   another process took over node node_1",
      "  means  Another process owns this node; this one receives nothing.",
      "  do     Stop the other process, or give this broker another --instance-name.",
      "",
      "LOW  UnknownFrame  node_1",
      "  since  2025-12-31 21:12:05 (1 d 6 h ago), once",
      "  what   another process took over node node_1",
      "  means  Another process owns this node; this one receives nothing.",
      "  do     Stop the other process, or give this broker another --instance-name."
    ])
    assert.deepStrictEqual(shown(alertLines([], { columns: 80, nowMillis })), ["no alerts"])
  })

  it("never exceed the width, whatever others wrote", () => {
    const long = { ...alert, message: `${"word ".repeat(40)}${"x".repeat(200)}\u001b[2J` }
    for (const columns of [40, 80, 160]) {
      for (const line of shown(alertLines([long], { columns, nowMillis }))) {
        assert.isAtMost([...line].length, columns)
        assert.notInclude(line, "\u001b")
      }
    }
  })

  it("wrap at word ends and lose nothing", () => {
    assert.deepStrictEqual(wrapped("one two three four five six", 20), ["one two three four", "five six"])
    assert.strictEqual(wrapped("a".repeat(50), 20).join(""), "a".repeat(50))
  })

  it("read as what happened when they are over", () => {
    const past = { ...alert, resolved: at(2), resolution: "resolved" as const }
    assert.deepStrictEqual(shown(historyLines([past], { columns: 80, nowMillis })), [
      "RAISED    LASTED  TIMES  ALERT           SUBJECT  END",
      "03:00:05  10 min      3  NodeSuperseded  node_1   resolved",
      "  another process took over node node_1"
    ])
    assert.deepStrictEqual(historyLines([], { columns: 80, nowMillis }), ["no alert has gone yet"])
  })
})
