/**
 * When a call to the engine is tried again. Pure.
 *
 * Invariants:
 * 1. Nothing is repeated that another try does not change, and nothing more than three times.
 * 2. A `once` call is repeated only when the engine certainly did not act on it.
 * 3. Never earlier than the engine asked; a wish longer than 10 s is not slept but handed to the caller.
 * 4. Without a wish: 200, 400, 800 ms, each shortened by up to half at random, so that a fleet does not come back at once.
 */
import type { EngineError } from "./EngineApi.ts"

/**
 * `repeatable`: doing it twice leaves the same state, or the call carries an idempotency key. `once`: a second
 * execution would meet its own first one, as `POST /v1/agents` does with a 409.
 */
export type Repeat = "repeatable" | "once"

export interface AttemptFailure {
  readonly error: EngineError
  readonly transient: boolean
  /** False only when the request cannot have been executed: no connection was made, or it was refused unread. */
  readonly mayHaveActed: boolean
  readonly retryAfterMillis?: number
}

export const maxRetries = 3
export const longestSleepMillis = 10_000
const firstDelayMillis = 200

/** Milliseconds to wait before the next try, or `undefined` when this failure is the answer. `random` is in [0, 1). */
export const nextDelay = (o: {
  readonly failure: AttemptFailure
  readonly retriesMade: number
  readonly repeat: Repeat
  readonly random: number
}): number | undefined => {
  const { failure } = o
  const wish = failure.retryAfterMillis ?? 0
  if (!failure.transient || o.retriesMade >= maxRetries || wish > longestSleepMillis) return undefined
  if (o.repeat === "once" && failure.mayHaveActed) return undefined
  return Math.max(wish, firstDelayMillis * 2 ** o.retriesMade * (1 - o.random / 2))
}

/** No engine means more: a time in other units, or a clock that is wrong, must not keep a node away for ever. */
export const longestWishMillis = 24 * 60 * 60_000

/** `Retry-After` (RFC 9110): seconds or a date; what is neither is no wish. At most a day. */
export const retryAfterMillis = (header: string | undefined, nowMillis: number): number | undefined => {
  const value = header?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Math.round(Number(value) * 1000), longestWishMillis)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - nowMillis), longestWishMillis)
}
