import { assert, describe, it } from "vitest"
import { healthyMillis, noRestarts, onEnd, type RestartHistory } from "../../src/agents/Restarts.ts"
import { defaultRestartPolicy, type RestartPolicy } from "../../src/domain/RestartPolicy.ts"

/** How a program fares that ends again and again after `ranMillis`: the waits, and why it was given up. */
const ends = (policy: RestartPolicy, ranMillis: number) => {
  const waits: Array<number> = []
  let history: RestartHistory = noRestarts
  for (;;) {
    const decision = onEnd(policy, history, ranMillis)
    if (decision._tag === "GiveUp") return { waits, reason: decision.reason }
    waits.push(decision.delayMillis)
    history = decision.history
    assert.isAtMost(waits.length, 100, "never given up")
  }
}

describe("a program that ends by itself", () => {
  it("at once, again and again, is given up after the failures in a row, the waits doubling", () => {
    assert.deepStrictEqual(ends(defaultRestartPolicy, 0), {
      waits: [2_000, 4_000, 8_000],
      reason: "it ended 4 times in a row"
    })
  })

  it("after a healthy time is started again after the plain cool-down, as often as the policy says", () => {
    assert.deepStrictEqual(ends(defaultRestartPolicy, healthyMillis), {
      waits: [2_000, 2_000, 2_000, 2_000, 2_000],
      reason: "it was restarted 5 times"
    })
  })

  it("waits no longer than a minute, unless the cool-down itself is longer", () => {
    const patient = { ...defaultRestartPolicy, maxRestarts: 8, maxConsecutiveFailures: 20 }
    assert.strictEqual(Math.max(...ends(patient, 0).waits), 60_000)
    assert.deepStrictEqual(new Set(ends({ ...patient, cooldownMillis: 90_000 }, 0).waits), new Set([90_000]))
    const timer = 2 ** 31 - 1
    assert.deepStrictEqual(new Set(ends({ ...patient, cooldownMillis: 2 * timer }, 0).waits), new Set([timer]))
  })

  it("is never started again under a policy of none", () => {
    assert.deepStrictEqual(ends({ ...defaultRestartPolicy, maxRestarts: 0 }, healthyMillis).waits, [])
    assert.deepStrictEqual(ends({ ...defaultRestartPolicy, maxConsecutiveFailures: 0 }, healthyMillis).waits, [])
  })
})
