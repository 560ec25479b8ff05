import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeEventRing, replayStart } from "../../src/api/EventRing.ts"

const keptOf = (ring: ReturnType<typeof makeEventRing>) =>
  Array.from({ length: ring.last - ring.oldest + 1 }, (_, i) => ring.at(ring.oldest + i))

describe("EventRing", () => {
  it("is empty at first and numbers from 1", () => {
    const ring = makeEventRing({ capacity: 3, maxBytes: 100 })
    assert.deepStrictEqual([ring.last, ring.oldest, ring.at(0), ring.at(1)], [0, 1, undefined, undefined])
    assert.strictEqual(
      ring.push((seq) => `e${seq}`),
      "e1"
    )
    assert.deepStrictEqual([ring.last, ring.oldest, ring.at(1)], [1, 1, "e1"])
  })

  it("keeps the newest entries, within its count and its bytes", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 1, max: 8 }),
        FastCheck.integer({ min: 1, max: 40 }),
        FastCheck.array(FastCheck.integer({ min: 0, max: 30 })),
        (capacity, maxBytes, sizes) => {
          const ring = makeEventRing({ capacity, maxBytes })
          const all = sizes.map((size) => ring.push((seq) => `${seq}:${"x".repeat(size)}`))
          const kept = keptOf(ring)
          assert.strictEqual(ring.last, all.length)
          assert.deepStrictEqual(kept, all.slice(all.length - kept.length))
          assert.isTrue(all.length === 0 || kept.length >= 1)
          assert.isAtMost(kept.length, capacity)
          const bytes = kept.join("").length
          assert.isTrue(bytes <= maxBytes || kept.length === 1, `${bytes} bytes kept`)
          // Nothing is given up without need.
          const before = all[all.length - kept.length - 1]
          assert.isTrue(before === undefined || kept.length === capacity || bytes + before.length > maxBytes)
          assert.isUndefined(ring.at(ring.oldest - 1))
          assert.isUndefined(ring.at(ring.last + 1))
        }
      )
    )
  })
})

describe("replayStart", () => {
  const table: ReadonlyArray<readonly [string, { oldest: number; last: number }, number, number, boolean]> = [
    ["a fresh reader of an empty ring", { oldest: 1, last: 0 }, 0, 0, false],
    ["a fresh reader of a whole ring misses nothing", { oldest: 1, last: 5 }, 0, 0, false],
    ["a fresh reader of a ring that lost entries", { oldest: 4, last: 9 }, 0, 3, true],
    ["the last entry before the ring was seen", { oldest: 4, last: 9 }, 3, 3, false],
    ["one entry is lost", { oldest: 4, last: 9 }, 2, 3, true],
    ["in the middle", { oldest: 4, last: 9 }, 6, 6, false],
    ["up to date", { oldest: 4, last: 9 }, 9, 9, false],
    ["numbers of an earlier broker run", { oldest: 4, last: 9 }, 10, 3, true],
    ["numbers of an earlier broker run, nothing kept yet", { oldest: 1, last: 0 }, 7, 0, true]
  ]
  it.each(table)("%s", (_name, ring, since, cursor, gap) => {
    assert.deepStrictEqual(replayStart(ring, since), { cursor, gap })
  })
})
