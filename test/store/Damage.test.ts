/** Files that cannot be used as they are: the store goes on, says so, and invents nothing. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as fc from "fast-check"
import { describe } from "vitest"
import { Store } from "../../src/store/Store.ts"
import { cursor, delivery, deliveryId } from "./data.ts"
import { eventually, isOk, makeDriver, makeStore, sqliteError, tags, temporaryStore } from "./rig.ts"

const receive = (seq: number, text?: string) =>
  Effect.flatMap(Store, (store) =>
    store.received(delivery({ id: `d${seq}`, seq, ...(text === undefined ? {} : { text }) }), {
      numbered: true,
      atMillis: 0
    })
  )

const typing = (seq: number) => Effect.flatMap(Store, (store) => store.typing([deliveryId(`d${seq}`)], 1))
const openIds = Effect.flatMap(Store, (store) =>
  Effect.map(store.load, ({ open }) => open.map((record) => record.deliveryId as string))
)

const filled = (rows: number) =>
  Effect.gen(function* () {
    for (const seq of Array.range(1, rows)) yield* receive(seq, `text ${seq} `.repeat(20))
    yield* (yield* Store).cursor(cursor("ada", 0, rows))
  })

/** A file that no connection of this process knows, as the next process finds it. */
const leftBehind = (run: Effect.Effect<void, never, Store>) =>
  Effect.gen(function* () {
    const former = yield* temporaryStore()
    yield* Effect.provide(run, former.layer)
    const next = yield* temporaryStore()
    copyFileSync(former.path, next.path)
    return next
  })

const namesIn = (path: string) => readdirSync(dirname(path)).sort()
const keptCopies = (path: string) => namesIn(path).filter((name) => /\.damaged-[^-]*-[^-]*-[^-]*$/.test(name))

describe("a damaged file", () => {
  it.scoped("that is no database is kept aside, and a fresh one is used", () =>
    Effect.gen(function* () {
      const { layer, path, reports } = yield* temporaryStore()
      const garbage = "not a database ".repeat(500)
      writeFileSync(path, garbage)
      yield* Effect.gen(function* () {
        assert.isTrue(yield* isOk)
        assert.deepStrictEqual(yield* openIds, [])
        yield* receive(1)
        yield* typing(1)
      }).pipe(Effect.provide(layer))
      const [kept, ...more] = keptCopies(path)
      assert.deepStrictEqual(more, [])
      assert.match(kept ?? "", /^broker\.db\.damaged-1970-01-01T/)
      assert.strictEqual(readFileSync(join(dirname(path), kept!), "utf8"), garbage)
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
      assert.include(reports[0]!.error.message, kept!)
      // The next start is clean: nothing is reported.
      assert.deepStrictEqual(yield* Effect.provide(openIds, layer), ["d1"])
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
    })
  )

  it.scoped("that was cut short gives what is intact, or nothing", () =>
    Effect.forEach(
      [1, 50, 4_095, 4_096, 8_192, 20_480, 30_000],
      (size) =>
        Effect.gen(function* () {
          const { layer, path } = yield* leftBehind(filled(100))
          assert.isAbove(statSync(path).size, size)
          truncateSync(path, size)
          const found = yield* Effect.gen(function* () {
            const before = yield* (yield* Store).load
            yield* receive(200)
            yield* typing(200)
            assert.deepStrictEqual(yield* (yield* Store).health, { _tag: "Ok" }, String(size))
            assert.include(yield* openIds, "d200")
            return before
          }).pipe(Effect.provide(layer))
          for (const { deliveryId, message, seq } of found.open) {
            assert.strictEqual(deliveryId as string, `d${seq}`)
            assert.strictEqual(message?.text, `text ${seq} `.repeat(20))
          }
        }),
      { discard: true }
    )
  )

  it("whatever is in it, no call fails and none hangs", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.double({ min: 0, max: 0.9999, noNaN: true }), byte: fc.nat(255) }), {
          minLength: 1
        }),
        (bytes) =>
          Effect.gen(function* () {
            const { layer, path } = yield* leftBehind(filled(40))
            const content = readFileSync(path)
            for (const { at, byte } of bytes) content[Math.floor(at * content.length)] = byte
            writeFileSync(path, content)
            yield* Effect.gen(function* () {
              const store = yield* Store
              yield* store.load
              for (const seq of Array.range(30, 50)) yield* receive(seq)
              yield* store.acked(cursor("ada", 35), 1)
              yield* typing(50)
              yield* store.recentDeliveries({ agent: "ada", limit: 100 })
              yield* store.flush
            }).pipe(Effect.provide(layer))
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 30 }
    ))

  it.scoped("found in the middle of a run is replaced; what was being written is in the new one", () =>
    Effect.gen(function* () {
      const { control, driver } = makeDriver()
      const { layer, path, reports } = yield* temporaryStore({ driver })
      yield* Effect.gen(function* () {
        const store = yield* Store
        yield* filled(3)
        yield* store.flush
        let faults = 1
        control.fault = (sql) =>
          sql.startsWith("UPDATE deliveries") && faults-- > 0 ? sqliteError(267, "disk image is malformed") : undefined
        yield* receive(4)
        yield* typing(4)
        assert.isTrue(yield* isOk)
        assert.deepStrictEqual(yield* openIds, ["d4"])
        // d1 to d3 are unknown here now: a cursor would say that they were dealt with.
        yield* store.acked(cursor("ada", 0, 4), 2)
        assert.deepStrictEqual((yield* store.load).cursors, [])
        yield* store.acked(cursor("ada", 3, 4), 2)
        assert.deepStrictEqual((yield* store.load).cursors, [cursor("ada", 3, 4)])
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
      assert.isAtLeast(keptCopies(path).length, 1)
    })
  )

  it.scoped("that comes again and again does not fill the disk with copies", () =>
    Effect.gen(function* () {
      const { layer, path, reports } = yield* temporaryStore()
      for (const index of Array.range(1, 6)) {
        yield* TestClock.adjust(1_000)
        writeFileSync(path, `garbage ${index} `.repeat(500))
        yield* Effect.provide(typing(1), layer)
      }
      const copies = keptCopies(path)
      assert.lengthOf(copies, 3)
      assert.include(readFileSync(join(dirname(path), copies[2]!), "utf8"), "garbage 6")
      assert.lengthOf(reports, 6)
    })
  )
})

