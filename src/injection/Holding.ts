/**
 * Whether what waits in a terminal's queue may be typed at all, as far as people and the engine decide it (S 2.6). Pure.
 *
 * Invariants: 1. in `manual_flush` exactly as many messages leave as were let go · 2. in `auto_inject` nothing is held ·
 * 3. a stop holds everything, and letting go during a stop is remembered.
 */
import type { DeliveryMode, WaitingReason } from "../domain/Receipt.ts"

export interface Holding {
  readonly mode: DeliveryMode
  /** How many may still leave in `manual_flush`. */
  readonly allowance: number
  readonly stopped: boolean
}

export const initial: Holding = { mode: "auto_inject", allowance: 0, stopped: false }

export const withMode = (holding: Holding, mode: DeliveryMode): Holding => ({ ...holding, mode, allowance: 0 })

/** `count` messages that wait now may leave; those that were let go before are among them. */
export const flush = (holding: Holding, count: number): Holding =>
  holding.mode === "auto_inject" ? holding : { ...holding, allowance: Math.max(holding.allowance, count) }

/** How many may leave in the next paste. */
export const room = (holding: Holding): number =>
  holding.mode === "auto_inject" ? Number.POSITIVE_INFINITY : holding.allowance

export const taken = (holding: Holding, count: number): Holding =>
  holding.mode === "auto_inject" ? holding : { ...holding, allowance: Math.max(0, holding.allowance - count) }

/** `isTaken`: for a message that was let go already, only a stop counts. */
export const reason = (holding: Holding, isTaken: boolean): WaitingReason | undefined =>
  holding.stopped ? "location_conflict" : !isTaken && room(holding) === 0 ? "held" : undefined
