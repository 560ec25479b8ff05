/** The frames of the node session, one after the other, each as a step of the book. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DeliveryId } from "../domain/Ids.ts"
import type { NodeFrame } from "../node/NodeControl.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import type { Counters } from "./Counters.ts"
import type { Deliveries } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import type { Handover } from "./Handover.ts"
import { inboxLimits } from "./Inbox.ts"
import type { Step } from "./live/Steps.ts"
import type { State } from "./Mailboxes.ts"
import { type Content, contentOf, sizeOf, undecodable } from "./Reading.ts"

export interface FramesInOptions {
  readonly state: State
  readonly counters: Counters
  readonly step: Step
  readonly handover: Handover
  /** The workspace as relay lines show it. */
  readonly context: string | undefined
  readonly wakeAcker: Effect.Effect<void>
  readonly wakeClock: Effect.Effect<void>
}

export const makeFramesIn = ({ context, counters, handover, state, step, wakeAcker, wakeClock }: FramesInOptions) =>
  Effect.gen(function* () {
    const registry = yield* WorkerRegistry

    const arrive = (arrival: Book.Arrival<Content>) =>
      Effect.gen(function* () {
        counters.add("frames")
        const nowMillis = yield* Clock.currentTimeMillis
        const isNamed = state.idOf(arrival.agent) !== undefined
        yield* step((current) => {
          const inbox = handover.find(arrival.agentId)
          const heldBack = Book.heldBack(current, arrival.agentId)
          const hasRoom = inbox === undefined ? heldBack < inboxLimits.rows : inbox.hasRoom(heldBack)
          const held = heldBack === 0 ? [] : Book.heldArrivals(current, arrival.agentId)
          const mayHold = held.reduce((sum, { content }) => sum + sizeOf(content), 0) < inboxLimits.heldBytes
          return Book.observe(current, arrival, { hasRoom, mayHold, nowMillis })
        })
        // What a former run could not say any more: now it is known whose the name is.
        if (!isNamed) yield* wakeAcker
      }).pipe(state.surfacing.withPermits(1))

    const arriveUndecodable = Effect.fnUntraced(function* (
      frame: Extract<NodeFrame, { _tag: "Undecodable" }>["frame"]
    ) {
      const agentId = frame.agentId ?? (frame.agent === undefined ? undefined : state.idOf(frame.agent))
      const agent = frame.agent ?? (agentId === undefined ? undefined : Book.agentOf(state.book(), agentId)?.name)
      if (agentId === undefined || agent === undefined) {
        counters.add("unreadable")
        Metrics.decodeFailures.add("undecodable")
        return yield* Effect.logWarning(`unreadable delivery of an unknown agent ignored: ${frame.reason}`)
      }
      // Without a readable delivery id the position stands in for it, so that a replay of the same frame is recognised.
      const deliveryId = frame.deliveryId ?? DeliveryId.make(`undecodable_${agentId}_${frame.seq}`)
      yield* arrive({ deliveryId, agentId, agent, seq: frame.seq, content: undecodable(frame.reason, frame.raw) })
    })

    const place = ({ agent, elsewhere }: Extract<NodeFrame, { _tag: "AgentPlace" }>) =>
      Effect.suspend(() => {
        if (elsewhere) state.elsewhere.add(agent)
        else state.elsewhere.delete(agent)
        const agentId = state.idOf(agent)
        if (agentId !== undefined) state.change((book) => (elsewhere ? Book.left : Book.returned)(book, agentId))
        return registry.find(agent)
      }).pipe(
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.void,
            onSome: (worker) => (elsewhere ? worker.hold : worker.resume)
          })
        ),
        Effect.zipRight(wakeClock)
      )

    const observe: Deliveries["Type"]["observe"] = (frame) => {
      switch (frame._tag) {
        case "Deliver": {
          const { agent, agent_id, delivery_id, seq } = frame.frame
          const content = contentOf(frame.frame, context)
          return arrive({ deliveryId: delivery_id, agentId: agent_id, agent, seq, content })
        }
        case "Undecodable":
          return arriveUndecodable(frame.frame)
        case "ReplayStarts":
          return Effect.suspend(() => {
            state.change((book) => Book.replayStarts(book, frame.atMillis))
            return wakeClock
          })
        case "SessionReady":
          return Effect.zipRight(wakeAcker, wakeClock)
        case "AgentPlace":
          return place(frame)
        case "SessionLost":
          return Effect.sync(() => state.change(Book.sessionLost))
      }
    }

    return observe
  })
