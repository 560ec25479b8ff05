/**
 * When a supervised sidecar is started again, and when no more. Pure.
 *
 * Invariants: 1. the first start comes after the cooldown, at least 1 s: a living sidecar whose socket broke is back
 * within 0.5 s · 2. each start that led to no registration doubles the wait, up to a minute · 3. after
 * `maxConsecutiveFailures` such starts in a row, or `maxRestarts` without a stable minute between, there is no further one ·
 * 4. a registration that lasted `stableMillis` forgives everything.
 */
import type { RestartPolicy } from "./Frames.ts"

export interface Policy {
  readonly enabled: boolean
  readonly maxRestarts: number
  readonly cooldownMillis: number
  readonly maxConsecutiveFailures: number
}

export interface Tally {
  /** Since the last stable registration. */
  readonly starts: number
  /** In a row, without a registration. */
  readonly failures: number
}

export type Decision =
  | { readonly _tag: "Start"; readonly afterMillis: number }
  | { readonly _tag: "GiveUp"; readonly reason: string }

export const stableMillis = 60_000
const longestMillis = 60_000
const shortestMillis = 1_000

/** The defaults of an agent's policy, but for failures in a row: 9.1.6 tries a sidecar five times. */
export const policyOf = (given: RestartPolicy | undefined): Policy => ({
  enabled: given?.enabled ?? true,
  maxRestarts: given?.max_restarts ?? 5,
  cooldownMillis: given?.cooldown_ms ?? 2_000,
  maxConsecutiveFailures: given?.max_consecutive_failures ?? 5
})

export const fresh: Tally = { starts: 0, failures: 0 }
/** Until a registration says otherwise, a start has failed. */
export const started = ({ failures, starts }: Tally): Tally => ({ starts: starts + 1, failures: failures + 1 })
export const registered = (tally: Tally): Tally => ({ ...tally, failures: 0 })
export const lost = (tally: Tally, servedMillis: number): Tally => (servedMillis >= stableMillis ? fresh : tally)

export const decide = (policy: Policy, { failures, starts }: Tally): Decision => {
  if (!policy.enabled) return { _tag: "GiveUp", reason: "its restart policy is disabled" }
  if (failures >= policy.maxConsecutiveFailures)
    return { _tag: "GiveUp", reason: `${failures} starts in a row led to no registration` }
  if (starts >= policy.maxRestarts)
    return { _tag: "GiveUp", reason: `it was started ${starts} times without running for a minute` }
  const afterMillis = Math.max(shortestMillis, policy.cooldownMillis) * 2 ** failures
  return { _tag: "Start", afterMillis: Math.min(longestMillis, afterMillis) }
}
