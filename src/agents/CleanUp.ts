/**
 * What follows the end of an agent, in the order that the engine needs: dead letters and their acks, then
 * deregister. Once per worker, however many see its end, and never beside a spawn of the same name.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Deliveries } from "../delivery/Deliveries.ts"
import type { Turns } from "../domain/KeyedMutex.ts"
import type { Worker } from "../injection/Worker.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { type AgentRecord, Store } from "../store/Store.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { AgentRegistrar } from "./AgentRegistrar.ts"
import { ResultTokens } from "./ResultTokens.ts"

export type EndReason = "agent_released" | "worker_exited"

export interface CleanUp {
  /** The agent's row in the store: what a later run, and `release`, know of it. */
  readonly record: (worker: Worker, state: AgentRecord["state"]) => Effect.Effect<void>
  /** How many messages were given up. The caller holds the name. */
  readonly now: (worker: Worker, reason: EndReason) => Effect.Effect<number>
  /** The same, when the name is free. */
  readonly after: (worker: Worker, reason: EndReason) => Effect.Effect<number>
  /** An agent that a former run of the broker left: it has no worker. The caller holds the name. */
  readonly orphan: (record: AgentRecord) => Effect.Effect<number>
}

export const makeCleanUp = (turns: Turns<string>) =>
  Effect.gen(function* () {
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registrar = yield* AgentRegistrar
    const registry = yield* WorkerRegistry
    const resultTokens = yield* ResultTokens
    const store = yield* Store
    const done = new WeakSet<Worker>()

    const write = (record: Omit<AgentRecord, "updatedAtMillis">) =>
      Effect.flatMap(Clock.currentTimeMillis, (updatedAtMillis) => store.agent({ ...record, updatedAtMillis }))

    const record: CleanUp["record"] = ({ agentId, generation, name, spec }, state) =>
      write({ name, agentId, generation, spec, state })

    const now: CleanUp["now"] = Effect.fn("Actions.cleanUp")(function* (worker, reason) {
      if (done.has(worker)) return 0
      done.add(worker)
      const { agentId, name } = worker
      const dropped = yield* deliveries.workerGone({ worker, reason })
      const successor = yield* registry.find(name)
      if (Option.isNone(successor)) yield* record(worker, reason === "agent_released" ? "released" : "exited")
      yield* deliveries.flushAcks
      if (Option.isNone(successor)) yield* resultTokens.revoke(name)
      if (agentId !== undefined && Option.isNone(successor)) yield* registrar.leave({ agentId, name })
      yield* node.beat
      return dropped
    })

    const orphan: CleanUp["orphan"] = Effect.fn("Actions.releaseOrphan")(function* (row) {
      const { agentId, name } = row
      yield* write({ ...row, state: "released" })
      if (agentId === undefined) return 0
      const dropped = yield* deliveries.agentReleased({ agentId, name })
      yield* deliveries.flushAcks
      yield* registrar.leave({ agentId, name })
      return dropped
    })

    const cleanUp: CleanUp = {
      record,
      now,
      after: (worker, reason) => turns(worker.name, now(worker, reason)),
      orphan
    }
    return cleanUp
  })
