/**
 * The database and what becomes of it: open, or degraded and tried again, or replaced by a fresh one. Synchronous and
 * without a clock; nothing here throws. What is to be told or logged is in `takeNews`.
 */

import { StoreDamaged, StoreFull } from "../domain/Errors.ts"
import type { RelayMessage } from "../domain/Message.ts"
import { type Driver, reasonOf, troubleOf } from "../sqlite/Libsql.ts"
import { NewerVersion } from "../sqlite/migrate.ts"
import { setAside } from "../sqlite/setAside.ts"
import { CursorTrust } from "./CursorTrust.ts"
import { type Applying, Database } from "./Database.ts"
import type { Limits } from "./Limits.ts"
import { nothing, type Reads, type Step } from "./Reads.ts"
import { bytesOf, type Write } from "./Writes.ts"

// Writes that wait for a disk that takes none, in order and bounded: the oldest go first, and the caller is told.

class Backlog {
  private readonly limits: Pick<Limits, "backlogWrites" | "backlogBytes">
  private writes: Array<Write> = []
  private bytes = 0

  constructor(limits: Pick<Limits, "backlogWrites" | "backlogBytes">) {
    this.limits = limits
  }

  get size(): number {
    return this.writes.length
  }

  /** False when older writes had to go. */
  push(write: Write): boolean {
    this.writes.push(write)
    this.bytes += bytesOf(write)
    if (this.writes.length <= this.limits.backlogWrites && this.bytes <= this.limits.backlogBytes) return true
    // A quarter at once, so that the next ones find room.
    this.drop(Math.max(1, this.writes.length >> 2))
    return false
  }

  first(count: number): ReadonlyArray<Write> {
    return this.writes.slice(0, count)
  }

  drop(count: number): void {
    for (const write of this.writes.slice(0, count)) this.bytes -= bytesOf(write)
    this.writes = this.writes.slice(count)
  }

  message(deliveryId: string): RelayMessage | undefined {
    for (const write of this.writes) {
      if (write._tag === "Received" && write.delivery.deliveryId === deliveryId) return write.delivery.message
    }
    return undefined
  }
}

export interface StoreReport {
  readonly error: StoreDamaged | StoreFull
  /** False: it is over. A damaged file that was set aside stays reported until the broker starts again. */
  readonly raised: boolean
}

export type News =
  | { readonly _tag: "Report"; readonly report: StoreReport }
  | { readonly _tag: "Warning"; readonly text: string }

interface Degraded {
  readonly _tag: "Degraded"
  /** Still there to be read when the disk is full. */
  readonly database: Database | undefined
  readonly error: StoreDamaged | StoreFull
  readonly sinceMillis: number
  readonly retried: boolean
}

type State = { readonly _tag: "Open"; readonly database: Database } | Degraded

export class Keeper {
  private readonly path: string
  private readonly driver: Driver
  private readonly limits: Limits
  private readonly trust = new CursorTrust()
  private readonly backlog: Backlog
  private news: Array<News> = []
  private unreadable = 0
  private state: State

  constructor(o: {
    readonly path: string
    readonly driver: Driver
    readonly limits: Limits
    readonly nowMillis: number
  }) {
    this.path = o.path
    this.driver = o.driver
    this.limits = o.limits
    this.backlog = new Backlog(o.limits)
    try {
      this.state = { _tag: "Open", database: this.openOrReplace(o.nowMillis) }
    } catch (error) {
      // What a later try finds there is not what this run began with.
      this.trust.lost()
      this.state = this.degraded(error, undefined, o.nowMillis)
    }
  }

  /** Undefined while it is degraded. */
  get open(): Database | undefined {
    return this.state._tag === "Open" ? this.state.database : undefined
  }

  get trouble(): Degraded | undefined {
    return this.state._tag === "Open" ? undefined : this.state
  }

  takeNews(): ReadonlyArray<News> {
    if (this.unreadable > 0) {
      this.warn(`${this.unreadable} rows cannot be read and are left out`)
      this.unreadable = 0
    }
    const { news } = this
    if (news.length > 0) this.news = []
    return news
  }

  apply(steps: ReadonlyArray<Step>, nowMillis: number): void {
    try {
      if (this.state._tag === "Open") this.state.database.apply(steps, this.applying(nowMillis))
      else this.applyDegraded(this.state, steps)
    } catch (error) {
      this.failed(error, steps, nowMillis)
    }
  }

  /** Moves the log into the file, now that it was synced. */
  checkpoint(nowMillis: number): void {
    const { open } = this
    if (open === undefined) return
    try {
      if (!open.connection.isInPlace()) throw new FileGone()
      open.checkpoint()
    } catch (error) {
      this.failed(error, [], nowMillis)
    }
  }

  /** What was not synced may be gone, although it can still be read. */
  syncFailed(error: unknown, database: Database, nowMillis: number): void {
    if (this.open !== database) return
    this.trust.lost()
    this.failed(error, [], nowMillis)
  }

