/** From the records of deliveries to the JSON that clients read (`DeliveryShapes`). Plain functions. */
import type { AgentMailbox, DeliveryTrace, PendingDelivery } from "../delivery/Deliveries.ts"
import type { DeadLetterRecord, DeliveryRecord } from "../store/Store.ts"
import type { DeadLetter, DeadLetterView, Mailbox, Trace, TraceStep, TraceWithBody } from "./DeliveryShapes.ts"
import { iso } from "./Views.ts"

const stepsOf = (record: DeliveryRecord, deadAtMillis: number | undefined): ReadonlyArray<TraceStep> => {
  const passed = (step: TraceStep["step"], millis: number | undefined): ReadonlyArray<TraceStep> =>
    millis === undefined ? [] : [{ step, at: iso(millis), at_ms: millis }]
  const unknown: ReadonlyArray<TraceStep> = [{ step: "dead", at: null, at_ms: null }]
  return [
    ...passed("received", record.receivedAtMillis),
    ...passed("typing", record.typingAtMillis),
    ...passed("submitted", record.submittedAtMillis),
    ...(record.state === "dead" && deadAtMillis === undefined ? unknown : passed("dead", deadAtMillis)),
    ...passed("acked", record.ackedAtMillis)
  ]
}

/** When each delivery was given up, as long as its dead letter is kept: the record itself does not say. */
export const deadTimes = (letters: ReadonlyArray<DeadLetterRecord>): ReadonlyMap<string, number> =>
  new Map(letters.map(({ atMillis, deliveryId }) => [deliveryId, atMillis]))

export const traceEntry = ({ record, waiting }: DeliveryTrace, deadAt: ReadonlyMap<string, number>): Trace => ({
  delivery_id: record.deliveryId,
  event_id: record.messageId,
  name: record.agent,
  agent_id: record.agentId,
  seq: record.seq,
  origin: record.origin,
  from: record.from,
  target: record.target,
  state: record.state,
  waiting: waiting ?? null,
  evidence: record.evidence ?? null,
  dead_reason: record.deadReason ?? null,
  steps: stepsOf(record, deadAt.get(record.deliveryId))
})

export const traceView = (trace: DeliveryTrace, deadAt: ReadonlyMap<string, number>): TraceWithBody => ({
  ...traceEntry(trace, deadAt),
  body: trace.record.message?.text ?? null
})

export const deadLetterEntry = (letter: DeadLetterRecord): DeadLetter => ({
  delivery_id: letter.deliveryId,
  name: letter.agent,
  agent_id: letter.agentId,
  event_id: letter.messageId ?? null,
  seq: letter.seq,
  reason: letter.reason,
  at: iso(letter.atMillis),
  at_ms: letter.atMillis,
  from: letter.message?.from ?? null,
  target: letter.message?.target ?? null,
  redeliverable: letter.message !== undefined,
  redelivered_as: letter.redeliveredAs ?? null
})

export const deadLetterView = (letter: DeadLetterRecord): DeadLetterView => ({
  ...deadLetterEntry(letter),
  body: letter.message?.text ?? null,
  raw: letter.raw ?? null
})

export const mailboxEntry = ({ agent, agentId, ...numbers }: AgentMailbox): typeof Mailbox.Type => ({
  name: agent,
  agent_id: agentId,
  ...numbers
})

export const waitingReasons = (pending: ReadonlyArray<PendingDelivery>): { readonly [reason: string]: number } => {
  const counts: Record<string, number> = {}
  for (const { waiting } of pending) {
    if (waiting !== undefined) counts[waiting] = (counts[waiting] ?? 0) + 1
  }
  return counts
}
