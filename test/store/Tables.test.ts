/** The released tables, query plans, and how much disk it takes. */
import { statSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import { AgentName } from "../../src/domain/Ids.ts"
import { Store } from "../../src/store/Store.ts"
import { migrations } from "../../src/store/tables.ts"
import { agentRecord, cursor, delivery, deliveryId, invocationId, letter } from "./data.ts"
import { makeDriver, temporaryStore } from "./rig.ts"

it("every migration has been released as it is: a new one is added, none is changed", () => {
  assert.lengthOf(migrations, 6)
})

const everyCall = Effect.gen(function* () {
  const store = yield* Store
  yield* store.eventsNumbered(10)
  yield* store.received(delivery({ id: "d1", seq: 1 }), { numbered: true, atMillis: 0 })
  yield* store.received(delivery({ id: "d2", seq: 2 }), { numbered: true, atMillis: 0 })
  yield* store.typing([deliveryId("d1")], 1)
  yield* store.waiting([deliveryId("d1")])
  yield* store.typing([deliveryId("d1")], 2)
  yield* store.unproven(deliveryId("d1"), "nothing was said")
  yield* store.submitted({ deliveryId: deliveryId("d1"), evidence: "echo", channel: "terminal", atMillis: 2 })
  yield* store.acked(cursor("ada", 1), 3)
  yield* store.buried(letter("d2"))
  yield* store.redelivered({ deliveryId: deliveryId("d2"), as: deliveryId("d3") })
  yield* store.agent(agentRecord("ada"))
  yield* store.invocationOpened({ invocationId: invocationId("i"), action: "release", atMillis: 1 })
  yield* store.invocationAnswered({ invocationId: invocationId("i"), answer: { error: "no" }, atMillis: 2 })
  yield* store.invocationForgotten(invocationId("i"))
  yield* store.undoOwed({ name: AgentName.make("ada"), agentId: undefined, sinceMillis: 1 })
  yield* store.undone(AgentName.make("ada"))
  yield* store.alert({
    code: "LinkLost",
    subject: "node_1",
    sinceMillis: 1,
    lastMillis: 2,
    count: 2,
    message: "lost",
    ended: { atMillis: 3, how: "resolved" }
  })
  yield* store.alerts
  yield* store.message(deliveryId("d1"))
  yield* store.find("d1")
  yield* store.recentDeliveries({ agent: "ada", limit: 5 })
  yield* store.deadLetter("d2")
  yield* store.findAgent("ada")
  yield* store.crashed({ agent: AgentName.make("ada"), exitCode: 1, signal: null, atMillis: 3, uptimeMillis: 2 })
  yield* store.crashes
  yield* store.flush
})

it.scoped("no call walks through all deliveries", () =>
  Effect.gen(function* () {
    const { control, driver } = makeDriver()
    const { layer } = yield* temporaryStore({ driver, limits: { pruneEvery: 1 } })
    yield* Effect.gen(function* () {
      yield* everyCall
      const statements = [...new Set(control.executed)].filter((sql) => /^(SELECT|UPDATE|DELETE)/.test(sql))
      assert.isAbove(statements.length, 15)
      const walks = statements.flatMap((sql) =>
        control
          .db!.prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(Array.makeBy((sql.match(/\?/g) ?? []).length, () => null))
          .map(({ detail }) => String(detail))
          .filter((detail) => /^SCAN (d|deliveries|bodies)\b/.test(detail))
          .map((detail) => `${detail}: ${sql}`)
      )
      assert.deepStrictEqual(walks, [])
    }).pipe(Effect.provide(layer))
  })
)

it.scoped("a flood leaves the file as large as what is kept of it", () =>
  Effect.gen(function* () {
    const { layer, path } = yield* temporaryStore({ limits: { deliveriesPerAgent: 100 } })
    const flood = (round: number) =>
      Effect.gen(function* () {
        const store = yield* Store
        const numbers = Array.range(round * 1_500 + 1, (round + 1) * 1_500)
        for (const seq of numbers) {
          const one = delivery({ id: `d${seq}`, seq, text: "x".repeat(4_000) })
          yield* store.received(one, { numbered: true, atMillis: 0 })
        }
        yield* store.flush
        const submit = (seq: number) =>
          store.submitted({ deliveryId: deliveryId(`d${seq}`), evidence: "echo", channel: "terminal", atMillis: 0 })
        yield* Effect.forEach(numbers, submit, { concurrency: "unbounded", discard: true })
        yield* store.acked(cursor("ada", numbers[numbers.length - 1]!), 0)
        yield* store.flush
        return { file: statSync(path).size, log: statSync(`${path}-wal`).size }
      })
    const sizes = yield* Effect.forEach([0, 1, 2], flood).pipe(Effect.provide(layer))
    const megabytes = 1024 * 1024
    assert.isBelow(sizes[2]!.file, sizes[0]!.file + 2 * megabytes)
    assert.isBelow(sizes[2]!.log, 24 * megabytes)
    // An end in order leaves nothing in the log.
    assert.strictEqual(statSync(`${path}-wal`).size, 0)
    // Later runs give back what is not needed.
    for (const _ of Array.range(1, 8)) {
      yield* Effect.gen(function* () {
        const store = yield* Store
        yield* Effect.forEach(Array.range(1, 600), (index) => store.cursor(cursor("ada", index)), { discard: true })
        yield* store.flush
      }).pipe(Effect.provide(layer))
    }
    assert.isBelow(statSync(path).size, 5.5 * megabytes)
  })
)
