import { assert, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as RecentIds from "../../src/delivery/RecentIds.ts"

const addAll = (ids: RecentIds.RecentIds, names: ReadonlyArray<string>) => names.reduce(RecentIds.add, ids)
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `id${from + index}`)
const countOf = (ids: RecentIds.RecentIds, names: ReadonlyArray<string>) =>
  names.filter((name) => RecentIds.has(ids, name)).length

it.prop(
  "the last `capacity` ids are known, never more than twice as many, and none that was not added",
  [FastCheck.integer({ min: 1, max: 20 }), FastCheck.integer({ min: 0, max: 100 })],
  ([capacity, count]) => {
    const ids = addAll(RecentIds.make(capacity), numbers(0, count))
    assert.strictEqual(countOf(ids, numbers(Math.max(0, count - capacity), count)), Math.min(capacity, count))
    assert.isAtMost(countOf(ids, numbers(0, count)), 2 * capacity)
    assert.strictEqual(countOf(ids, numbers(count, count + 50)), 0)
  }
)

it("the oldest are forgotten, all of a generation at a time", () => {
  const full = addAll(RecentIds.make(3), numbers(0, 6))
  assert.strictEqual(countOf(full, numbers(0, 6)), 6)
  const next = RecentIds.add(full, "id6")
  assert.deepStrictEqual(
    numbers(0, 7).map((name) => RecentIds.has(next, name)),
    [false, false, false, true, true, true, true]
  )
})

it("one that is known takes no second place", () => {
  const ids = addAll(RecentIds.make(3), numbers(0, 4))
  assert.strictEqual(addAll(ids, ["id0", "id1", "id3"]), ids)
})
