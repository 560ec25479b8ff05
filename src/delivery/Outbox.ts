/**
 * `POST /api/send`: from a local caller to agents here and, through the engine, to everyone else. A workspace besides
 * the default one has no agents here: all of it is at the engine.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { ConfigInvalid, QueueFull, UnknownWorker } from "../domain/Errors.ts"
import { DeliveryId, MessageId, type WorkspaceId } from "../domain/Ids.ts"
import type { InjectionMode } from "../domain/Message.ts"
import type { EngineError } from "../engine/EngineApi.ts"

export interface SendRequest {
  /** `#channel`, a name, or `@name`. */
  readonly to: string
  readonly text: string
  /** Missing or blank: the broker's own name. */
  readonly from: string | undefined
  readonly threadId: string | undefined
  readonly mode: InjectionMode
  /** 1 low, 2 normal, 3 high, 4 urgent; undefined: 3 in a channel, 2 else. */
  readonly priority: number | undefined
  readonly workspaceId: string | undefined
  readonly workspaceAlias: string | undefined
}

/** Where a message went. */
export interface SentIn {
  readonly workspaceId: WorkspaceId
  readonly alias?: string
}

/** Handed to `targets` here; nothing went to the engine. */
interface SentLocally {
  readonly _tag: "Local"
  readonly workspace: SentIn
  readonly messageId: MessageId
  readonly targets: ReadonlyArray<string>
}

/** Posted at the engine, which delivers to everyone, once; `here` are the agents of this node among them. */
interface Published {
  readonly _tag: "Published"
  readonly workspace: SentIn
  readonly messageId: MessageId
  readonly targets: ReadonlyArray<string>
  readonly here: ReadonlyArray<string>
}

export type Sent = SentLocally | Published

export class Outbox extends Context.Tag("relay-broker/delivery/Outbox")<
  Outbox,
  {
    /** `ConfigInvalid`: the request names a workspace this broker is not attached to. */
    readonly send: (
      request: SendRequest
    ) => Effect.Effect<Sent, EngineError | UnknownWorker | QueueFull | ConfigInvalid>
  }
>() {}

// Ids of deliveries and messages that begin here. Unpredictable enough not to meet across restarts.

const hex = (digits: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, 16), digits), (nibbles) =>
    nibbles.map((nibble) => nibble.toString(16)).join("")
  )

export const makeDeliveryId: Effect.Effect<DeliveryId> = Effect.map(hex(24), (id) => DeliveryId.make(`del_${id}`))

/** `http` for sends through the API, `init` for initial tasks, `cont_load` for what a former session kept. */
export const makeMessageId = (kind: "http" | "init" | "cont_load"): Effect.Effect<MessageId> =>
  Effect.map(hex(24), (id) => MessageId.make(`${kind}_${id}`))
