/** Troubles that no real disk makes on request. */
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CursorTrust } from "../../src/store/CursorTrust.ts"
import { Keeper } from "../../src/store/Keeper.ts"
import { defaultLimits } from "../../src/store/Limits.ts"
import type { Step } from "../../src/store/Reads.ts"
import type { Write } from "../../src/store/Writes.ts"
import { cursor, delivery } from "./data.ts"
import { makeDriver, sqliteError, temporaryDirectory } from "./rig.ts"

const received = (seq: number): Write => ({
  _tag: "Received",
  delivery: delivery({ id: `d${seq}`, seq }),
  numbered: true,
  atMillis: 0
})
const cursorWrite = (acked: number, received: number): Write => ({
  _tag: "Cursor",
  cursor: cursor("ada", acked, received)
})
const steps = (...writes: ReadonlyArray<Write>): ReadonlyArray<Step> =>
  writes.map((write) => ({ _tag: "Write", write }))

const setup = Effect.gen(function* () {
  const { control, driver } = makeDriver()
  const path = join(yield* temporaryDirectory, "broker.db")
  const keeper = new Keeper({ path, driver, limits: defaultLimits, nowMillis: 0 })
  yield* Effect.addFinalizer(() => Effect.sync(() => keeper.close(0)))
  const told = () =>
    keeper.takeNews().map((news) => (news._tag === "Report" ? [news.report.error._tag, news.report.raised] : news._tag))
  return { keeper, control, told }
})

it.scoped("a sync that failed may have lost what can still be read: no cursor is believed any more", () =>
  Effect.gen(function* () {
    const { keeper, told } = yield* setup
    const database = keeper.open!
    keeper.apply(steps(received(1), cursorWrite(0, 1)), 0)
    assert.lengthOf(database.reads.load().cursors, 1)
    const error = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" })
    keeper.syncFailed(error, database, 7)
    assert.isUndefined(keeper.open)
    assert.deepStrictEqual([keeper.trouble?.sinceMillis, keeper.trouble?.error.reason], [7, error.message])
    keeper.apply(steps(received(2)), 8)
    assert.isTrue(keeper.retry(5_007))
    const { cursors, open } = keeper.open!.reads.load()
    assert.deepStrictEqual([open.length, cursors.length], [2, 0])
    assert.deepStrictEqual(told(), [
      ["StoreDamaged", true],
      ["StoreDamaged", false]
    ])
    // News of a sync of the connection that was given up is none.
    keeper.syncFailed(error, database, 9)
    assert.isDefined(keeper.open)
  })
)

it.scoped("a disk is not called writable before the file itself could be written", () =>
  Effect.gen(function* () {
    const { control, keeper, told } = yield* setup
    const full = sqliteError(13, "database or disk is full")
    control.fault = (sql) => (sql === "COMMIT" || sql.includes("wal_checkpoint") ? full : undefined)
    keeper.apply(steps(received(1)), 0)
    control.fault = (sql) => (sql.includes("wal_checkpoint") ? full : undefined)
    assert.isTrue(keeper.retry(5_000))
    assert.isUndefined(keeper.open)
    control.fault = () => undefined
    assert.isTrue(keeper.retry(10_000))
    assert.lengthOf(keeper.open!.reads.load().open, 1)
    assert.deepStrictEqual(told(), [
      ["StoreFull", true],
      ["StoreFull", false]
    ])
  })
)

it.scoped("another trouble while it is tried again takes the place of the first", () =>
  Effect.gen(function* () {
    const { control, keeper, told } = yield* setup
    control.fault = (sql) => (sql === "COMMIT" ? sqliteError(13, "database or disk is full") : undefined)
    keeper.apply(steps(received(1)), 0)
    control.fault = (sql) => (sql === "COMMIT" ? sqliteError(1546, "disk I/O error") : undefined)
    keeper.retry(5_000)
    control.fault = () => undefined
    keeper.retry(10_000)
    assert.deepStrictEqual(told(), [
      ["StoreFull", true],
      ["StoreFull", false],
      ["StoreDamaged", true],
      ["StoreDamaged", false]
    ])
    assert.lengthOf(keeper.open!.reads.load().open, 1)
  })
)

it("after a loss a cursor counts again when the engine was told of all that may be lost", () => {
  const trust = new CursorTrust()
  assert.isTrue(trust.keepsCursor(cursorWrite(0, 9)))
  trust.lost()
  // Its first row afterwards is number 5: 1 to 4 may be lost.
  trust.keepsCursor(received(5))
  trust.keepsCursor(received(6))
  assert.deepStrictEqual(
    [2, 3, 4, 4, 5].map((acked) => trust.keepsCursor(cursorWrite(acked, 6))),
    [false, false, true, true, true]
  )
  // Nothing known but where the book stood: everything up to there may be lost.
  trust.lost()
  assert.deepStrictEqual(
    [7, 8, 9, 9].map((acked) => trust.keepsCursor(cursorWrite(acked, 9))),
    [false, false, true, true]
  )
  // A new mailbox, settled at its baseline, has lost nothing.
  trust.lost()
  assert.isTrue(trust.keepsCursor(cursorWrite(3, 3)))
  assert.isTrue(trust.keepsCursor(cursorWrite(3, 5)))
})
