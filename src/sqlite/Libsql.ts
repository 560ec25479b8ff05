/**
 * `libsql` as this room uses it: opened, prepared, and its errors told apart by what can be done about them. Everything
 * here is synchronous and throws; nobody above `Database` sees a foreign error.
 *
 * Its quirks: `get` rows carry a further `_metadata` column; text is cut at a NUL when it is read; a connection
 * is closed for good only when its statements were collected; extended codes have no name, so `rawCode` is what counts.
 */
import { createRequire } from "node:module"

export type Value = string | number | null
export type Row = { readonly [column: string]: unknown }

export interface Statement {
  readonly run: (values: ReadonlyArray<Value>) => { readonly changes: number; readonly lastInsertRowid: number }
  readonly get: (values: ReadonlyArray<Value>) => Row | undefined
  readonly all: (values: ReadonlyArray<Value>) => ReadonlyArray<Row>
  readonly columns: () => ReadonlyArray<{ readonly name: string }>
}

export interface Native {
  readonly prepare: (sql: string) => Statement
  readonly exec: (sql: string) => void
  readonly close: () => void
  readonly inTransaction: boolean
}

/** Opens or makes the file. A seam: tests put faults here. */
export type Driver = (path: string) => Native

let library: (new (path: string) => Native) | undefined

/** Native code is loaded by the first store. */
export const libsql: Driver = (path) => {
  library ??= createRequire(import.meta.url)("libsql") as new (path: string) => Native
  return new library(path)
}

/**
 * `full`: no room; works again when there is. `unusable`: the file cannot be reached or written now. `damaged`: what is in
 * it is no database of ours. `refused`: one row is wrong, the database is not.
 */
type Trouble = "full" | "unusable" | "damaged" | "refused"

/** SQLite's result codes, the low byte of the extended ones. */
const troubles: { readonly [code: number]: Trouble } = {
  1: "damaged", // ERROR: a table or column is missing
  3: "unusable", // PERM
  5: "unusable", // BUSY
  6: "unusable", // LOCKED
  7: "unusable", // NOMEM
  8: "unusable", // READONLY
  9: "unusable", // INTERRUPT
  10: "unusable", // IOERR
  11: "damaged", // CORRUPT
  13: "full", // FULL
  14: "unusable", // CANTOPEN
  15: "unusable", // PROTOCOL
  17: "damaged", // SCHEMA
  22: "unusable", // NOLFS
  23: "unusable", // AUTH
  24: "damaged", // FORMAT
  26: "damaged" // NOTADB
}

const full = new Set(["ENOSPC", "EDQUOT"])

export const troubleOf = (error: unknown): Trouble => {
  if (!(error instanceof Error)) return "refused"
  const { code, rawCode } = error as { readonly code?: unknown; readonly rawCode?: unknown }
  if (typeof rawCode === "number") return troubles[rawCode & 0xff] ?? "refused"
  // Node's own: making the file, syncing the log, loading the library.
  if (typeof code === "string" && full.has(code)) return "full"
  if (typeof code === "string" && /^E[A-Z]+$|^ERR_|^MODULE_NOT_FOUND$/.test(code)) return "unusable"
  return error.message.startsWith("ConnectionFailed") ? "unusable" : "refused"
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

// Text is read as bytes and decoded here: `libsql` panics, and takes the process with it, on text that is no UTF-8, which a
// damaged file can hold. Tables have no columns of bytes, so whatever comes as bytes was text.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** SQLite's CORRUPT: what `troubleOf` calls damaged. */
const corrupt = 11

/** A query whose text columns come as bytes; any other statement as it is. */
export const safeSelect = (db: Native, sql: string): Statement => {
  const statement = db.prepare(sql)
  if (!/^\s*(SELECT|WITH)\b/i.test(sql)) return statement
  const columns = statement.columns().map(({ name }) => {
    const quoted = `"${name.replaceAll('"', '""')}"`
    return `CASE typeof(${quoted}) WHEN 'text' THEN CAST(${quoted} AS BLOB) ELSE ${quoted} END AS ${quoted}`
  })
  return db.prepare(`SELECT ${columns.join(", ")} FROM (${sql})`)
}

/** Throws an error of SQLite's kind for text that is no UTF-8. */
export const readSafely = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, textOf(value, column)]))

const textOf = (value: unknown, column: string): unknown => {
  if (!(value instanceof ArrayBuffer) && !(value instanceof Uint8Array)) return value
  try {
    return decoder.decode(new Uint8Array(value))
  } catch {
    throw Object.assign(new Error(`text of ${column} is no UTF-8`), { rawCode: corrupt })
  }
}
