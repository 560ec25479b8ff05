/**
 * Where every room says what happened, and the API listens. Publishing is synchronous, ordered and never fails or
 * blocks; a listener must return at once and keep its own bounds.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { BrokerEvent } from "./Event.ts"

export type EventListener = (event: BrokerEvent) => void

export class Events extends Context.Tag("relay-broker/events/Events")<
  Events,
  {
    readonly publish: (event: BrokerEvent) => Effect.Effect<void>
    /** For callbacks outside a fiber (terminal output). */
    readonly unsafePublish: (event: BrokerEvent) => void
    /** Every event from now on, in order, until the scope closes. */
    readonly listen: (listener: EventListener) => Effect.Effect<void, never, Scope.Scope>
  }
>() {
  static readonly layer = Layer.sync(Events, () => {
    const listeners = new Set<EventListener>()
    const unsafePublish = (event: BrokerEvent) => {
      for (const listener of listeners) listener(event)
    }
    return Events.of({
      publish: (event) => Effect.sync(() => unsafePublish(event)),
      unsafePublish,
      listen: (listener) =>
        Effect.acquireRelease(
          Effect.sync(() => listeners.add(listener)),
          () => Effect.sync(() => listeners.delete(listener))
        ).pipe(Effect.asVoid)
    })
  })
}
