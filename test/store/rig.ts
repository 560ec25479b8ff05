/** Databases in temporary directories, and what a test wants to know and do about them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type Driver, libsql, type Native } from "../../src/sqlite/Libsql.ts"
import type { Limits } from "../../src/store/Limits.ts"
import { SqliteStore, type StoreReport } from "../../src/store/SqliteStore.ts"
import { Store } from "../../src/store/Store.ts"

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
          all: checked((values) => statement.all(values)),
          columns: () => statement.columns()
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

export const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

/** For what happens in turns of the real event loop, whatever the test's clock says. */
export const eventually = <R>(what: string, holds: Effect.Effect<boolean, never, R>): Effect.Effect<void, never, R> =>
  Effect.gen(function* () {
    for (let left = 20_000; left > 0; left--) {
      if (yield* holds) return
      yield* turn
    }
    return yield* Effect.dieMessage(`never: ${what}`)
  })

export const isOk = Effect.flatMap(Store, (store) => Effect.map(store.health, ({ _tag }) => _tag === "Ok"))

export const tags = (reports: ReadonlyArray<StoreReport>) =>
  reports.map(({ error, raised }) => `${raised ? "+" : "-"}${error._tag}`)
