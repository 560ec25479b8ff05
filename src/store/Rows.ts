/**
 * From rows to records and back. A row that cannot be what we wrote is no record: it is left out and counted, never
 * completed by guessing.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentId, AgentName, DeliveryId, InvocationId, MessageId } from "../domain/Ids.ts"
import { isRecord, type Json } from "../domain/Json.ts"
import { DeliveryOrigin, RelayMessage } from "../domain/Message.ts"
import { ChannelName, DeadReason, Evidence } from "../domain/Receipt.ts"
import type { Row } from "../sqlite/Libsql.ts"
import type {
  AgentRecord,
  AlertRecord,
  CrashRecord,
  CursorRecord,
  DeadLetterRecord,
  DeliveryRecord,
  InvocationRecord,
  StoredState,
  UndoRecord
} from "./Store.ts"
import type { Answer } from "./Writes.ts"

/** SQLite cuts text at a NUL and has no lone surrogates: such text is kept as a JSON string, which knows both. */
const odd = /[\0\p{Surrogate}]|^"/u

export const toText = (text: string): string => (odd.test(text) ? JSON.stringify(text) : text)

class Unreadable extends Error {}

const fail = (column: string): never => {
  throw new Unreadable(column)
}

const parse = (text: string, column: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return fail(column)
  }
}

const textOr = <A>(row: Row, column: string, none: A): string | A => {
  const value = row[column]
  if (value === null) return none
  if (typeof value !== "string") return fail(column)
  if (!value.startsWith('"')) return value
  const text = parse(value, column)
  return typeof text === "string" ? text : fail(column)
}

const text = (row: Row, column: string): string => textOr(row, column, undefined) ?? fail(column)

const number = (row: Row, column: string): number => {
  const value = row[column]
  return typeof value === "number" ? value : fail(column)
}

const numberOr = (row: Row, column: string): number | undefined =>
  row[column] === null ? undefined : number(row, column)

const one =
  <A extends string>(is: (value: unknown) => value is A) =>
  (row: Row, column: string): A => {
    const value = row[column]
    return is(value) ? value : fail(column)
  }

const orNone =
  <A>(read: (row: Row, column: string) => A) =>
  (row: Row, column: string): A | undefined =>
    row[column] === null ? undefined : read(row, column)

const origin = one(Schema.is(DeliveryOrigin))
const evidence = orNone(one(Schema.is(Evidence)))
const channel = orNone(one(Schema.is(ChannelName)))
const deadReason = one(Schema.is(DeadReason))
const deliveryState = one(Schema.is(Schema.Literal("waiting", "typing", "submitted", "acked", "dead")))
const agentState = one(Schema.is(Schema.Literal("live", "exited", "released")))

const alertEnd = one(Schema.is(Schema.Literal("resolved", "expired", "stale", "crowded_out")))

const decodeMessage = Schema.decodeUnknownOption(RelayMessage)
const decodeSpec = Schema.decodeUnknownOption(AgentSpec)

const message = orNone((row, column) =>
  Option.getOrElse(decodeMessage(parse(text(row, column), column)), () => fail(column))
)

/** Bodies, specs and answers: JSON text has no NUL and begins with a brace. */
export const toJson = (value: RelayMessage | AgentSpec | Answer): string => JSON.stringify(value)

export const deliveryOf = (row: Row): DeliveryRecord => ({
  deliveryId: text(row, "delivery_id") as DeliveryId,
  agentId: text(row, "agent_id") as AgentId,
  agent: text(row, "agent") as AgentName,
  seq: number(row, "seq"),
  numbered: number(row, "numbered") === 1,
  origin: origin(row, "origin"),
  messageId: text(row, "message_id") as MessageId,
  from: text(row, "sender"),
  target: text(row, "target"),
  state: deliveryState(row, "state"),
  message: "message" in row ? message(row, "message") : undefined,
  receivedAtMillis: number(row, "received_at"),
  typingAtMillis: numberOr(row, "typing_at"),
  submittedAtMillis: numberOr(row, "submitted_at"),
  evidence: evidence(row, "evidence"),
  channel: channel(row, "channel"),
  unproven: textOr(row, "unproven", undefined),
  ackedAtMillis: numberOr(row, "acked_at"),
  deadReason: orNone(deadReason)(row, "dead_reason")
})

export const messageOf = (row: Row): RelayMessage => message(row, "message") ?? fail("message")

export const recentOf = (row: Row): StoredState["recent"][number] => ({
  agentId: text(row, "agent_id") as AgentId,
  deliveryId: text(row, "delivery_id") as DeliveryId,
  seq: number(row, "seq")
})

export const cursorOf = (row: Row): CursorRecord => ({
  agentId: text(row, "agent_id") as AgentId,
  name: text(row, "name") as AgentName,
  received: number(row, "received"),
  acked: number(row, "acked")
})

export const agentOf = (row: Row): AgentRecord => ({
  name: text(row, "name") as AgentName,
  agentId: textOr(row, "agent_id", undefined) as AgentId | undefined,
  generation: number(row, "generation"),
  spec: Option.getOrElse(decodeSpec(parse(text(row, "spec"), "spec")), () => fail("spec")),
  state: agentState(row, "state"),
  updatedAtMillis: number(row, "updated_at")
})

const answerOf = (value: unknown): Answer =>
  isRecord(value) && "output" in value
    ? { output: value["output"] as Json }
    : isRecord(value) && typeof value["error"] === "string"
      ? { error: value["error"] }
      : fail("answer")

export const invocationOf = (row: Row): InvocationRecord => ({
  invocationId: text(row, "invocation_id") as InvocationId,
  action: text(row, "action"),
  openedAtMillis: number(row, "opened_at"),
  answer: orNone((of, column) => answerOf(parse(text(of, column), column)))(row, "answer")
})

export const undoOf = (row: Row): UndoRecord => ({
  name: text(row, "name") as AgentName,
  agentId: textOr(row, "agent_id", undefined) as AgentId | undefined,
  sinceMillis: number(row, "since")
})

export const crashOf = (row: Row): CrashRecord => ({
  agent: text(row, "agent") as AgentName,
  exitCode: numberOr(row, "exit_code") ?? null,
  signal: numberOr(row, "signal") ?? null,
  atMillis: number(row, "at"),
  uptimeMillis: number(row, "uptime")
})

export const letterOf = (row: Row): DeadLetterRecord => ({
  deliveryId: text(row, "delivery_id") as DeliveryId,
  agent: text(row, "agent") as AgentName,
  agentId: text(row, "agent_id") as AgentId,
  messageId: textOr(row, "message_id", undefined) as MessageId | undefined,
  seq: number(row, "seq"),
  reason: deadReason(row, "reason"),
  atMillis: number(row, "at"),
  message: message(row, "message"),
  raw: textOr(row, "raw", undefined),
  redeliveredAs: textOr(row, "redelivered_as", undefined) as DeliveryId | undefined
})

/** Undefined for a row that is none of ours; `count` hears of it. */
export const readable = <A>(decode: (row: Row) => A, row: Row, count: () => void): A | undefined => {
  try {
    return decode(row)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    count()
    return undefined
  }
}

export const alertOf = (row: Row): AlertRecord => ({
  code: text(row, "code"),
  subject: text(row, "subject"),
  sinceMillis: number(row, "since"),
  lastMillis: number(row, "last"),
  count: number(row, "count"),
  message: text(row, "message"),
  ended: row["ended_at"] === null ? undefined : { atMillis: number(row, "ended_at"), how: alertEnd(row, "ended_how") }
})
