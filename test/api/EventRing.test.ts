import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeEventRing, replayStart } from "../../src/api/events/EventStream.ts"

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
        FastCheck.nat(50),
        (capacity, maxBytes, sizes, after) => {
          const ring = makeEventRing({ capacity, maxBytes, after })
          const all = sizes.map((size) => ring.push((seq) => `${seq}:${"x".repeat(size)}`))
          const kept = keptOf(ring)
          assert.deepStrictEqual([ring.first, ring.last], [after + 1, after + all.length])
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
  const first = { first: 1, oldest: 1, last: 5 }
  const lossy = { first: 1, oldest: 4, last: 9 }
  /** A later run: 20 was the last number before it. */
  const later = { first: 21, oldest: 21, last: 25 }
  const table: ReadonlyArray<readonly [string, typeof first, number, number, boolean]> = [
    ["a fresh reader of an empty ring", { first: 1, oldest: 1, last: 0 }, 0, 0, false],
    ["a fresh reader of a whole ring misses nothing", first, 0, 0, false],
    ["a fresh reader of a ring that lost entries", lossy, 0, 3, true],
    ["the last entry before the ring was seen", lossy, 3, 3, false],
    ["one entry is lost", lossy, 2, 3, true],
    ["in the middle", lossy, 6, 6, false],
    ["up to date", lossy, 9, 9, false],
    ["a number that was not given out yet", lossy, 10, 3, true],
    ["a number that was not given out yet, nothing kept", { first: 1, oldest: 1, last: 0 }, 7, 0, true],
    ["a fresh reader of a later run misses nothing of it", later, 0, 20, false],
    ["up to date with the former run: nothing came in between", later, 20, 20, false],
    ["not up to date with the former run", later, 19, 20, true],
    ["in the middle of a later run", later, 23, 23, false],
    ["a fresh reader of a later run that lost entries", { first: 21, oldest: 24, last: 30 }, 0, 23, true]
  ]
  it.each(table)("%s", (_name, ring, since, cursor, gap) => {
    assert.deepStrictEqual(replayStart(ring, since), { cursor, gap })
  })

  it("a number of another run, as the reader knows, save 0", () => {
    assert.deepStrictEqual(replayStart(first, 3, false), { cursor: 0, gap: true })
    assert.deepStrictEqual(replayStart(first, 0, false), { cursor: 0, gap: false })
  })
})
