/** What the local API may know of this broker as a whole, and what it may do to it: stop it, at once or in time. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { AgentName, WorkspaceId } from "../domain/Ids.ts"
import type { AttachedWorkspace } from "../identity/BrokerIdentity.ts"
import type { Drain } from "./Drain.ts"

export interface BrokerInfo {
  readonly version: string
  readonly mode: "persist" | "ephemeral"
  readonly instanceName: string
  readonly startedAtMillis: number
  /** The default workspace: node, deliveries and agents are in it. */
  readonly workspaceId: WorkspaceId
  readonly workspaceAlias: string | undefined
  readonly workspaceKey: Redacted.Redacted<string>
  /** Null when the engine's default address is used. */
  readonly relayBaseUrl: string | null
  readonly selfName: AgentName
  readonly selfAgentId: string
  /** All workspaces that can be sent to now, the default among them. */
  readonly attached: ReadonlyArray<AttachedWorkspace>
  /** Channels of agents that are spawned without any (`RELAY_DEFAULT_CHANNELS`). */
  readonly defaultChannels: ReadonlyArray<string>
  readonly apiUrl: string
}

export class Broker extends Context.Tag("relay-broker/broker/Broker")<
  Broker,
  {
    readonly info: BrokerInfo
    /** Seconds until an unrenewed ephemeral broker stops; 0 with `--persist`, which never does. */
    readonly renewLease: Effect.Effect<number>
    /** Starts the orderly shutdown and returns at once. */
    readonly requestShutdown: (reason: string) => Effect.Effect<void>
    /** Lets agents finish for so long, then stops; returns at once. Asked again: another deadline. */
    readonly requestDrain: (deadlineMillis: number) => Effect.Effect<Drain>
    /** Undefined: not draining. */
    readonly drain: Effect.Effect<Drain | undefined>
  }
>() {}
