/** Each write as statements. States move forward only: a late or repeated write changes nothing. */
import type { Connection } from "../sqlite/Connection.ts"
import { toJson, toText } from "./Rows.ts"
import type { AgentRecord, AlertRecord, CursorRecord, DeadLetterRecord } from "./Store.ts"
import type { Write } from "./Writes.ts"

const optional = (text: string | undefined): string | null => (text === undefined ? null : toText(text))

/** `keepsCursor`: see `CursorTrust`. */
export const applyWrite = (db: Connection, write: Write, keepsCursor: boolean) => {
  switch (write._tag) {
    case "Received":
      return received(db, write)
    case "Typing":
      for (const id of write.deliveryIds) {
        db.run(
          "UPDATE deliveries SET state = 'typing', typing_at = ?, unproven = NULL WHERE delivery_id = ? AND state IN ('waiting', 'typing')",
          [write.atMillis, toText(id)]
        )
      }
      return
    case "Waiting":
      for (const id of write.deliveryIds) {
        db.run(
          "UPDATE deliveries SET state = 'waiting', typing_at = NULL, unproven = NULL WHERE delivery_id = ? AND state = 'typing'",
          [toText(id)]
        )
      }
      return
    case "Submitted":
      // Nothing is to be told to the engine about a delivery without a number: it is done.
      db.run(
        `UPDATE deliveries SET state = iif(numbered, 'submitted', 'acked'), evidence = ?, channel = ?, submitted_at = ?,
           unproven = NULL
         WHERE delivery_id = ? AND state IN ('waiting', 'typing')`,
        [write.evidence, write.channel, write.atMillis, toText(write.deliveryId)]
      )
      return
    case "Unproven":
      db.run("UPDATE deliveries SET unproven = ? WHERE delivery_id = ? AND state = 'typing'", [
        toText(write.reason),
        toText(write.deliveryId)
      ])
      return
    case "Acked":
      db.run(
        `UPDATE deliveries SET state = 'acked', acked_at = ?
         WHERE agent_id = ? AND seq <= ? AND numbered AND state IN ('waiting', 'typing', 'submitted')`,
        [write.atMillis, toText(write.cursor.agentId), write.cursor.acked]
      )
      if (keepsCursor) cursor(db, write.cursor)
      return
    case "Cursor":
      if (keepsCursor) cursor(db, write.cursor)
      return
    case "Buried":
      return buried(db, write.letter)
    case "Redelivered":
      db.run("UPDATE dead_letters SET redelivered_as = ? WHERE delivery_id = ?", [
        toText(write.as),
        toText(write.deliveryId)
      ])
      return
    case "LettersPurged":
      if (write.deliveryId === undefined) db.run("DELETE FROM dead_letters", [])
      else db.run("DELETE FROM dead_letters WHERE delivery_id = ?", [toText(write.deliveryId)])
      return
    case "Agent":
      return agent(db, write.record)
    case "InvocationOpened":
      db.run("INSERT OR IGNORE INTO invocations (invocation_id, action, opened_at) VALUES (?, ?, ?)", [
        toText(write.invocationId),
        toText(write.action),
        write.atMillis
      ])
      return
    case "InvocationAnswered":
      db.run("UPDATE invocations SET answer = ? WHERE invocation_id = ?", [
        toJson(write.answer),
        toText(write.invocationId)
      ])
      return
    case "InvocationForgotten":
      db.run("DELETE FROM invocations WHERE invocation_id = ?", [toText(write.invocationId)])
      return
    case "UndoOwed":
      // A new row: the order of rows is the order of the latest changes.
      db.run("REPLACE INTO undos (name, agent_id, since) VALUES (?, ?, ?)", [
        toText(write.record.name),
        optional(write.record.agentId),
        write.record.sinceMillis
      ])
      return
    case "Undone":
      db.run("DELETE FROM undos WHERE name = ?", [toText(write.name)])
      return
    case "Crashed": {
      const { agent, atMillis, exitCode, signal, uptimeMillis } = write.crash
      db.run("INSERT INTO crashes (agent, exit_code, signal, at, uptime) VALUES (?, ?, ?, ?, ?)", [
        toText(agent),
        exitCode,
        signal,
        atMillis,
        uptimeMillis
      ])
      return
    }
    case "EventsNumbered":
      db.run("REPLACE INTO event_numbers (n, up_to) VALUES (1, ?)", [write.upTo])
      return
    case "Alert":
      return alert(db, write.record)
  }
}

const alert = (
  db: Connection,
  { code, count, ended, lastMillis, message, sinceMillis, subject }: AlertRecord
): void => {
  db.run(
    `INSERT INTO alerts (code, subject, since, last, count, message, ended_at, ended_how) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (code, subject, since) DO UPDATE SET last = excluded.last, count = excluded.count,
       message = excluded.message, ended_at = excluded.ended_at, ended_how = excluded.ended_how`,
    [
      toText(code),
      toText(subject),
      sinceMillis,
      lastMillis,
      count,
      toText(message),
      ended?.atMillis ?? null,
      ended?.how ?? null
    ]
  )
}

const received = (db: Connection, { atMillis, delivery, numbered }: Extract<Write, { _tag: "Received" }>): void => {
  const { agent, agentId, deliveryId, message, origin, seq } = delivery
  const inserted = db.run(
    `INSERT OR IGNORE INTO deliveries
     (delivery_id, agent_id, agent, seq, numbered, origin, message_id, sender, target, state, received_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
    [
      toText(deliveryId),
      toText(agentId),
      toText(agent),
      seq,
      numbered ? 1 : 0,
      origin,
      toText(message.id),
      toText(message.from),
      toText(message.target),
      atMillis
    ]
  )
  if (inserted.changes === 0) return
  db.run("INSERT INTO bodies (n, message) VALUES (?, ?)", [inserted.lastInsertRowid, toJson(message)])
}

const cursor = (db: Connection, { acked, agentId, name, received }: CursorRecord): void => {
  // A new row for every change: the order of rows is the order of the latest changes.
  db.run("REPLACE INTO cursors (agent_id, name, received, acked) VALUES (?, ?, ?, ?)", [
    toText(agentId),
    toText(name),
    received,
    acked
  ])
}

const buried = (db: Connection, letter: DeadLetterRecord): void => {
  const id = toText(letter.deliveryId)
  db.run(
    `UPDATE deliveries SET state = 'dead', dead_reason = ? WHERE delivery_id = ? AND state IN ('waiting', 'typing')`,
    [letter.reason, id]
  )
  db.run(
    `REPLACE INTO dead_letters
     (delivery_id, agent, agent_id, message_id, seq, reason, at, redelivered_as, message, raw)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      toText(letter.agent),
      toText(letter.agentId),
      optional(letter.messageId),
      letter.seq,
      letter.reason,
      letter.atMillis,
      optional(letter.redeliveredAs),
      letter.message === undefined ? null : toJson(letter.message),
      optional(letter.raw)
    ]
  )
}

const agent = (db: Connection, record: AgentRecord): void => {
  db.run("REPLACE INTO agents (name, agent_id, generation, spec, state, updated_at) VALUES (?, ?, ?, ?, ?, ?)", [
    toText(record.name),
    optional(record.agentId),
    record.generation,
    toJson(record.spec),
    record.state,
    record.updatedAtMillis
  ])
}

/** After a loss no cursor can be believed any more. */
export const forgetCursors = (db: Connection): void => {
  db.run("DELETE FROM cursors", [])
}
