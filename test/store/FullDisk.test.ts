/** A disk without room: the store says so, remembers what it can, and is itself again when there is room. */
import { assert, it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { describe } from "vitest"
import type { Limits } from "../../src/store/Limits.ts"
import { Store } from "../../src/store/Store.ts"
import { cursor, delivery, deliveryId } from "./data.ts"
import { eventually, isOk, makeDriver, tags, temporaryStore } from "./rig.ts"

const text = "some text ".repeat(300)

const receive = (seq: number) =>
  Effect.flatMap(Store, (store) =>
    store.received(delivery({ id: `d${seq}`, seq, text }), { numbered: true, atMillis: 0 })
  )
const typing = (seq: number) => Effect.flatMap(Store, (store) => store.typing([deliveryId(`d${seq}`)], 1))

const setup = (limits: Partial<Limits> = {}) =>
  Effect.gen(function* () {
    const { control, driver } = makeDriver()
    const place = yield* temporaryStore({ driver, limits })
    const pages = (most: number) => Effect.sync(() => control.db!.exec(`PRAGMA max_page_count = ${most}`))
    /** Writes until the disk is full; how many it took. */
    const fill = Effect.gen(function* () {
      yield* pages(40)
      let seq = 0
      while (yield* isOk) {
        seq += 1
        assert.isBelow(seq, 200)
        yield* receive(seq)
        yield* typing(seq)
      }
      return seq
    })
    return { ...place, control, fill, makeRoom: pages(1_000_000) }
  })

describe("a full disk", () => {
  it.scoped("is reported once; calls return; with room again everything is there", () =>
    Effect.gen(function* () {
      const { fill, layer, makeRoom, reports } = yield* setup()
      const last = yield* Effect.gen(function* () {
        const store = yield* Store
        const full = yield* fill
        assert.isAbove(full, 3)
        assert.deepStrictEqual(tags(reports), ["+StoreFull"])
        assert.strictEqual((yield* store.health)._tag, "Degraded")
        for (const seq of Array.range(full + 1, full + 20)) {
          yield* receive(seq)
          yield* typing(seq)
        }
        yield* store.flush
        // What is on disk can be read, and what waits is not forgotten.
        assert.lengthOf(yield* store.find("d1"), 1)
        const waiting = yield* store.message(deliveryId(`d${full + 20}`))
        assert.strictEqual(Option.getOrThrow(waiting).text, text)
        // Still no room: nothing changes, and nothing is reported again.
        yield* TestClock.adjust(20_000)
        assert.deepStrictEqual(tags(reports), ["+StoreFull"])
        yield* makeRoom
        yield* TestClock.adjust(5_000)
        yield* eventually("healed", isOk)
        return full + 20
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(tags(reports), ["+StoreFull", "-StoreFull"])
      const state = yield* Effect.flatMap(Store, (store) => store.load).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        state.open.map((record) => [record.deliveryId as string, record.state]),
        Array.range(1, last).map((seq) => [`d${seq}`, "typing"])
      )
    })
  )

  it.scoped("is tried at most every 5 s, and not at all by calls", () =>
    Effect.gen(function* () {
      const { control, fill, layer } = yield* setup()
      yield* Effect.gen(function* () {
        yield* fill
        const attempts = () => control.executed.filter((sql) => sql === "BEGIN IMMEDIATE").length
        const before = attempts()
        for (const seq of Array.range(500, 520)) yield* typing(seq)
        yield* TestClock.adjust(4_999)
        assert.strictEqual(attempts(), before)
        yield* TestClock.adjust(1)
        yield* eventually(
          "tried",
          Effect.sync(() => attempts() === before + 1)
        )
        yield* TestClock.adjust(5_000)
        yield* eventually(
          "tried again",
          Effect.sync(() => attempts() === before + 2)
        )
      }).pipe(Effect.provide(layer))
    })
  )

  it.scoped("for too long loses the oldest; no cursor is stored until the engine was told of all that", () =>
    Effect.gen(function* () {
      const { fill, layer, makeRoom } = yield* setup({ backlogWrites: 10 })
      yield* Effect.gen(function* () {
        const store = yield* Store
        yield* store.cursor(cursor("ada", 0))
        yield* store.flush
        assert.lengthOf((yield* store.load).cursors, 1)
        const full = yield* fill
        const last = full + 30
        for (const seq of Array.range(full + 1, last)) yield* receive(seq)
        yield* store.flush
        yield* makeRoom
        yield* TestClock.adjust(5_000)
        yield* eventually("healed", isOk)
        const { cursors, open } = yield* store.load
        assert.deepStrictEqual(cursors, [])
        const known = new Set<number>(open.map(({ seq }) => seq))
        const lost = Array.range(1, last).filter((seq) => !known.has(seq))
        const highestLost = Math.max(...lost)
        assert.isAbove(highestLost, full)
        yield* store.acked(cursor("ada", highestLost - 1, last), 2)
        assert.deepStrictEqual((yield* store.load).cursors, [])
        yield* store.acked(cursor("ada", highestLost, last), 2)
        assert.deepStrictEqual((yield* store.load).cursors, [cursor("ada", highestLost, last)])
        // Told of: what was left of it as open is done.
        assert.deepStrictEqual(
          (yield* store.load).open.map(({ seq }) => seq),
          Array.range(highestLost + 1, last)
        )
      }).pipe(Effect.provide(layer))
    })
  )

  it.scoped("at the end of a run leaves what was there before, whole", () =>
    Effect.gen(function* () {
      const { fill, layer } = yield* setup()
      const full = yield* Effect.provide(fill, layer)
      // A new connection has no page limit: the start is an ordinary one.
      const { open } = yield* Effect.flatMap(Store, (store) => store.load).pipe(Effect.provide(layer))
      const seqs = open.map(({ seq }) => seq)
      assert.deepStrictEqual(seqs, Array.range(1, seqs.length))
      assert.isBelow(seqs.length, full + 1)
    })
  )
})
