/**
 * When to come back after a lost or refused session: plain rules, and the `Schedule` they drive.
 *
 * Invariants: 1. waits grow 1, 2, 4 … 30 s, each shortened by up to half, never lengthened · 2. they start afresh only
 * after a session that was ready for `healthyMillis` · 3. a server's Retry-After is a lower bound · 4. after the first
 * token and five re-mints in a row were refused, one mint and one connect every `slowMillis`.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"

export const healthyMillis = 60_000
export const slowMillis = 5 * 60_000
/** Re-mints after the first token. */
export const remintBudget = 5

/** 1 s doubling to 30 s; jitter after the cap and downwards only, so that 30 s is never exceeded. */
export const reconnectSchedule = Schedule.exponential("1 second").pipe(
  Schedule.union(Schedule.spaced("30 seconds")),
  Schedule.jitteredWith({ min: 0.5, max: 1 })
)

/** `rejections`: 401s in a row since the last accepted `node.register`, this one included. */
export const afterRejection = (rejections: number): "remint" | "slow" =>
  rejections <= remintBudget ? "remint" : "slow"

export const isHealthy = (readyMillis: number): boolean => readyMillis >= healthyMillis

export const atLeast = (delay: Duration.Duration, retryAfterMillis: number | undefined): Duration.Duration =>
  retryAfterMillis === undefined ? delay : Duration.max(delay, Duration.millis(retryAfterMillis))

/** The delays of a schedule without its sleeping: the caller sleeps, so that the wait can be seen and cut short. */
export const makeDelays = (schedule: Schedule.Schedule<unknown>) => {
  let state: unknown = schedule.initial
  return {
    /** Zero once the schedule is done. */
    next: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const [following, , decision] = yield* schedule.step(now, undefined, state)
      state = following
      if (!ScheduleDecision.isContinue(decision)) return Duration.zero
      return Duration.millis(Math.max(0, ScheduleIntervals.start(decision.intervals) - now))
    }),
    reset: Effect.sync(() => {
      state = schedule.initial
    })
  }
}
