/**
 * What agents tell of themselves that people should know: they wait for a person, a message is not proven, they ended. Raises
 * and resolves the alerts, and keeps a list of those that ended.
 *
 * Invariants: 1. who ended is listed until a spawn or a release of the name, the latest 200 · 2. an agent that is started
 * again by itself has not ended · 3. an alert about an agent that is gone is resolved.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import { Alerts } from "../alerts/Alerts.ts"
import { AgentExited, AgentNeedsPerson, DeliveryUnproven } from "../domain/Errors.ts"
import type { AgentName, DeliveryId } from "../domain/Ids.ts"
import { supervised } from "../domain/Supervision.ts"
import type { BrokerEvent } from "../events/Event.ts"
import { Events } from "../events/Events.ts"

export interface ExitedAgent {
  readonly name: AgentName
  readonly cli: string | undefined
  readonly exitCode: number | null
  readonly signal: string | null
  readonly atMillis: number
  readonly lines: ReadonlyArray<string>
}

const mostExited = 200

/** Kinds that this watch acts on: the others, and there are many, cost it nothing. */
const heard: ReadonlySet<BrokerEvent["kind"]> = new Set([
  "agent_spawned",
  "agent_released",
  "agent_exited",
  "agent_restarting",
  "agent_restarted",
  "agent_needs_person",
  "agent_person_answered",
  "delivery_unproven",
  "delivery_verified",
  "delivery_failed",
  "delivery_settled"
])

export class AgentWatch extends Context.Tag("relay-broker/agents/AgentWatch")<
  AgentWatch,
  { /** Latest first. */ readonly exited: Effect.Effect<ReadonlyArray<ExitedAgent>> }
>() {
  static readonly layer: Layer.Layer<AgentWatch, never, Alerts | Events> = Layer.scoped(
    AgentWatch,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const alerts = yield* Alerts
  const events = yield* Events
  const clock = yield* Effect.clock
  const inbox = yield* Mailbox.make<BrokerEvent>()
  const exited = new Map<AgentName, ExitedAgent>()
  const programs = new Map<AgentName, string>()
  const unproven = new Map<AgentName, DeliveryId>()

  const forget = (name: AgentName) =>
    Effect.suspend(() => {
      exited.delete(name)
      return alerts.resolve("AgentExited", name)
    })
  const gone = (name: AgentName) =>
    Effect.suspend(() => {
      unproven.delete(name)
      return Effect.zipRight(alerts.resolve("AgentNeedsPerson", name), alerts.resolve("DeliveryUnproven", name))
    })
  const proven = (name: AgentName, deliveryId: DeliveryId) =>
    Effect.suspend(() => {
      if (unproven.get(name) !== deliveryId) return Effect.void
      unproven.delete(name)
      return alerts.resolve("DeliveryUnproven", name)
    })

  const hear = (event: BrokerEvent): Effect.Effect<void> => {
    switch (event.kind) {
      case "agent_spawned":
        programs.set(event.name, event.cli)
        return forget(event.name)
      case "agent_released":
        programs.delete(event.name)
        return Effect.zipRight(gone(event.name), forget(event.name))
      case "agent_exited": {
        const { code, lines, name, signal } = event
        exited.delete(name)
        const atMillis = clock.unsafeCurrentTimeMillis()
        exited.set(name, { ...{ name, cli: programs.get(name), exitCode: code, signal }, atMillis, lines })
        const [oldest] = exited.keys()
        if (exited.size > mostExited && oldest !== undefined) exited.delete(oldest)
        return Effect.zipRight(
          gone(name),
          alerts.raise(new AgentExited({ agent: name, exitCode: code, signal, lines }), name)
        )
      }
      case "agent_restarting":
      case "agent_restarted":
        return forget(event.name)
      case "agent_needs_person": {
        const { detail, lines, name, what } = event
        return alerts.raise(new AgentNeedsPerson({ agent: name, what, detail, lines }), name)
      }
      case "agent_person_answered":
        return alerts.resolve("AgentNeedsPerson", event.name)
      case "delivery_unproven": {
        const { delivery_id: deliveryId, lines, name, reason } = event
        unproven.set(name, deliveryId)
        return alerts.raise(new DeliveryUnproven({ agent: name, deliveryId, reason, lines }), name)
      }
      case "delivery_verified":
      case "delivery_failed":
      case "delivery_settled":
        return proven(event.name, event.delivery_id)
      default:
        return Effect.void
    }
  }

  yield* events.listen((event) => {
    if (heard.has(event.kind)) inbox.unsafeOffer(event)
  })
  yield* inbox.take.pipe(
    Effect.flatMap(hear),
    Effect.forever,
    supervised("the watch over agents"),
    Effect.ignore,
    Effect.forkScoped
  )
  return AgentWatch.of({ exited: Effect.sync(() => [...exited.values()].reverse()) })
})
