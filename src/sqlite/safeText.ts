/**
 * Text is read as bytes and decoded here: `libsql` panics, and takes the process with it, on text that is no UTF-8, which a
 * damaged file can hold. Tables have no columns of bytes, so whatever comes as bytes was text.
 */
import type { Native, Row, Statement } from "./Libsql.ts"

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
