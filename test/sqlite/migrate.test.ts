import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { libsql } from "../../src/sqlite/Libsql.ts"
import { migrate, NewerVersion, versionOf } from "../../src/sqlite/migrate.ts"
import { temporaryDirectory } from "../store/rig.ts"

it.scoped("migrations go on where they were, whole or not at all, and never back", () =>
  Effect.gen(function* () {
    const db = libsql(join(yield* temporaryDirectory, "a.db"))
    const first = "CREATE TABLE one (a); INSERT INTO one VALUES (1)"
    const second = "ALTER TABLE one ADD COLUMN b DEFAULT 2"
    migrate(db, [first])
    migrate(db, [first, second])
    migrate(db, [first, second])
    assert.strictEqual(versionOf(db), 2)
    const { a, b } = db.prepare("SELECT a, b FROM one").get([]) ?? {}
    assert.deepStrictEqual([a, b], [1, 2])
    assert.throws(() => migrate(db, [first, second, "CREATE TABLE two (a); CREATE TABLE one (a)"]))
    assert.strictEqual(versionOf(db), 2)
    assert.isFalse(db.inTransaction)
    assert.lengthOf(db.prepare("SELECT name FROM sqlite_master").all([]), 1)
    assert.throws(() => migrate(db, [first]), NewerVersion)
  })
)
