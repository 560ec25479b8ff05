/** How long the session waits for what. One place, so that a test on real sockets can use shorter ones. */
import type * as Schedule from "effect/Schedule"
import { reconnectSchedule } from "./Backoff.ts"

export interface SessionTiming {
  /** Heartbeat and ping. The engine takes a node for gone after 45 s without. */
  readonly heartbeatEveryMillis: number
  /** No byte at all came in for so long although we ping: the peer is gone. */
  readonly silenceMillis: number
  /** A frame waits for so long to be written: the peer does not read. */
  readonly unwrittenMillis: number
  /** How often the three watchdogs look. */
  readonly watchEveryMillis: number
  readonly registerDeadlineMillis: number
  readonly agentDeadlineMillis: number
  readonly inventoryEveryMillis: number
  readonly inventoryDeadlineMillis: number
  /** After an unanswered inventory the next one comes sooner. */
  readonly inventoryRetryMillis: number
  /** A name that the engine says lives elsewhere is listed again after so long. */
  readonly elsewhereMillis: number
  /** A session that is away for longer is an alert. */
  readonly awayAlertMillis: number
  /** How often a superseded node looks whether its record is free again. */
  readonly supersededPollMillis: number
  readonly reconnect: Schedule.Schedule<unknown>
}

export const defaultTiming: SessionTiming = {
  heartbeatEveryMillis: 12_000,
  silenceMillis: 45_000,
  unwrittenMillis: 30_000,
  watchEveryMillis: 5_000,
  registerDeadlineMillis: 10_000,
  agentDeadlineMillis: 10_000,
  inventoryEveryMillis: 60_000,
  inventoryDeadlineMillis: 30_000,
  inventoryRetryMillis: 30_000,
  elsewhereMillis: 5 * 60_000,
  awayAlertMillis: 30_000,
  supersededPollMillis: 30_000,
  reconnect: reconnectSchedule
}
