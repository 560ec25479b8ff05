/** The order of the gates before a message is put in, and when they open by themselves. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { closedGate, type GateFacts } from "../../src/injection/Gates.ts"

const open: GateFacts = {
  dead: false,
  held: undefined,
  asking: false,
  byCall: false,
  humanUntilMillis: 0,
  ready: true,
  settledAtMillis: 0,
  composer: "empty",
  busy: false,
  mode: "wait"
}
const now = 1_000

/** Each closes one gate, in the fixed order. */
const closing: ReadonlyArray<readonly [reason: string, facts: Partial<GateFacts>]> = [
  ["dead", { dead: true }],
  ["held", { held: "held" }],
  ["asking", { asking: true }],
  ["human_typing", { humanUntilMillis: now + 1 }],
  ["not_ready", { ready: false }],
  ["composer_not_empty", { composer: "other" }],
  ["busy", { busy: true }]
]

describe("gates", () => {
  it("all open", () => assert.isUndefined(closedGate(open, now)))

  it.each(closing)("%s", (reason, facts) => {
    assert.strictEqual(closedGate({ ...open, ...facts }, now)?.reason, reason)
  })

  it("property: the first closed one in the fixed order is the reason", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.subarray([...closing], { minLength: 1 }), (closed) => {
        const facts: GateFacts = Object.assign({ ...open }, ...closed.map(([, each]) => each))
        assert.strictEqual(closedGate(facts, now)?.reason, closed[0]?.[0])
      })
    ))

  it("a steer message does not wait for a turn, and waits for everything else", () => {
    for (const [reason, facts] of closing) {
      const gate = closedGate({ ...open, ...facts, mode: "steer" }, now)
      assert.strictEqual(gate?.reason, reason === "busy" ? undefined : reason)
    }
  })

  it("property: no time opens a gate of a known program", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.constantFrom<Partial<GateFacts>>(
          { asking: true },
          { ready: false },
          { composer: "other" },
          { composer: "ours" },
          { composer: "more" },
          { composer: "hidden" },
          { composer: "hidden", busy: true },
          { busy: true }
        ),
        FastCheck.double({ min: 0, max: 1e15, noNaN: true }),
        (facts, nowMillis) => {
          const gate = closedGate({ ...open, ...facts }, nowMillis)
          assert.isDefined(gate)
          assert.isUndefined(gate?.reopensAtMillis)
        }
      )
    ))

  it("a person's pause and a resize open by time, and say when", () => {
    assert.strictEqual(closedGate({ ...open, humanUntilMillis: 3_000 }, now)?.reopensAtMillis, 3_000)
    assert.isUndefined(closedGate({ ...open, humanUntilMillis: 3_000 }, 3_000))
    assert.strictEqual(closedGate({ ...open, settledAtMillis: 3_000 }, now)?.reopensAtMillis, 3_000)
    assert.isUndefined(closedGate({ ...open, settledAtMillis: 3_000 }, 3_000))
  })

  it("the program's own call needs no composer and no pause; a question is waited for all the same", () => {
    const busyPerson = { ...open, byCall: true, composer: "other", humanUntilMillis: now + 1 } as const
    assert.isUndefined(closedGate(busyPerson, now))
    assert.strictEqual(closedGate({ ...busyPerson, asking: true }, now)?.reason, "asking")
    assert.strictEqual(closedGate({ ...busyPerson, busy: true }, now)?.reason, "busy")
  })

  it("nothing is known of the composer: it closes nothing", () =>
    assert.isUndefined(closedGate({ ...open, composer: undefined }, now)))
})
