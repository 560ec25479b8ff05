import { describe, expect, it } from "vitest"
import { lateRise } from "../../scripts/soak/growth.ts"

/** What the soak allows, see scripts/soak/rounds.ts. */
const limit = 1

const warmUp = (n: number) => 24 + 6 * (1 - Math.exp(-n / 2))
const noise = [0.2, -0.1, 0.15, -0.2, 0, 0.1, -0.15, 0.05, 0.2, -0.05, 0.1]
const over = (size: (n: number) => number) => noise.map((each, n) => size(n) + each)

describe("the rise of the later half", () => {
  it("is none after a warm-up, however steep", () => {
    expect(lateRise(over(warmUp))).toBeLessThan(limit)
  })

  it("is what leaks: 0.4 at every quiet, beside a warm-up", () => {
    expect(lateRise(over((n) => warmUp(n) + 0.4 * n))).toBeGreaterThan(limit)
  })

  it("is not moved by one high sample, also the last", () => {
    expect(lateRise([24, 26, 27, 28, 28, 28, 28.1, 28, 28.1, 28, 40])).toBeLessThan(limit)
    expect(lateRise([24, 26, 27, 28, 28, 28, 28.1, 44, 28.1, 28, 28])).toBeLessThan(limit)
  })

  it("falls when the process shrinks", () => {
    expect(lateRise([30, 30, 30, 30, 30, 29, 28, 27])).toBeLessThan(0)
  })

  it("is unknown from fewer than four samples", () => {
    expect(lateRise([1, 2, 3, 4, 5, 6])).toBeUndefined()
    expect(lateRise([1, 2, 3, 4, 5, 6, 7])).toBeCloseTo(3)
  })
})
