/** What the parts of one session share: its socket, its requests, and what is known of the peer. */
import type * as Effect from "effect/Effect"
import type { Alerts } from "../alerts/Alerts.ts"
import type { LinkLost } from "../domain/Errors.ts"
import type { Worker } from "../injection/Worker.ts"
import type { Outbound } from "../wire/Outbound.ts"
import type { AwakeTime } from "./AwakeTime.ts"
import type { RequestError } from "./NodeControl.ts"
import type { NodeConnection } from "./NodeLink.ts"
import type { NodeMemory } from "./NodeMemory.ts"
import type { OutboundQueue } from "./OutboundQueue.ts"
import type { Requests, RequestType } from "./Requests.ts"
import type { SessionTiming } from "./SessionTiming.ts"

export interface SessionOptions {
  readonly memory: NodeMemory
  readonly connection: NodeConnection
  readonly nodeId: string
  readonly nodeName: string
  readonly timing: SessionTiming
  readonly awake: AwakeTime["Type"]
  readonly workers: Effect.Effect<ReadonlyArray<Worker>>
  readonly alerts: Alerts["Type"]
  readonly onReady: Effect.Effect<void>
}

/** Facts of one session, as its parts learn them. */
export interface SessionFacts {
  ready: boolean
  registeredAtMillis: number
  lastFrameMillis: number
  /** Undefined: none was sent since the last register. */
  lastInventoryMillis: number | undefined
  /** In a row; each was given its whole time. */
  unansweredInventories: number
}

export interface SessionContext extends SessionOptions {
  /** The number that frames carry. */
  readonly session: number
  readonly requests: Requests
  readonly outbound: OutboundQueue
  readonly facts: SessionFacts
  /** Sends one frame; completes when it was written. */
  readonly send: (frame: Outbound, priority?: "urgent" | "ordinary") => Effect.Effect<void, LinkLost>
  /** Sends a request and waits for its answer. */
  readonly request: (
    type: RequestType,
    subject: string,
    deadlineMillis: number,
    frame: (id: string) => Outbound
  ) => Effect.Effect<unknown, RequestError>
}
