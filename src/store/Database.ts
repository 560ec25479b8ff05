/** The tables behind one connection: transactions of steps, with a little retention in each. Throws what the library throws. */
import { Connection } from "../sqlite/Connection.ts"
import { type Driver, troubleOf } from "../sqlite/Libsql.ts"
import type { CursorTrust } from "./CursorTrust.ts"
import type { Limits } from "./Limits.ts"
import type { Reads, Step } from "./Reads.ts"
import { toText } from "./Rows.ts"
import { agentAfter, sqlReads } from "./SqlReads.ts"
import { applyWrite, forgetCursors } from "./SqlWrites.ts"
import { migrations } from "./tables.ts"
import { bytesOf, type Write } from "./Writes.ts"

// Drops what is over its cap or age, a few rows per transaction: caps when a few rows were added, ages one agent at a time.
// Open deliveries are never dropped. It keeps no counts that a rolled back transaction could spoil, only what to look at.

/** Rows that one look drops at most, and agents that one transaction looks at: about a millisecond. */
const rowsAtOnce = 256
const agentsAtOnce = 8

class Retention {
  private readonly db: Connection
  private readonly limits: Limits
  private readonly added = new Map<string, number>()
  private readonly due = new Set<string>()
  private letters = 0
  private invocations = 0
  private alerts = 0
  private sweptAtMillis = Number.NEGATIVE_INFINITY
  /** Where the sweep is; undefined while there is none. */
  private sweeping: string | undefined

  constructor(db: Connection, limits: Limits) {
    this.db = db
    this.limits = limits
  }

  note(write: Write): void {
    if (write._tag === "Buried") this.letters += 1
    else if (write._tag === "InvocationAnswered") this.invocations += 1
    else if (write._tag === "Alert") this.alerts += 1
    else if (write._tag === "Received") {
      const agent = toText(write.delivery.agent)
      const added = (this.added.get(agent) ?? 0) + 1
      this.added.set(agent, added)
      if (added >= this.limits.pruneEvery) this.due.add(agent)
    }
  }

  /** Inside a transaction that has other things to write. */
  step(nowMillis: number): void {
    for (const agent of [...this.due].slice(0, agentsAtOnce)) {
      if (this.trimAgent(agent)) continue
      this.due.delete(agent)
      this.added.delete(agent)
    }
    if (this.letters >= this.limits.pruneEvery && !this.trimLetters()) this.letters = 0
    if (this.invocations >= this.limits.pruneEvery && !this.trimInvocations()) this.invocations = 0
    if (this.alerts >= this.limits.pruneEvery && !this.trimAlerts()) this.alerts = 0
    if (this.sweeping === undefined && nowMillis - this.sweptAtMillis >= this.limits.sweepMillis) {
      this.sweeping = ""
      this.sweptAtMillis = nowMillis
    }
    if (this.sweeping !== undefined) this.sweep(this.sweeping, nowMillis)
  }

  /** One agent, or, after the last one, what belongs to none. */
  private sweep(after: string, nowMillis: number): void {
    const agent = agentAfter(this.db, after)
    if (agent !== undefined) {
      const more = this.trimAgent(agent) || this.dropOld(agent, nowMillis)
      if (!more) this.sweeping = agent
      return
    }
    const { agentAgeMillis, cursors, deadLetterAgeMillis } = this.limits
    const more = [
      this.trimLetters(),
      this.trimInvocations(),
      this.trimAlerts(),
      this.drop("dead_letters", "n", "at < ?", [nowMillis - deadLetterAgeMillis]),
      this.drop("agents", "rowid", "state <> 'live' AND updated_at < ?", [nowMillis - agentAgeMillis]),
      this.trim("cursors", "rowid", cursors),
      this.trim("crashes", "n", this.limits.crashes)
    ]
    if (!more.includes(true)) this.sweeping = undefined
  }

  private trimAgent(agent: string): boolean {
    const last = this.nth("deliveries WHERE agent = ?", "n", [agent], this.limits.deliveriesPerAgent)
    if (last === undefined) return false
    return this.drop("deliveries", "n", "agent = ? AND n <= ? AND state IN ('acked', 'dead')", [agent, last])
  }

  private dropOld(agent: string, nowMillis: number): boolean {
    const { agentAgeMillis, deliveryAgeMillis, idsPerAgent } = this.limits
    const last = this.nth("deliveries WHERE agent = ?", "n", [agent], idsPerAgent) ?? 0
    return this.drop(
      "deliveries",
      "n",
      `agent = ? AND state IN ('submitted', 'acked', 'dead')
       AND (received_at < ? OR (n <= ? AND received_at < ? AND state <> 'submitted'))`,
      [agent, nowMillis - agentAgeMillis, last, nowMillis - deliveryAgeMillis]
    )
  }

