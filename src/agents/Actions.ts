/** The one spawn path for API, invocations and sidecars; release; one answer per invocation. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type {
  AgentExists,
  AgentLocationConflict,
  BindFailed,
  EngineRejected,
  EngineUnavailable,
  InvocationWithdrawn,
  NodeRequestRefused,
  RateLimited,
  SpawnFailed,
  Unauthorized,
  UnknownWorker
} from "../domain/Errors.ts"

import type { InvocationId } from "../domain/Ids.ts"
import type { AgentToken, EngineError, Invocation } from "../engine/EngineApi.ts"
import type { Worker, WorkerExit } from "../injection/Worker.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"

export interface SpawnRequest {
  readonly spec: AgentSpec
  readonly source: "http_api" | "node_action" | "sidecar" | "respawn"
  /** The program goes on with the session of a former process (`spec.sessionRef`). */
  readonly resumed?: boolean
  /** Use this identity instead of registering one; it is bound to this node over HTTP. */
  readonly suppliedToken?: AgentToken
  readonly invocationId?: InvocationId
}

export interface Spawned {
  readonly worker: Worker
  /** The engine knows the agent and sends its messages here. */
  readonly registered: boolean
}

export type SpawnError =
  | AgentExists
  | SpawnFailed
  | InvocationWithdrawn
  | AgentLocationConflict
  | BindFailed
  | NodeRequestRefused
  | Unauthorized
  | EngineRejected
  | EngineUnavailable
  | RateLimited

export interface Released {
  /** Undefined when the agent had no process. */
  readonly exit: WorkerExit | undefined
  readonly droppedDeliveries: number
}

export class Actions extends Context.Tag("relay-broker/agents/Actions")<
  Actions,
  {
    readonly spawn: (request: SpawnRequest) => Effect.Effect<Spawned, SpawnError>
    /**
     * Success for a live, an exited and an already released agent, with the same clean-up; `UnknownWorker` only for a name
     * that has no row in the store. The name can be used again at once; returns when the process is gone. Completes whether
     * the caller waits or not.
     */
    readonly release: (o: {
      readonly name: string
      readonly reason: string | undefined
    }) => Effect.Effect<Released, UnknownWorker>
    /** Answers the engine itself, once per invocation id, within 25 s; never fails and never blocks the caller. */
    readonly invoke: (o: {
      readonly frame: ActionInvoke
      readonly atMillis: number
      /** Queued at the engine before this process registered: a `release` then kills nothing. */
      readonly stale: boolean
    }) => Effect.Effect<void>
    /**
     * Invokes an action as the broker's own agent, through the engine, wherever its handler is; waits for its end as long as
     * asked. An invocation that is still open then goes on.
     */
    readonly ask: (o: {
      readonly action: string
      /** JSON. */
      readonly input: { readonly [key: string]: unknown }
      readonly waitMillis: number
    }) => Effect.Effect<Invocation, EngineError>
    /** No spawn from now on: refused here, left to other nodes by `handler_unavailable` there. All else goes on. */
    readonly drain: Effect.Effect<void>
    /** No spawn, release or invocation from now on (shutdown). */
    readonly close: Effect.Effect<void>
  }
>() {}
