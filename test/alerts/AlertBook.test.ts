import { assert, describe, it } from "vitest"
import * as Book from "../../src/alerts/AlertBook.ts"
import { isStaleAtStart } from "../../src/alerts/keepAlerts.ts"

const raise = (book: Book.AlertBook, code: "LinkLost" | "SpawnFailed" | "UnknownFrame", subject: string, now: number) =>
  Book.raise(book, { code, subject, message: `${code} of ${subject} at ${now}` }, now)

describe("the book of alerts", () => {
  it("raises once per code and subject, counts what repeats, and keeps its beginning", () => {
    const [one, raised] = raise(Book.empty, "LinkLost", "n", 10)
    const [two, repeated] = raise(one, "LinkLost", "n", 20)
    const [three] = raise(two, "LinkLost", "other", 30)
    assert.deepStrictEqual(
      [raised, repeated].map(([change]) => [change?._tag, change?.alert.count]),
      [
        ["Raised", 1],
        ["Repeated", 2]
      ]
    )
    assert.deepStrictEqual(
      Book.sorted(three).map(({ count, lastMillis, message, sinceMillis, subject }) => [
        subject,
        sinceMillis,
        lastMillis,
        count,
        message
      ]),
      [
        ["n", 10, 20, 2, "LinkLost of n at 20"],
        ["other", 30, 30, 1, "LinkLost of other at 30"]
      ]
    )
  })

  it("began when its condition did, never later than now", () => {
    const at = (sinceMillis: number) =>
      Book.raise(Book.empty, { code: "LinkLost", subject: "n", message: "m", sinceMillis }, 100)[1][0]?.alert
        .sinceMillis
    assert.deepStrictEqual([at(40), at(400)], [40, 100])
  })

  it("makes one entry of the history of each time it was raised, and none of what was not", () => {
    const [one] = raise(Book.empty, "LinkLost", "n", 1)
    const [two, ended] = Book.resolve(one, { code: "LinkLost", subject: "n" }, 5)
    const [three, nothing] = Book.resolve(two, { code: "LinkLost", subject: "n" }, 6)
    const [four] = raise(three, "LinkLost", "n", 9)
    assert.deepStrictEqual(
      ended.map((change) => change._tag),
      ["Resolved"]
    )
    assert.deepStrictEqual(nothing, [])
    assert.deepStrictEqual(
      four.past.map(({ resolution, resolvedMillis, sinceMillis }) => [sinceMillis, resolvedMillis, resolution]),
      [[1, 5, "resolved"]]
    )
    assert.strictEqual(Book.sorted(four)[0]?.sinceMillis, 9)
  })

  it("lets go of what only happened 24 h after the last time, and of nothing else", () => {
    const [one] = raise(Book.empty, "UnknownFrame", "x", 0)
    const [two] = raise(one, "LinkLost", "n", 0)
    const [three] = raise(two, "UnknownFrame", "x", 1_000)
    assert.deepStrictEqual(Book.expire(three, Book.expiryMillis + 999)[1], [])
    const [, changes] = Book.expire(three, Book.expiryMillis + 1_000)
    assert.deepStrictEqual(
      changes.map(({ alert }) => [alert.code, "resolution" in alert && alert.resolution]),
      [["UnknownFrame", "expired"]]
    )
  })

  it("is bounded: the least severe, then longest quiet, makes room, and the history says so", () => {
    let book = Book.empty
    for (let i = 0; i < Book.raisedLimit - 1; i++) [book] = raise(book, "SpawnFailed", `agent-${i}`, i)
    ;[book] = raise(book, "UnknownFrame", "odd", 1)
    const [full, changes] = raise(book, "LinkLost", "n", 10_000)
    assert.strictEqual(full.raised.size, Book.raisedLimit)
    assert.deepStrictEqual(
      changes.map(({ _tag, alert }) => [_tag, alert.code]),
      [
        ["Raised", "LinkLost"],
        ["Resolved", "UnknownFrame"]
      ]
    )
    assert.strictEqual(full.past.at(-1)?.resolution, "crowded_out")
    let past = full
    for (let i = 0; i < Book.historyLimit + 20; i++) {
      ;[past] = Book.resolve(raise(past, "UnknownFrame", "odd", i)[0], { code: "UnknownFrame", subject: "odd" }, i)
    }
    assert.strictEqual(past.past.length, Book.historyLimit)
  })

  it("takes over what a former run left, as one with what this run raised already", () => {
    const [former] = raise(
      raise(raise(Book.empty, "LinkLost", "n", 1)[0], "LinkLost", "n", 2)[0],
      "SpawnFailed",
      "w",
      3
    )
    const [here] = raise(Book.empty, "LinkLost", "n", 100)
    const [book, changes] = Book.restore(
      here,
      { raised: [...former.raised.values()], past: [] },
      { isStale: () => true, nowMillis: 200 }
    )
    assert.deepStrictEqual(
      Book.sorted(book).map(({ code, count, lastMillis, sinceMillis }) => [code, sinceMillis, lastMillis, count]),
      [["LinkLost", 1, 100, 3]]
    )
    assert.deepStrictEqual(
      changes.map(({ _tag, alert }) => [_tag, alert.code]),
      [
        ["Repeated", "LinkLost"],
        ["Resolved", "SpawnFailed"]
      ]
    )
    assert.strictEqual(book.past.at(-1)?.resolution, "stale")
  })
})

describe("at a start", () => {
  const stale = isStaleAtStart({ nodeId: "node_1", storeIsOpen: true, leftOut: ["ops"] })
  it.each([
    ["LinkLost", "node_1", false],
    ["LinkLost", "node_2", true],
    ["WorkspaceNotAttached", "ops", false],
    ["WorkspaceNotAttached", "other", true],
    ["StoreFull", "/s", true],
    ["DeliveryStuck", "w1", true],
    ["SidecarDown", "sidecar", true],
    ["ApiExposed", "api", false],
    ["UnknownWorker", "w1", false],
    ["SpawnFailed", "w1", false],
    ["CacheUnwritable", "/c", false],
    ["UnknownFrame", "x", false]
  ] as const)("%s of %s is stale: %s", (code, subject, expected) => {
    assert.strictEqual(stale({ code, subject }), expected)
  })
  it("a store that does not open keeps its alert", () => {
    assert.isFalse(
      isStaleAtStart({ nodeId: "n", storeIsOpen: false, leftOut: [] })({ code: "StoreFull", subject: "/s" })
    )
  })
})
