import { assert, it } from "@effect/vitest"
import * as ReadingPace from "../../src/workers/ReadingPace.ts"

const kib = 1024

it("one that floods is paused until the turn is over, and may go on in the next", () => {
  const share = ReadingPace.make().share()
  const pauses = Array.from({ length: 9 }, () => share(kib, 1_005))
  assert.deepStrictEqual(pauses, [0, 0, 0, 0, 0, 0, 0, 0, 4])
  assert.strictEqual(share(4 * kib, 1_009), 0)
})

it("many that flood share one turn; one that says little never waits for them", () => {
  const pace = ReadingPace.make()
  const floods = Array.from({ length: 20 }, () => pace.share())
  const quiet = pace.share()
  let taken = 0
  const paused = new Set<number>()
  for (let round = 0; round < 32; round++) {
    for (const [index, share] of floods.entries()) {
      if (paused.has(index)) continue
      taken += kib / 2
      if (share(kib / 2, 0) > 0) paused.add(index)
    }
    assert.strictEqual(quiet(30, 0), 0)
  }
  assert.strictEqual(paused.size, 20)
  assert.isAtMost(taken, 16 * kib + 20 * 1.5 * kib)
})
