/** The socket to the engine, `/v1/node/ws` and no other path, as text frames. A port: `WsNodeLink` is the real one, `FakeEngine` offers one in memory. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { LinkLost, Unauthorized } from "../domain/Errors.ts"
import type { NodeToken } from "../engine/EngineApi.ts"

/** The upgrade was answered with a status that is neither 101 nor about the credential. `status` 0: no answer at all. */
export class ConnectFailed extends Schema.TaggedError<ConnectFailed>()("ConnectFailed", {
  url: Schema.String,
  status: Schema.Int,
  reason: Schema.String,
  retryAfterMillis: Schema.optionalWith(Schema.Number, { exact: true })
}) {
  override get message() {
    return `cannot connect to ${this.url}: ${this.status === 0 ? this.reason : `HTTP ${this.status}`}`
  }
}

export interface NodeConnection {
  /** Text frames in order; fails with `LinkLost` (close code and reason) when the socket ends. */
  readonly inbound: Mailbox.ReadonlyMailbox<string, LinkLost>
  /** Tells that a frame was taken from `inbound`; above a mark of untaken text the socket is not read. */
  readonly taken: (text: string) => void
  /** Completes when the frame was handed to the kernel, or at once while little is queued. One fiber at a time. */
  readonly send: (text: string) => Effect.Effect<void, LinkLost>
  /** Milliseconds (Clock) at which the last byte came in, pongs included. */
  readonly lastInboundMillis: Effect.Effect<number>
  readonly ping: Effect.Effect<void>
  /** Ends the socket: `normal` sends close 1000 and waits briefly, `abrupt` does not. Idempotent. */
  readonly close: (how: "normal" | "abrupt", reason: string) => Effect.Effect<void>
}

export class NodeLink extends Context.Tag("relay-broker/node/NodeLink")<
  NodeLink,
  {
    /** Opens the socket; the scope's end closes it. The token goes into the Authorization header and nowhere else. */
    readonly connect: (token: NodeToken) => Effect.Effect<NodeConnection, Unauthorized | ConnectFailed, Scope.Scope>
  }
>() {}
