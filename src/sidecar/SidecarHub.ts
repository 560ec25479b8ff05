/**
 * The place of the one sidecar: a local process that serves declared actions. The socket hands over its peers and
 * their control frames; actions ask for handlers; the node's manifest follows who sits there.
 *
 * One sidecar is served at a time. Who comes second is told so and may try again; the seat is free as soon as the first
 * one deregisters or its socket closes.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type HandlerFailed, HandlerUnavailable, SidecarRefused } from "../domain/Errors.ts"
import type { InvocationId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { ControlRequest } from "./Frames.ts"

/** One open socket. */
export interface SidecarPeer {
  /** Queues one frame. Never blocks: a peer that does not read is dropped by its socket. */
  readonly send: (text: string) => Effect.Effect<void>
}

export interface SidecarConnection {
  /** The result for the `ok` reply. Takes no time: the order of frames is the order of their effects. */
  readonly control: (request: ControlRequest) => Effect.Effect<Json, SidecarRefused>
  /** The socket is gone. What was in flight is answered `HandlerUnavailable`; supervision begins. */
  readonly lost: Effect.Effect<void>
}

/** How an invocation ended that was given to a handler. */
export type InvocationEnd =
  | "answered"
  /** The sidecar left before its answer: the engine is told `handler_unavailable` and may run it again. */
  | "abandoned"
  /** Nobody waits for it any more: its 25 s were over. */
  | "expired"

export interface SidecarView {
  readonly name: string
  readonly handlers: ReadonlyArray<string>
  readonly sinceMillis: number
  readonly inFlight: number
}

export class SidecarHub extends Context.Tag("relay-broker/sidecar/SidecarHub")<
  SidecarHub,
  {
    /** A handler is registered under exactly this name. */
    readonly handles: (name: string) => Effect.Effect<boolean>
    /** Runs the handler; an interrupted caller makes its late answer unknown. */
    readonly invoke: (o: {
      readonly invocationId: InvocationId
      readonly name: string
      readonly input: unknown
    }) => Effect.Effect<Json, HandlerFailed | HandlerUnavailable>
    /** Completes when the invocation is over; at once with `undefined` when it is not in flight here. */
    readonly awaitEnd: (invocationId: InvocationId) => Effect.Effect<InvocationEnd | undefined>
    readonly connect: (peer: SidecarPeer) => Effect.Effect<SidecarConnection>
    /** Undefined: nobody is registered. */
    readonly view: Effect.Effect<SidecarView | undefined>
    /** Ends a sidecar that was started here, and starts none again. Bounded by 3 s. */
    readonly stop: Effect.Effect<void>
  }
>() {
  /** No sidecar is ever served: for compositions without a local API. */
  static readonly none = Layer.succeed(SidecarHub, {
    handles: () => Effect.succeed(false),
    invoke: ({ name }) => Effect.fail(new HandlerUnavailable({ action: name, reason: "no sidecar is served here" })),
    awaitEnd: () => Effect.succeed(undefined),
    connect: () =>
      Effect.succeed({
        control: () =>
          Effect.fail(
            new SidecarRefused({ code: "frame_failed", reason: "no sidecar is served here", retryable: false })
          ),
        lost: Effect.void
      }),
    view: Effect.succeed(undefined),
    stop: Effect.void
  })
}
