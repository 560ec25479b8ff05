/** The reads as queries. Rows that cannot be read are left out and counted by `unreadable`. */

import type { Connection } from "../sqlite/Connection.ts"
import type { Row, Value } from "../sqlite/Libsql.ts"
import type { Limits } from "./Limits.ts"
import type { Reads } from "./Reads.ts"
import {
  agentOf,
  alertOf,
  crashOf,
  cursorOf,
  deliveryOf,
  invocationOf,
  letterOf,
  messageOf,
  readable,
  recentOf,
  toText,
  undoOf
} from "./Rows.ts"
import type { DeliveryRecord, StoredState } from "./Store.ts"

// The next agent name that has deliveries, in the order of names: a walk over agents that costs a look-up each.

/** `agent` and the answer are as they stand in the table; "" for the first. */
export const agentAfter = (db: Connection, agent: string): string | undefined => {
  const next = db.get("SELECT min(agent) AS agent FROM deliveries WHERE agent > ?", [agent])?.["agent"]
  return typeof next === "string" ? next : undefined
}

const withBody = "SELECT d.*, b.message FROM deliveries d LEFT JOIN bodies b ON b.n = d.n"

export const sqlReads = (
  db: Connection,
  o: {
    readonly limits: Pick<Limits, "alertHistory" | "crashes" | "deadLetters" | "idsPerAgent" | "loadBytes">
    readonly unreadable: () => void
  }
): Reads => {
  const list = <A>(decode: (row: Row) => A, sql: string, values: ReadonlyArray<Value> = []): ReadonlyArray<A> => {
    const found: Array<A> = []
    for (const row of db.all(sql, values)) {
      const record = readable(decode, row, o.unreadable)
      if (record !== undefined) found.push(record)
    }
    return found
  }

  const first = <A>(decode: (row: Row) => A, sql: string, values: ReadonlyArray<Value>): A | undefined => {
    const row = db.get(sql, values)
    return row === undefined ? undefined : readable(decode, row, o.unreadable)
  }

  /** The oldest get their text, as far as `loadBytes` goes. */
  const open = (): ReadonlyArray<DeliveryRecord> => {
    let left = o.limits.loadBytes
    return db
      .all("SELECT * FROM deliveries WHERE state IN ('waiting', 'typing') ORDER BY n")
      .flatMap((row): ReadonlyArray<DeliveryRecord> => {
        const record = readable(deliveryOf, row, o.unreadable)
        if (record === undefined) return []
        const body = left > 0 ? db.get("SELECT message FROM bodies WHERE n = ?", [Number(row["n"])]) : undefined
        if (body === undefined) return [record]
        left -= String(body["message"]).length
        return [{ ...record, message: readable(messageOf, body, o.unreadable) }]
      })
  }

  const recent = (): StoredState["recent"] => {
    const rows: Array<Row> = []
    for (let agent = agentAfter(db, ""); agent !== undefined; agent = agentAfter(db, agent)) {
      rows.push(
        ...db.all("SELECT n, agent_id, delivery_id, seq FROM deliveries WHERE agent = ? ORDER BY n DESC LIMIT ?", [
          agent,
          o.limits.idsPerAgent
        ])
      )
    }
    rows.sort((a, b) => Number(a["n"]) - Number(b["n"]))
    return rows.flatMap((row) => readable(recentOf, row, o.unreadable) ?? [])
  }

  return {
    load: () => ({
      open: open(),
      submitted: list(deliveryOf, "SELECT * FROM deliveries WHERE state = 'submitted' ORDER BY n"),
      cursors: list(cursorOf, "SELECT * FROM cursors ORDER BY rowid"),
      recent: recent(),
      agents: list(agentOf, "SELECT * FROM agents ORDER BY rowid"),
      invocations: list(invocationOf, "SELECT * FROM invocations ORDER BY n"),
      undos: list(undoOf, "SELECT * FROM undos ORDER BY rowid")
    }),
    message: (deliveryId) =>
      first(
        messageOf,
        "SELECT b.message FROM deliveries d JOIN bodies b ON b.n = d.n WHERE d.delivery_id = ? AND d.state IN ('waiting', 'typing')",
        [toText(deliveryId)]
      ),
    find: (id) =>
      list(deliveryOf, `${withBody} WHERE d.delivery_id = ? OR d.message_id = ? ORDER BY d.n DESC`, [
        toText(id),
        toText(id)
      ]),
    recentDeliveries: ({ agent, limit }) =>
      agent === undefined
        ? list(deliveryOf, `${withBody} ORDER BY d.n DESC LIMIT ?`, [limit])
        : list(deliveryOf, `${withBody} WHERE d.agent = ? ORDER BY d.n DESC LIMIT ?`, [toText(agent), limit]),
    deadLetters: () => list(letterOf, "SELECT * FROM dead_letters ORDER BY n DESC LIMIT ?", [o.limits.deadLetters]),
    deadLetter: (deliveryId) =>
      first(letterOf, "SELECT * FROM dead_letters WHERE delivery_id = ?", [toText(deliveryId)]),
    countDeadLetters: (deliveryId) =>
      Number(
        (deliveryId === undefined
          ? db.get("SELECT count(*) AS count FROM dead_letters")
          : db.get("SELECT count(*) AS count FROM dead_letters WHERE delivery_id = ?", [toText(deliveryId)]))?.["count"]
      ),
    findAgent: (name) => first(agentOf, "SELECT * FROM agents WHERE name = ?", [toText(name)]),
    crashes: () =>
      list(crashOf, "SELECT * FROM (SELECT * FROM crashes ORDER BY n DESC LIMIT ?) ORDER BY n", [o.limits.crashes]),
    alerts: () =>
      list(
        alertOf,
        `SELECT * FROM alerts WHERE ended_at IS NULL
         OR n IN (SELECT n FROM alerts WHERE ended_at IS NOT NULL ORDER BY n DESC LIMIT ?) ORDER BY n`,
        [o.limits.alertHistory]
      ),
    lastEventNumber: () => Number(db.get("SELECT up_to FROM event_numbers WHERE n = 1")?.["up_to"] ?? 0)
  }
}
