/** Databases in temporary directories, and what a test wants to know and do about them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type Driver, libsql, type Native } from "../../src/store/Libsql.ts"
import type { Limits } from "../../src/store/Limits.ts"
import { SqliteStore, type StoreReport } from "../../src/store/SqliteStore.ts"

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rb-store-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

/** Opens real databases, remembers the latest connection, and can refuse statements. */
export const makeDriver = () => {
  const control = {
    db: undefined as Native | undefined,
    opened: 0,
    executed: [] as Array<string>,
    /** Thrown by each statement for which it returns something. */
    fault: (_: string): unknown => undefined
  }
  const check = (sql: string) => {
    control.executed.push(sql)
    const error = control.fault(sql)
    if (error !== undefined) throw error
  }
  const driver: Driver = (path) => {
    control.opened += 1
    check("OPEN")
    const db = libsql(path)
    control.db = db
    return {
      exec: (sql) => {
        check(sql)
        db.exec(sql)
      },
      close: () => db.close(),
      get inTransaction() {
        return db.inTransaction
      },
      prepare: (sql) => {
        const statement = db.prepare(sql)
        const checked =
          <A extends ReadonlyArray<unknown>, B>(run: (...args: A) => B) =>
          (...args: A) => {
            check(sql)
            return run(...args)
          }
        return {
          run: checked((values) => statement.run(values)),
          get: checked((values) => statement.get(values)),
          all: checked((values) => statement.all(values))
        }
      }
    }
  }
  return { driver, control }
}

/** What the library throws: an extended result code and a text. */
export const sqliteError = (rawCode: number, message: string) => Object.assign(new Error(message), { rawCode })

/** A store over a path, with what it reported. */
export const makeStore = (o: {
  readonly path: string
  readonly limits?: Partial<Limits>
  readonly driver?: Driver
}) => {
  const reports: Array<StoreReport> = []
  const layer = SqliteStore.layer({ ...o, report: (report) => Effect.sync(() => void reports.push(report)) })
  return { layer, reports, path: o.path }
}

export const temporaryStore = (o: { readonly limits?: Partial<Limits>; readonly driver?: Driver } = {}) =>
  Effect.map(temporaryDirectory, (directory) => makeStore({ ...o, path: join(directory, "broker.db") }))
