/**
 * The one table of live workers. Heartbeat, inventory, deliveries and the API all read it.
 *
 * Invariants: 1. a name has at most one reservation or live worker · 2. generations only grow · 3. a worker leaves the
 * table before its exit is announced, or when it is retired, so that its name can be used again at once.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Mailbox from "effect/Mailbox"
import type * as Option from "effect/Option"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { AgentExists, SpawnFailed } from "../domain/Errors.ts"
import type { AgentId, AgentName } from "../domain/Ids.ts"
import type { Worker, WorkerExit } from "../injection/Worker.ts"

/** A name held for a spawn in progress. */
export interface Reservation {
  readonly name: AgentName
  /** Gives the name back; a no-op after `start` succeeded. */
  readonly cancel: Effect.Effect<void>
}

export interface StartOptions {
  readonly reservation: Reservation
  readonly spec: AgentSpec
  readonly agentId: AgentId | undefined
  /** The program goes on with the session of a former process (`spec.sessionRef`). */
  readonly resumed?: boolean
  /** Variables on top of the inherited environment (S 3.7); the hygiene of design 7 is applied by the registry. */
  readonly env: Readonly<Record<string, string>>
}

export interface WorkerExited {
  readonly worker: Worker
  readonly exit: WorkerExit
}

export class WorkerRegistry extends Context.Tag("relay-broker/workers/WorkerRegistry")<
  WorkerRegistry,
  {
    /** Whether it could be started, as far as can be told beforehand: command line, directory, program. */
    readonly check: (spec: AgentSpec) => Effect.Effect<void, SpawnFailed>
    readonly reserve: (name: AgentName) => Effect.Effect<Reservation, AgentExists>
    /** Starts the program and returns when it has run for 250 ms; a program that ends sooner is `SpawnFailed` (stage `stability`). */
    readonly start: (options: StartOptions) => Effect.Effect<Worker, SpawnFailed>
    /** It is told to end: it leaves the table now, so that its name can be used while it dies. False: it had left before. */
    readonly retire: (worker: Worker) => Effect.Effect<boolean>
    readonly find: (name: string) => Effect.Effect<Option.Option<Worker>>
    readonly findById: (agentId: AgentId) => Effect.Effect<Option.Option<Worker>>
    /** Live workers by start time. */
    readonly list: Effect.Effect<ReadonlyArray<Worker>>
    /** Names that are reserved and have no worker yet. */
    readonly starting: Effect.Effect<ReadonlyArray<AgentName>>
    /** Every exit of a started worker that was not retired, once, in order; for the one consumer that cleans up after it. */
    readonly exits: Mailbox.ReadonlyMailbox<WorkerExited>
    /** A live worker's program has another session than before (`spec.sessionRef`). */
    readonly sessions: Mailbox.ReadonlyMailbox<Worker>
    /** Ends all workers at once, retired ones too (reason `shutdown`), each bounded by the release grace. */
    readonly endAll: Effect.Effect<void>
  }
>() {}