describe("a file that cannot be used", () => {
  it.scoped("is tried again; meanwhile calls return, and afterwards nothing of them is lost", () =>
    Effect.gen(function* () {
      const { layer, path, reports } = yield* temporaryStore()
      mkdirSync(path)
      yield* Effect.gen(function* () {
        const store = yield* Store
        const health = yield* store.health
        assert.strictEqual(health._tag, "Degraded")
        yield* receive(1)
        yield* typing(1)
        assert.deepStrictEqual(yield* openIds, [])
        assert.deepStrictEqual(
          yield* store.message(deliveryId("d1")),
          Option.some(delivery({ id: "d1", seq: 1 }).message)
        )
        yield* TestClock.adjust(5_000)
        yield* receive(2)
        yield* store.flush
        assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
        rmdirSync(path)
        yield* TestClock.adjust(5_000)
        yield* eventually("healed", isOk)
        assert.deepStrictEqual(tags(reports), ["+StoreDamaged", "-StoreDamaged"])
        assert.deepStrictEqual(yield* openIds, ["d1", "d2"])
      }).pipe(Effect.provide(layer))
    })
  )

  it.scoped("because it is read-only or locked is left as it is until it can be written", () =>
    Effect.forEach(
      [sqliteError(8, "attempt to write a readonly database"), sqliteError(5, "database is locked")],
      (error) =>
        Effect.gen(function* () {
          const { control, driver } = makeDriver()
          const { layer, path, reports } = yield* temporaryStore({ driver })
          yield* Effect.gen(function* () {
            yield* filled(2)
            yield* (yield* Store).flush
            control.fault = (sql) => (sql === "BEGIN IMMEDIATE" ? error : undefined)
            yield* typing(1)
            const health = yield* (yield* Store).health
            assert.strictEqual(health._tag === "Degraded" && health.reason, error.message)
            control.fault = () => undefined
            yield* TestClock.adjust(5_000)
            yield* eventually("healed", isOk)
            const { cursors, open } = yield* (yield* Store).load
            assert.deepStrictEqual(
              open.map(({ state }) => state),
              ["typing", "waiting"]
            )
            assert.lengthOf(cursors, 1)
          }).pipe(Effect.provide(layer))
          assert.deepStrictEqual(tags(reports), ["+StoreDamaged", "-StoreDamaged"])
          assert.deepStrictEqual(keptCopies(path), [])
        }),
      { discard: true }
    )
  )

  it.scoped("because a newer relay-broker wrote it is not touched at all", () =>
    Effect.gen(function* () {
      const { control, driver } = makeDriver()
      const { layer, path, reports } = yield* temporaryStore({ driver })
      yield* Effect.gen(function* () {
        yield* filled(2)
        yield* (yield* Store).flush
        control.db!.exec("PRAGMA user_version = 99")
      }).pipe(Effect.provide(layer))
      const before = readFileSync(path)
      const files = namesIn(path)
      const opened = control.opened
      yield* Effect.gen(function* () {
        const health = yield* (yield* Store).health
        assert.strictEqual(health._tag, "Degraded")
        yield* receive(1)
        yield* typing(1)
        yield* TestClock.adjust(60_000)
        assert.deepStrictEqual(yield* openIds, [])
      }).pipe(Effect.provide(layer))
      assert.strictEqual(control.opened, opened)
      assert.deepStrictEqual(readFileSync(path), before)
      assert.deepStrictEqual(namesIn(path), files)
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
      assert.match(reports[0]!.error.reason, /^written by a newer relay-broker/)
    })
  )

  it.scoped("because it was removed in the middle of a run is made anew", () =>
    Effect.gen(function* () {
      const { layer, path, reports } = yield* temporaryStore({ limits: { checkpointCommits: 4 } })
      yield* Effect.gen(function* () {
        yield* filled(2)
        yield* (yield* Store).flush
        for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`)
        for (const seq of Array.range(3, 9)) {
          yield* receive(seq)
          yield* typing(seq)
        }
        yield* eventually(
          "noticed",
          Effect.map(isOk, (ok) => !ok)
        )
        yield* TestClock.adjust(5_000)
        yield* eventually("healed", isOk)
        assert.isTrue(existsSync(path))
        assert.deepStrictEqual((yield* (yield* Store).load).cursors, [])
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged", "-StoreDamaged"])
    })
  )

  it.scoped("in a directory that is not there does not stop a start", () =>
    Effect.gen(function* () {
      const { path } = yield* temporaryStore()
      const { layer, reports } = makeStore({ path: join(path, "missing", "broker.db") })
      yield* Effect.provide(Effect.zipRight(receive(1), typing(1)), layer)
      assert.deepStrictEqual(tags(reports), ["+StoreDamaged"])
    })
  )
})

it.scoped("a write that cannot be stored costs only itself, and the trust in stored cursors", () =>
  Effect.gen(function* () {
    const { control, driver } = makeDriver()
    const { layer, reports } = yield* temporaryStore({ driver })
    yield* Effect.gen(function* () {
      const store = yield* Store
      yield* filled(2)
      yield* store.flush
      control.fault = (sql) => (sql.startsWith("INSERT INTO bodies") ? sqliteError(18, "string too big") : undefined)
      yield* receive(3)
      yield* typing(1)
      control.fault = () => undefined
      yield* receive(4)
      yield* store.acked(cursor("ada", 0, 4), 1)
      const { cursors, open } = yield* store.load
      assert.deepStrictEqual(
        open.map(({ deliveryId, state }) => [deliveryId as string, state]),
        [
          ["d1", "typing"],
          ["d2", "waiting"],
          ["d4", "waiting"]
        ]
      )
      assert.deepStrictEqual(cursors, [])
      assert.isTrue(yield* isOk)
    }).pipe(Effect.provide(layer))
    assert.deepStrictEqual(reports, [])
  })
)

it.scoped("a record that is none is left out, the others are there", () =>
  Effect.gen(function* () {
    const { control, driver } = makeDriver()
    const { layer } = yield* temporaryStore({ driver })
    yield* Effect.gen(function* () {
      yield* filled(4)
      yield* (yield* Store).flush
      control.db!.exec(`
        UPDATE deliveries SET state = 'levitating' WHERE delivery_id = 'd1';
        UPDATE bodies SET message = '{"id":' WHERE n = 2;
        UPDATE cursors SET acked = 'many'`)
      const { cursors, open } = yield* (yield* Store).load
      assert.deepStrictEqual(
        open.map(({ deliveryId, message }) => [deliveryId as string, message !== undefined]),
        [
          ["d2", false],
          ["d3", true],
          ["d4", true]
        ]
      )
      assert.deepStrictEqual(cursors, [])
    }).pipe(Effect.provide(layer))
  })
)

const withText = (bytes: string) =>
  Effect.gen(function* () {
    const { control, driver } = makeDriver()
    const { layer, path, reports } = yield* temporaryStore({ driver })
    const found = yield* Effect.gen(function* () {
      yield* filled(2)
      yield* (yield* Store).flush
      control.db!.exec(`UPDATE deliveries SET sender = CAST(x'${bytes}' AS TEXT) WHERE delivery_id = 'd1'`)
      const ids = yield* openIds
      assert.isTrue(yield* isOk)
      return ids
    }).pipe(Effect.provide(layer))
    return { found, reports: tags(reports), copies: keptCopies(path).length }
  })

it.scoped("text that is no UTF-8 is damage, and does not end the process", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* withText("ff"), { found: [], reports: ["+StoreDamaged"], copies: 1 })
  })
)

it.scoped("text of more than ASCII is no damage", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* withText("c3a9f09f9880"), { found: ["d1", "d2"], reports: [], copies: 0 })
  })
)

it.scoped("the files belong to their owner alone", () =>
  Effect.gen(function* () {
    const mask = process.umask(0)
    yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(mask)))
    const { layer, path } = yield* temporaryStore()
    const modes = Effect.sync(() =>
      ["", "-wal", "-shm"].map((suffix) => (statSync(`${path}${suffix}`).mode & 0o777).toString(8))
    )
    const modesInUse = typing(1).pipe(Effect.zipRight(modes), Effect.provide(layer))
    assert.deepStrictEqual(yield* modesInUse, ["600", "600", "600"])
    chmodSync(path, 0o644)
    assert.deepStrictEqual(yield* modesInUse, ["600", "600", "600"])
  })
)
