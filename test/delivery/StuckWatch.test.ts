import { assert, describe, it } from "vitest"
import { explainedMillis, look, type Waiting, type Watch } from "../../src/delivery/StuckWatch.ts"
import { AgentId } from "../../src/domain/Ids.ts"

const waiting = (o: Partial<Waiting>): Waiting => ({
  agent: "w1",
  agentId: AgentId.make("a1"),
  next: "d1",
  receivedAtMillis: 0,
  count: 1,
  reason: "asking",
  ...o
})

/** Looks one after the other; what was told and taken back at each. */
const looks = (
  steps: ReadonlyArray<readonly [nowMillis: number, now: ReadonlyArray<Waiting>, sleptMillis?: number]>
) => {
  let watch: Watch = new Map()
  return steps.map(([nowMillis, now, sleptMillis]) => {
    const seen = look(watch, now, nowMillis, sleptMillis)
    watch = seen.watch
    return [seen.stuck.map(({ error }) => error.reason), seen.moved]
  })
}

describe("a look at what waits", () => {
  it("tells once who has got nothing for longer than the reason explains, and takes it back when it moves", () => {
    const limit = explainedMillis("asking")!
    assert.deepStrictEqual(
      looks([
        [limit - 1, [waiting({})]],
        [limit, [waiting({})]],
        [limit * 2, [waiting({})]],
        [limit * 2 + 1, [waiting({ next: "d2" })]],
        [limit * 2 + 2, []]
      ]),
      [
        [[], []],
        [["asking"], []],
        [[], []],
        [[], ["w1"]],
        [[], []]
      ]
    )
  })

  it("takes it back when nothing waits any more", () => {
    assert.deepStrictEqual(
      looks([
        [1e6, [waiting({})]],
        [2e6, []]
      ]),
      [
        [["asking"], []],
        [[], ["w1"]]
      ]
    )
  })

  it("tells of a forgotten draft, which nothing but a person ends, after two minutes and not before", () => {
    const draft = waiting({ reason: "composer_not_empty" })
    assert.deepStrictEqual(
      looks([
        [119_999, [draft]],
        [120_000, [draft]]
      ]).map(([stuck]) => stuck),
      [[], ["composer_not_empty"]]
    )
  })

  it("tells again when the reason is another", () => {
    assert.deepStrictEqual(
      looks([
        [1e6, [waiting({})]],
        [2e6, [waiting({ reason: "human_typing" })]]
      ]),
      [
        [["asking"], []],
        [["human_typing"], []]
      ]
    )
  })

  it("does not call a long queue stuck that moves, nor what is held, elsewhere or without a worker", () => {
    const moving = Array.from(
      { length: 40 },
      (_, i) => [i * 60_000, [waiting({ next: `d${i}`, reason: "busy", count: 40 - i })]] as const
    )
    assert.isTrue(looks(moving).every(([stuck, moved]) => stuck?.length === 0 && moved?.length === 0))
    for (const reason of ["held", "no_worker", "location_conflict"] as const) {
      assert.deepStrictEqual(looks([[1e9, [waiting({ reason })]]]), [[[], []]])
    }
  })

  it("goes on telling of an agent whose name another mailbox here has, too", () => {
    const former = waiting({ agentId: AgentId.make("a0"), next: "d0", reason: "no_worker" })
    const both = [former, waiting({})]
    assert.deepStrictEqual(
      looks([
        [1e6, both],
        [2e6, both],
        [3e6, [former, waiting({ next: "d2" })]]
      ]),
      [
        [["asking"], []],
        [[], []],
        [[], ["w1"]]
      ]
    )
  })

  it("takes it back when somebody holds the message, which has not waited when it is let go", () => {
    const limit = explainedMillis("not_ready")!
    const held = [waiting({ reason: "held" })]
    const going = [waiting({ reason: "not_ready" })]
    assert.deepStrictEqual(
      looks([
        [1e6, [waiting({})]],
        [2e6, held],
        [9e6, held],
        [9e6 + limit - 1, going],
        [9e6 + limit, going]
      ]),
      [
        [["asking"], []],
        [[], ["w1"]],
        [[], []],
        [[], []],
        [["not_ready"], []]
      ]
    )
  })

  it("does not count the sleep of the machine", () => {
    const limit = explainedMillis("asking")!
    const seen = [waiting({})]
    assert.deepStrictEqual(
      looks([
        [10_000, seen],
        [5e6, seen, 5e6 - 20_000],
        [5e6 + limit - 20_001, seen],
        [5e6 + limit - 20_000, seen]
      ]).map(([stuck]) => stuck),
      [[], [], [], ["asking"]]
    )
    assert.deepStrictEqual(looks([[5e6, seen, 5e6 - 10_000]]), [[[], []]])
  })
})
