/** The faults that tests script with the store in memory. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { Store } from "../../src/store/Store.ts"
import { delivery, deliveryId } from "./data.ts"

const receive = Effect.flatMap(Store, (store) =>
  store.received(delivery({ id: "d1", seq: 1 }), { numbered: true, atMillis: 0 })
)
const typing = Effect.flatMap(Store, (store) => store.typing([deliveryId("d1")], 1))
const states = Effect.flatMap(Store, (store) => Effect.map(store.load, ({ open }) => open.map(({ state }) => state)))

const crash = (when: "before" | "after") =>
  Effect.gen(function* () {
    const first = MemoryStore.make()
    yield* Effect.gen(function* () {
      const store = yield* Store
      yield* receive
      yield* store.flush
      const crashed = yield* first.crashAtCommit(when)
      const caller = yield* Effect.fork(typing)
      yield* crashed
      assert.strictEqual((yield* Fiber.poll(caller))._tag, "None")
      // What is left of the process is not held up.
      yield* store.typing([deliveryId("d1")], 9)
      yield* store.flush
    }).pipe(Effect.provide(first.layer))
    return yield* Effect.provide(states, MemoryStore.make({ contents: first.contents }).layer)
  })

it.scoped("a crash before a commit loses it, a crash after it does not", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* crash("before"), ["waiting"])
    assert.deepStrictEqual(yield* crash("after"), ["typing"])
  })
)

it.scoped("a failed store returns at once, keeps nothing more and says so", () =>
  Effect.gen(function* () {
    const { contents, fail, layer } = MemoryStore.make()
    yield* Effect.gen(function* () {
      yield* receive
      yield* (yield* Store).flush
      yield* TestClock.adjust(7)
      yield* fail("no disk")
      yield* typing
      assert.deepStrictEqual(yield* states, ["waiting"])
      assert.deepStrictEqual(yield* (yield* Store).health, { _tag: "Degraded", reason: "no disk", sinceMillis: 7 })
    }).pipe(Effect.provide(layer))
    assert.lengthOf(contents.load().open, 1)
  })
)

it.scoped("a slow store holds up durable calls only", () =>
  Effect.gen(function* () {
    const { layer, slow } = MemoryStore.make()
    yield* Effect.gen(function* () {
      yield* slow(1_000)
      yield* receive
      const caller = yield* Effect.fork(typing)
      yield* TestClock.adjust(999)
      assert.strictEqual((yield* Fiber.poll(caller))._tag, "None")
      yield* TestClock.adjust(1_001)
      yield* Fiber.join(caller)
    }).pipe(Effect.provide(layer))
  })
)
