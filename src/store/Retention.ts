/**
 * Drops what is over its cap or age, a few rows per transaction: caps when a few rows were added, ages one agent at a time.
 * Open deliveries are never dropped. It keeps no counts that a rolled back transaction could spoil, only what to look at.
 */

import type { Connection } from "../sqlite/Connection.ts"
import type { Limits } from "./Limits.ts"
import { toText } from "./Rows.ts"
import { agentAfter } from "./SqlReads.ts"
import type { Write } from "./Writes.ts"

/** Rows that one look drops at most, and agents that one transaction looks at: about a millisecond. */
const rowsAtOnce = 256
const agentsAtOnce = 8

export class Retention {
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
