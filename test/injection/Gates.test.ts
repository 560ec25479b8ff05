/** The order of the gates before typing, and when they open by themselves. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { busyCapMillis, closedGate, type GateFacts, hiddenCapMillis } from "../../src/injection/Gates.ts"

const open: GateFacts = {
  dead: false,
  held: undefined,
  dialog: false,
  humanUntilMillis: 0,
  ready: true,
  settledAtMillis: 0,
  composer: "empty",
  hiddenAtMillis: undefined,
  awayAtMillis: undefined,
  busy: false,
  busyAtMillis: undefined,
  mode: "wait"
}
const now = 1_000

/** Each closes one gate, in their fixed order. */
const closing: ReadonlyArray<readonly [reason: string, facts: Partial<GateFacts>]> = [
  ["dead", { dead: true }],
  ["held", { held: "held" }],
  ["asking", { dialog: true }],
  ["human_typing", { humanUntilMillis: now + 1 }],
  ["not_ready", { ready: false }],
  ["composer_not_empty", { composer: "other" }],
  ["busy", { busy: true, busyAtMillis: now }]
]

describe("gates", () => {
  it("all open", () => assert.isUndefined(closedGate(open, now)))

  it.each(closing)("%s", (reason, facts) => {
    assert.strictEqual(closedGate({ ...open, ...facts }, now)?.reason, reason)
  })

  it("property: the first closed one in the fixed order is the reason", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.subarray([...closing], { minLength: 1 }), (closed) => {
        const facts = Object.assign({ ...open }, ...closed.map(([, facts]) => facts)) as GateFacts
        assert.strictEqual(closedGate(facts, now)?.reason, closed[0]?.[0])
      })
    ))

  it("a steer message does not wait for a turn, and waits for everything else", () => {
    for (const [reason, facts] of closing) {
      const gate = closedGate({ ...open, ...facts, mode: "steer" }, now)
      assert.strictEqual(gate?.reason, reason === "busy" ? undefined : reason)
    }
  })

  it("a turn is waited for 5 minutes, a person 2 s after the last key, a hidden composer and a line editor 25 s", () => {
    const busy = { ...open, busy: true, busyAtMillis: now }
    assert.strictEqual(closedGate(busy, now)?.reopensAtMillis, now + busyCapMillis)
    assert.isUndefined(closedGate(busy, now + busyCapMillis))
    assert.strictEqual(closedGate({ ...open, humanUntilMillis: 3_000 }, now)?.reopensAtMillis, 3_000)
    assert.isUndefined(closedGate({ ...open, humanUntilMillis: 3_000 }, 3_000))
    for (const facts of [{ composer: "hidden", hiddenAtMillis: now } as const, { awayAtMillis: now }]) {
      assert.deepInclude(closedGate({ ...open, ...facts }, now), { reason: "not_ready" })
      assert.isUndefined(closedGate({ ...open, ...facts }, now + hiddenCapMillis))
    }
  })

  it("what must happen first has no time: a dialog, readiness, a draft", () => {
    for (const facts of [{ dialog: true }, { ready: false }, { composer: "other" as const }]) {
      assert.isUndefined(closedGate({ ...open, ...facts }, 1e12)?.reopensAtMillis)
      assert.isDefined(closedGate({ ...open, ...facts }, 1e12))
    }
  })

  it("nothing is known of the composer: it closes nothing", () =>
    assert.isUndefined(closedGate({ ...open, composer: undefined, hiddenAtMillis: now }, now)))
})
