/**
 * How long deliveries take, for metrics and traces: follows each from its arrival to its end. Looks on only: nothing is
 * decided here, and a delivery of which it knows nothing (of a former run) is left out.
 *
 * Bounded by the inboxes: a journey ends with the submission of what has no number, with the ack or the burial of the rest.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { AgentId, DeliveryId } from "../domain/Ids.ts"
import type { Delivery } from "../domain/Message.ts"
import type { DeadReason, Evidence } from "../domain/Receipt.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { recorder } from "../telemetry/tracing.ts"

interface Journey {
  readonly delivery: Pick<Delivery, "agent" | "agentId" | "deliveryId" | "origin" | "seq"> & {
    readonly messageId: string
  }
  readonly numbered: boolean
  readonly receivedAtMillis: number
  typingAtMillis: number | undefined
  submittedAtMillis: number | undefined
  evidence: Evidence | undefined
}

/** Of agents that went before their acks left, and the like: the oldest are forgotten. */
const followed = 20_000

const nanos = (millis: number): bigint => BigInt(Math.round(millis)) * 1_000_000n

/** One span for the delivery, and one for each part of its way. */
const record = (tracer: Tracer.Tracer, journey: Journey, end: string, atMillis: number): void => {
  const { delivery, evidence, receivedAtMillis, submittedAtMillis, typingAtMillis } = journey
  const span = (name: string, parent: Tracer.Span | undefined, from: number) =>
    tracer.span(name, Option.fromNullable(parent), Context.empty(), [], nanos(from), "consumer")
  const whole = span("delivery", undefined, receivedAtMillis)
  whole.attribute("relay.delivery_id", delivery.deliveryId)
  whole.attribute("relay.message_id", delivery.messageId)
  whole.attribute("relay.agent", delivery.agent)
  whole.attribute("relay.seq", delivery.seq)
  whole.attribute("relay.origin", delivery.origin)
  whole.attribute("relay.end", end)
  if (evidence !== undefined) whole.attribute("relay.evidence", evidence)
  const part = (name: string, from: number | undefined, to: number | undefined) => {
    if (from === undefined) return
    whole.event(name, nanos(from))
    span(`delivery.${name}`, whole, from).end(nanos(to ?? atMillis), Exit.void)
  }
  part("waiting", receivedAtMillis, typingAtMillis ?? submittedAtMillis)
  part("typing", typingAtMillis, submittedAtMillis)
  if (journey.numbered) part("acking", submittedAtMillis, atMillis)
  whole.event(end, nanos(atMillis))
  whole.end(nanos(atMillis), Exit.void)
}

export const makeJourneys = Effect.map(recorder, (tracer) => {
  const open = new Map<DeliveryId, Journey>()
  /** Submitted and to be acked, by agent. */
  const unacked = new Map<AgentId, Set<Journey>>()

  const forgetOldest = () => {
    const [oldest] = open.values()
    if (oldest === undefined) return
    open.delete(oldest.delivery.deliveryId)
    unacked.get(oldest.delivery.agentId)?.delete(oldest)
  }

  const end = (journey: Journey, how: string, atMillis: number): void => {
    open.delete(journey.delivery.deliveryId)
    Metrics.deliveries.add(how)
    if (tracer !== undefined) record(tracer, journey, how, atMillis)
  }

  return {
    received: (delivery: Delivery, numbered: boolean, atMillis: number): void => {
      const { agent, agentId, deliveryId, message, origin, seq } = delivery
      Metrics.deliveries.add("received")
      if (open.size >= followed) forgetOldest()
      open.set(deliveryId, {
        delivery: { agent, agentId, deliveryId, origin, seq, messageId: message.id },
        numbered,
        receivedAtMillis: atMillis,
        typingAtMillis: undefined,
        submittedAtMillis: undefined,
        evidence: undefined
      })
    },
    /** A second time when the worker had given it back untouched: the last one counts. */
    typing: (deliveryId: DeliveryId, atMillis: number): void => {
      const journey = open.get(deliveryId)
      if (journey !== undefined) journey.typingAtMillis = atMillis
    },
    submitted: (deliveryId: DeliveryId, evidence: Evidence, atMillis: number): void => {
      Metrics.deliveries.add("submitted")
      Metrics.injections.add(evidence)
      const journey = open.get(deliveryId)
      if (journey === undefined) return
      journey.submittedAtMillis = atMillis
      journey.evidence = evidence
      Metrics.injectionSeconds.observeMillis(atMillis - journey.receivedAtMillis)
      if (journey.typingAtMillis !== undefined) Metrics.typingSeconds.observeMillis(atMillis - journey.typingAtMillis)
      if (!journey.numbered) {
        end(journey, "done", atMillis)
        return
      }
      const { agentId } = journey.delivery
      const waiting = unacked.get(agentId)
      if (waiting === undefined) unacked.set(agentId, new Set([journey]))
      else waiting.add(journey)
    },
    acked: (agentId: AgentId, upTo: number, atMillis: number): void => {
      const waiting = unacked.get(agentId)
      if (waiting === undefined) return
      for (const journey of waiting) {
        if (journey.delivery.seq > upTo) continue
        waiting.delete(journey)
        Metrics.ackSeconds.observeMillis(atMillis - journey.receivedAtMillis)
        end(journey, "acked", atMillis)
      }
      if (waiting.size === 0) unacked.delete(agentId)
    },
    buried: (deliveryId: DeliveryId, reason: DeadReason, atMillis: number): void => {
      const journey = open.get(deliveryId)
      if (journey === undefined) Metrics.deliveries.add("dead")
      else end(journey, "dead", atMillis)
      if (reason === "undecodable") Metrics.decodeFailures.add("undecodable")
    }
  }
})

export type Journeys = Effect.Effect.Success<typeof makeJourneys>
