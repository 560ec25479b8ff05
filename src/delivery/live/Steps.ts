/** Carries out what the book decides: the book's state changes at once, its decisions follow in order. */
import * as Effect from "effect/Effect"
import type { Counters } from "../Counters.ts"
import type * as Book from "../DeliveryBook.ts"
import type { State } from "../Mailboxes.ts"
import type { Content } from "../Reading.ts"

export interface StepsOptions {
  readonly state: State
  readonly counters: Counters
  readonly surface: (arrival: Book.Arrival<Content>, numbered: boolean) => Effect.Effect<void>
  readonly repeatAck: (agentId: Book.Arrival<Content>["agentId"]) => Effect.Effect<void>
  readonly askReplay: Effect.Effect<void>
  /** Something waits for time to pass. */
  readonly wakeClock: Effect.Effect<void>
}

export const makeSteps = ({ askReplay, counters, repeatAck, state, surface, wakeClock }: StepsOptions) => {
  const decide = (decision: Book.Decision<Content>): Effect.Effect<void> => {
    switch (decision._tag) {
      case "Surface": {
        const { arrival, numbered } = decision
        const done = surface(arrival, numbered)
        return numbered ? Effect.zipRight(done, state.isSurfaced(arrival.agentId, arrival.seq)) : done
      }
      case "ReAck":
        counters.add("acks_repeated")
        return repeatAck(decision.agentId)
      case "AskReplay":
        counters.add("replays_wanted")
        return askReplay
      case "Held":
        counters.add("held")
        return wakeClock
      case "Refused":
        counters.add("refused")
        return Effect.logDebug(
          `inbox of ${decision.arrival.agent} is full: seq ${decision.arrival.seq} stays with the engine`
        )
      case "BelowCursor":
        counters.add("below_cursor")
        return Effect.logWarning(
          `${decision.arrival.agent}: unknown delivery ${decision.arrival.deliveryId} at seq ${decision.arrival.seq}, cursor ${decision.cursor}: delivered`
        )
      case "HoleClosed":
        counters.add("holes_closed")
        return state
          .isSurfaced(decision.agentId, decision.to)
          .pipe(
            Effect.zipRight(state.saveCursor(decision.agentId)),
            Effect.zipRight(
              Effect.logInfo(
                `seq ${decision.from} to ${decision.to} of agent ${decision.agentId} do not exist at the engine`
              )
            )
          )
      case "Settled":
        return state
          .isSurfaced(decision.agentId, decision.baseline)
          .pipe(
            Effect.zipRight(state.saveCursor(decision.agentId)),
            Effect.zipRight(Effect.logDebug(`agent ${decision.agentId} starts after seq ${decision.baseline}`))
          )
      case "Duplicate":
        counters.add("duplicates")
        return Effect.void
    }
  }

  return (change: (book: Book.DeliveryBook<Content>) => Book.Step<Content>): Effect.Effect<void> =>
    Effect.suspend(() => Effect.forEach(state.take(change), decide, { discard: true }))
}

export type Step = ReturnType<typeof makeSteps>
