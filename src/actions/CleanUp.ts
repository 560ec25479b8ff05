/** What follows the end of an agent's process, in the order that the engine needs: acks, then deregister (design 6). */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { AgentRegistrar } from "../agents/AgentRegistrar.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { type AgentRecord, Store } from "../store/Store.ts"
import { ResultTokens } from "../tokens/ResultTokens.ts"
import type { Worker } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"

export type EndReason = "agent_released" | "worker_exited"

export interface CleanUp {
  /** The agent's row in the store: what a later run, and `release`, know of it. */
  readonly record: (worker: Worker, state: AgentRecord["state"]) => Effect.Effect<void>
  /** How many messages were given up. */
  readonly after: (worker: Worker, reason: EndReason) => Effect.Effect<number>
}

export const makeCleanUp = Effect.gen(function* () {
  const deliveries = yield* Deliveries
  const node = yield* NodeControl
  const registrar = yield* AgentRegistrar
  const registry = yield* WorkerRegistry
  const resultTokens = yield* ResultTokens
  const store = yield* Store

  const record: CleanUp["record"] = ({ agentId, generation, name, spec }, state) =>
    Effect.flatMap(Clock.currentTimeMillis, (updatedAtMillis) =>
      store.agent({ name, agentId, generation, spec, state, updatedAtMillis })
    )

  const after = Effect.fn("Actions.cleanUp")(function* (worker: Worker, reason: EndReason) {
    const dropped = yield* deliveries.workerGone({ worker, reason })
    yield* record(worker, reason === "agent_released" ? "released" : "exited")
    yield* deliveries.flushAcks
    const successor = yield* registry.find(worker.name)
    if (Option.isNone(successor) && !(yield* registry.starting).includes(worker.name)) {
      yield* resultTokens.revoke(worker.name)
    }
    if (worker.agentId !== undefined && Option.isNone(successor)) {
      yield* registrar.leave({ agentId: worker.agentId, name: worker.name })
    }
    yield* node.beat
    return dropped
  })

  const cleanUp: CleanUp = { record, after }
  return cleanUp
})
