/**
 * One open database: its file and modes, its pragmas and tables, its prepared statements, and the descriptor through which
 * its write-ahead log is synced beside the event loop.
 *
 * Transactions are committed with `synchronous=NORMAL`, which writes the log and does not sync it; `sync` does that in
 * Node's thread pool. Together they are what `FULL` promises, without a commit that blocks the loop for a disk's latency.
 */
import { chmodSync, closeSync, existsSync, fdatasync, fdatasyncSync, openSync, readSync, statSync } from "node:fs"
import * as Effect from "effect/Effect"
import { type Driver, type Native, type Row, readSafely, type Statement, safeSelect, type Value } from "./Libsql.ts"

import { migrate, NewerVersion } from "./migrate.ts"

/** Only an operator's own tool can hold the lock: another broker is kept out by its instance lock. */
const busyMillis = 250

/** Where the format of SQLite has the user version, four bytes, big end first. */
const versionOffset = 60

export class Connection {
  readonly path: string
  private readonly db: Native
  private readonly log: number
  private readonly inode: number
  private readonly statements = new Map<string, Statement>()
  private abandoned = false

  private constructor(path: string, db: Native, log: number) {
    this.path = path
    this.db = db
    this.log = log
    this.inode = statSync(path).ino
  }

  /** Throws `NewerVersion` without having touched the file, or what the library and the system throw. */
  static open(driver: Driver, path: string, migrations: ReadonlyArray<string>): Connection {
    const version = peekVersion(path)
    if (version > migrations.length) throw new NewerVersion(version, migrations.length)
    // The log and its index get the modes of the file.
    closeSync(openSync(path, "a", 0o600))
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    const db = driver(path)
    try {
      db.exec(
        `PRAGMA busy_timeout = ${busyMillis}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${16 * 1024 * 1024};
         PRAGMA cell_size_check = ON`
      )
      migrate(db, migrations)
      return new Connection(path, db, openSync(`${path}-wal`, "r+"))
    } catch (error) {
      db.close()
      throw error
    }
  }

  run(sql: string, values: ReadonlyArray<Value>) {
    return this.statement(sql).run(values)
  }

  get(sql: string, values: ReadonlyArray<Value> = []): Row | undefined {
    const row = this.statement(sql).get(values)
    return row === undefined ? undefined : readSafely(row)
  }

  all(sql: string, values: ReadonlyArray<Value> = []): ReadonlyArray<Row> {
    return this.statement(sql).all(values).map(readSafely)
  }

  /** All of it or nothing. */
  transaction(body: () => void): void {
    this.run("BEGIN IMMEDIATE", [])
    try {
      body()
      this.run("COMMIT", [])
    } catch (error) {
      // Some failures end the transaction by themselves.
      if (this.db.inTransaction) this.run("ROLLBACK", [])
      throw error
    }
  }

  /** What was committed before the call survives a power cut when it completes. */
  readonly sync: Effect.Effect<NodeJS.ErrnoException | undefined> = Effect.async((resume) =>
    fdatasync(this.log, (error) => resume(Effect.succeed(error ?? undefined)))
  )

  /** Moves the log into the file; blocks for a sync of the file. */
  checkpoint(): void {
    this.get("PRAGMA wal_checkpoint(PASSIVE)")
  }

  /** Gives free pages back to the system, some at a time. */
  shrink(pages: number): void {
    this.all(`PRAGMA incremental_vacuum(${pages})`)
  }

  freePages(): number {
    return Number(this.get("PRAGMA freelist_count")?.["freelist_count"])
  }

  /** False when somebody removed or replaced the file: what is written now is seen by nobody. */
  isInPlace(): boolean {
    return existsSync(this.path) && statSync(this.path).ino === this.inode
  }

  /** Leaves an empty log. Throws when that cannot be done; it is closed in any case. */
  close(): void {
    try {
      fdatasyncSync(this.log)
      this.get("PRAGMA wal_checkpoint(TRUNCATE)")
    } finally {
      this.abandon()
    }
  }

  /** Without another write to the file. */
  abandon(): void {
    if (this.abandoned) return
    this.abandoned = true
    this.statements.clear()
    closeSync(this.log)
    this.db.close()
  }

  private statement(sql: string): Statement {
    const known = this.statements.get(sql)
    if (known !== undefined) return known
    const statement = safeSelect(this.db, sql)
    this.statements.set(sql, statement)
    return statement
  }
}

/** 0 for a file that is missing, empty or no database: opening it finds out. */
const peekVersion = (path: string): number => {
  if (!existsSync(path) || !statSync(path).isFile()) return 0
  const file = openSync(path, "r")
  try {
    const header = Buffer.alloc(versionOffset + 4)
    const length = readSync(file, header, 0, header.length, 0)
    const isDatabase = length === header.length && header.toString("latin1", 0, 15) === "SQLite format 3"
    return isDatabase ? header.readUInt32BE(versionOffset) : 0
  } finally {
    closeSync(file)
  }
}