  private trimLetters(): boolean {
    return this.trim("dead_letters", "n", this.limits.deadLetters)
  }

  private trimInvocations(): boolean {
    const last = this.nth("invocations WHERE answer IS NOT NULL", "n", [], this.limits.answeredInvocations)
    return last !== undefined && this.drop("invocations", "n", "answer IS NOT NULL AND n <= ?", [last])
  }

  private trimAlerts(): boolean {
    const last = this.nth("alerts WHERE ended_at IS NOT NULL", "n", [], this.limits.alertHistory)
    return last !== undefined && this.drop("alerts", "n", "ended_at IS NOT NULL AND n <= ?", [last])
  }

  private trim(table: string, key: string, kept: number): boolean {
    const last = this.nth(table, key, [], kept)
    return last !== undefined && this.drop(table, key, `${key} <= ?`, [last])
  }

  /** The newest that is too many. */
  private nth(from: string, key: string, values: ReadonlyArray<string>, kept: number): number | undefined {
    const found = this.db.get(`SELECT ${key} AS key FROM ${from} ORDER BY ${key} DESC LIMIT 1 OFFSET ?`, [
      ...values,
      kept
    ])?.["key"]
    return found === undefined ? undefined : Number(found)
  }

  /** True when there may be more. */
  private drop(table: string, key: string, where: string, values: ReadonlyArray<string | number>): boolean {
    const dropped = this.db.run(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} ORDER BY ${key} LIMIT ?)`,
      [...values, rowsAtOnce]
    )
    return dropped.changes >= rowsAtOnce
  }
}

/** Free pages that stay for reuse (4 MiB), and how many more one checkpoint gives back. */
const sparePages = 1_024
const shrinkPages = 512

export interface Applying {
  readonly trust: CursorTrust
  readonly nowMillis: number
  readonly refused: (step: Step, error: unknown) => void
}

export class Database {
  readonly connection: Connection
  readonly reads: Reads
  private readonly retention: Retention
  private readonly limits: Limits
  private commits = 0
  private writes = 0
  private bytes = 0

  constructor(o: {
    readonly driver: Driver
    readonly path: string
    readonly limits: Limits
    readonly unreadable: () => void
  }) {
    this.connection = Connection.open(o.driver, o.path, migrations)
    this.limits = o.limits
    this.reads = sqlReads(this.connection, o)
    this.retention = new Retention(this.connection, o.limits)
  }

  /**
   * The steps in order, as one transaction. A step that cannot be stored costs only itself: then each is tried alone, and
   * `refused` hears of it. Throws, with nothing stored, or some of the first steps, when the trouble is not one of a step.
   */
  apply(steps: ReadonlyArray<Step>, o: Applying): void {
    try {
      this.transact(steps, o)
    } catch (error) {
      if (troubleOf(error) !== "refused") throw error
      this.transactEach(steps, o)
    }
  }

  private transactEach(steps: ReadonlyArray<Step>, o: Applying): void {
    for (const step of steps) {
      try {
        this.transact([step], o)
      } catch (error) {
        if (troubleOf(error) !== "refused") throw error
        o.refused(step, error)
      }
    }
  }

  /** All steps or none. */
  private transact(steps: ReadonlyArray<Step>, { nowMillis, trust }: Applying): void {
    const forget = trust.mustForget
    if (!forget && !steps.some(({ _tag }) => _tag === "Write")) {
      for (const step of steps) this.read(step)
      return
    }
    this.connection.transaction(() => {
      if (forget) forgetCursors(this.connection)
      for (const step of steps) {
        if (step._tag !== "Write") {
          this.read(step)
          continue
        }
        applyWrite(this.connection, step.write, trust.keepsCursor(step.write))
        this.retention.note(step.write)
        this.writes += 1
        this.bytes += bytesOf(step.write)
      }
      this.retention.step(nowMillis)
    })
    this.commits += 1
    trust.forgotten()
  }

  private read(step: Step): void {
    if (step._tag === "Read") step.run(this.reads)
  }

  get wantsCheckpoint(): boolean {
    const { checkpointBytes, checkpointCommits, checkpointWrites } = this.limits
    return this.commits >= checkpointCommits || this.writes >= checkpointWrites || this.bytes >= checkpointBytes
  }

  checkpoint(): void {
    this.commits = 0
    this.writes = 0
    this.bytes = 0
    if (this.connection.freePages() > sparePages) this.connection.shrink(shrinkPages)
    this.connection.checkpoint()
  }
}
