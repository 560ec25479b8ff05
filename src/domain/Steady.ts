/**
 * Whole milliseconds that only grow, however the clock of the machine is set: for every wait, cap and guard. They begin near the
 * epoch, so that they read like times; what is shown to people and stored is taken from `Clock.currentTimeMillis`.
 */
import type * as Clock from "effect/Clock"

export const steadyMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
