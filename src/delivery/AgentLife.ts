/** Agents are registered, start, start again and end: what that means for their messages. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Alerts } from "../alerts/Alerts.ts"
import { AgentId } from "../domain/Ids.ts"
import type { Worker } from "../injection/Worker.ts"
import type { Burial } from "./DeadLetters.ts"
import type { Deliveries } from "./Deliveries.ts"
import * as Book from "./DeliveryBook.ts"
import type { Handover } from "./Handover.ts"
import type { State } from "./Mailboxes.ts"

/** An agent that the engine does not know has an inbox too: that of one generation of it. */
export const inboxIdOf = (worker: Worker): AgentId =>
  worker.agentId ?? AgentId.make(`local:${worker.name}:${worker.generation}`)

export interface AgentLifeOptions {
  readonly state: State
  readonly burial: Burial
  readonly handover: Handover
  readonly wakeAcker: Effect.Effect<void>
  readonly wakeClock: Effect.Effect<void>
}

export const makeAgentLife = ({ burial, handover, state, wakeAcker, wakeClock }: AgentLifeOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts

    const agentRegistered: Deliveries["Type"]["agentRegistered"] = ({ ackedSeq, agentId, name }) =>
      Effect.gen(function* () {
        const nowMillis = yield* Clock.currentTimeMillis
        state.change((book) => Book.registered(book, { agentId, name, cursor: ackedSeq, nowMillis }))
        state.hasCome(agentId)
        state.starting.add(agentId)
        yield* state.saveCursor(agentId)
        yield* wakeAcker
        yield* wakeClock
      })

    const agentUndone: Deliveries["Type"]["agentUndone"] = (agentId) =>
      Effect.sync(() => {
        state.starting.delete(agentId)
        state.hasGone(agentId, undefined)
      })

    const workerStarted: Deliveries["Type"]["workerStarted"] = Effect.fn("Deliveries.workerStarted")(
      function* (worker) {
        const inbox = handover.inboxOf(inboxIdOf(worker), worker.name)
        inbox.name = worker.name
        inbox.worker = worker
        state.starting.delete(inbox.agentId)
        state.hasCome(inbox.agentId)
        yield* alerts.resolve("UnknownWorker", worker.name)
        if (state.elsewhere.has(worker.name)) yield* worker.hold
        yield* handover.begin(inbox, worker)
      }
    )

    const workerGone: Deliveries["Type"]["workerGone"] = ({ reason, worker }) =>
      Effect.suspend(() => {
        const inbox = handover.find(inboxIdOf(worker))
        if (inbox === undefined) return Effect.succeed(0)
        // A successor may already live under this id: its messages are not ours to bury. Nobody: a restart that did not come.
        if (inbox.worker !== undefined && inbox.worker !== worker) return Effect.succeed(0)
        state.starting.delete(inbox.agentId)
        return burial.inbox(inbox, reason, handover)
      })

    const workerRestarting: Deliveries["Type"]["workerRestarting"] = (worker) =>
      Effect.sync(() => {
        const inbox = handover.find(inboxIdOf(worker))
        if (inbox?.worker !== worker) return
        inbox.worker = undefined
        state.starting.add(inbox.agentId)
      })

    const agentReleased: Deliveries["Type"]["agentReleased"] = ({ agentId, name }) =>
      Effect.gen(function* () {
        state.starting.delete(agentId)
        yield* alerts.resolve("UnknownWorker", name)
        const inbox = handover.inboxOf(agentId, name)
        return inbox.worker === undefined ? yield* burial.inbox(inbox, "agent_released", handover) : 0
      })

    return { agentRegistered, agentUndone, workerStarted, workerGone, workerRestarting, agentReleased }
  })