  /** One attempt to come back, with a chunk of what waits. True when there is nothing more to do now. */
  retry(nowMillis: number): boolean {
    if (this.state._tag === "Open" || !this.state.retried) return true
    const before = this.state
    let { database } = before
    try {
      database ??= this.openOrReplace(nowMillis)
      this.state = { ...before, database }
      const writes = this.backlog.first(this.limits.batchWrites)
      database.apply(
        writes.map((write) => ({ _tag: "Write", write })),
        this.applying(nowMillis)
      )
      this.backlog.drop(writes.length)
      if (this.backlog.size > 0) return false
      // The proof that the file itself can be written, too.
      database.checkpoint()
      this.state = { _tag: "Open", database }
      this.report(before.error, false)
      return true
    } catch (error) {
      const fresh = this.replaced(database, error, nowMillis)
      if (fresh !== undefined) {
        this.state = { ...before, database: fresh }
        return false
      }
      const after = this.degraded(error, database, before.sinceMillis, before.error)
      this.state = after
      return true
    }
  }

  close(nowMillis: number): void {
    while (!this.retry(nowMillis));
    try {
      this.state.database?.connection.close()
    } catch (error) {
      this.warn(`not closed in order: ${reasonOf(error)}`)
    }
  }

  /** The database failed under these steps. Those that it had stored are stored again: writes may be repeated. */
  private failed(cause: unknown, steps: ReadonlyArray<Step>, nowMillis: number): void {
    const { open } = this
    if (open === undefined) return
    const fresh = this.replaced(open, cause, nowMillis)
    try {
      if (fresh === undefined) throw cause
      this.state = { _tag: "Open", database: fresh }
      fresh.apply(steps, this.applying(nowMillis))
    } catch (error) {
      const after = this.degraded(error, fresh ?? open, nowMillis)
      this.state = after
      this.applyDegraded(after, steps)
    }
  }

  /** A fresh database in the place of one that is damaged; undefined when it is not, or when there cannot be one. */
  private replaced(database: Database | undefined, cause: unknown, nowMillis: number): Database | undefined {
    if (database === undefined || troubleOf(cause) !== "damaged") return undefined
    database.connection.abandon()
    try {
      return this.replace(cause, nowMillis)
    } catch (error) {
      this.warn(`not replaced: ${reasonOf(error)}`)
      return undefined
    }
  }

  private replace(cause: unknown, nowMillis: number): Database {
    const kept = setAside(this.path, nowMillis)
    this.trust.lost()
    const database = this.openFile()
    this.report(this.damaged(`${reasonOf(cause)}; kept as ${kept}, started afresh`), true)
    return database
  }

  private openOrReplace(nowMillis: number): Database {
    try {
      return this.openFile()
    } catch (error) {
      if (error instanceof NewerVersion || troubleOf(error) !== "damaged") throw error
      return this.replace(error, nowMillis)
    }
  }

  private openFile(): Database {
    const { driver, limits, path } = this
    const unreadable = () => {
      this.unreadable += 1
    }
    return new Database({ driver, path, limits, unreadable })
  }

  /** `known`: what was reported before this. */
  private degraded(
    cause: unknown,
    database: Database | undefined,
    sinceMillis: number,
    known?: StoreReport["error"]
  ): Degraded {
    const full = troubleOf(cause) === "full"
    const reason = reasonOf(cause)
    const error = full ? new StoreFull({ path: this.path, reason }) : this.damaged(reason)
    if (known !== undefined && known._tag !== error._tag) this.report(known, false)
    if (known?._tag !== error._tag) this.report(error, true)
    if (!full) database?.connection.abandon()
    const retried = !(cause instanceof NewerVersion)
    return { _tag: "Degraded", database: full ? database : undefined, error, sinceMillis, retried }
  }

  /** Keeps writes for a later try and answers reads with what can still be read. */
  private applyDegraded({ database, retried }: Degraded, steps: ReadonlyArray<Step>): void {
    const stored = database?.reads ?? nothing
    const reads: Reads = { ...stored, message: (id) => this.backlog.message(id) ?? stored.message(id) }
    for (const step of steps) {
      if (step._tag === "Write" && retried && !this.backlog.push(step.write)) this.trust.lost()
      if (step._tag !== "Read") continue
      try {
        step.run(reads)
      } catch (error) {
        this.warn(`not readable: ${reasonOf(error)}`)
        step.run(nothing)
      }
    }
  }

  private applying(nowMillis: number): Applying {
    return {
      trust: this.trust,
      nowMillis,
      refused: (step, error) => {
        this.warn(`${step._tag === "Write" ? step.write._tag : step._tag} refused: ${reasonOf(error)}`)
        if (step._tag === "Read") step.run(nothing)
        else this.trust.lost()
      }
    }
  }

  private damaged(reason: string): StoreDamaged {
    return new StoreDamaged({ path: this.path, reason })
  }

  private report(error: StoreReport["error"], raised: boolean): void {
    this.news.push({ _tag: "Report", report: { error, raised } })
  }

  private warn(text: string): void {
    this.news.push({ _tag: "Warning", text: `store ${this.path}: ${text}` })
  }
}

class FileGone extends Error {
  /** As Node names it: the file is unusable, not damaged. */
  readonly code = "ENOENT"

  constructor() {
    super("the file was removed or replaced while it was in use")
  }
}
