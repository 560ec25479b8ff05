/**
 * Starts a sidecar again that left without saying so: after a wait, as often as its policy allows (`restartPolicy.ts`).
 * The first process is not ours; every later one is, with its group, and is ended at deregistration and shutdown.
 */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberHandle from "effect/FiberHandle"
import type { Alerts } from "../alerts/Alerts.ts"
import { SidecarDown } from "../domain/Errors.ts"
import type { RestartPolicy } from "./Frames.ts"
import type { LaunchSidecar, SidecarProcess } from "./SidecarProcess.ts"
import type { SidecarCommand } from "./supervisedCommand.ts"

// When a supervised sidecar is started again, and when no more. Pure.
//
// Invariants: 1. the first start comes after the cooldown, at least 1 s: a living sidecar whose socket broke is back
// within 0.5 s · 2. each start that led to no registration doubles the wait, up to a minute · 3. after
// `maxConsecutiveFailures` such starts in a row, or `maxRestarts` without a stable minute between, there is no further one ·
// 4. a registration that lasted `stableMillis` forgives everything.

interface Policy {
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

type Decision =
  | { readonly _tag: "Start"; readonly afterMillis: number }
  | { readonly _tag: "GiveUp"; readonly reason: string }

const stableMillis = 60_000
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

interface Supervised {
  readonly name: string
  readonly command: SidecarCommand
  readonly policy: Policy
}

interface SupervisorOptions {
  readonly launch: LaunchSidecar
  readonly alerts: Alerts["Type"]
  /** Shown in the alert. */
  readonly logPath: string | undefined
}

/** Time for a process of ours to register, or to come back after its socket broke: its own back-off ends at 5 s. */
const registerWithinMillis = 30_000
const returnWithinMillis = 10_000
/** Between SIGTERM and SIGKILL; broker 9.1.6 gives it 3 s, which our shutdown does not have. */
const endGraceMillis = 2_000
/** There is one seat, so there is one condition. */
const alertSubject = "sidecar"

export const makeSupervisor = ({ alerts, launch, logPath }: SupervisorOptions) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const watch = yield* FiberHandle.make<void>()
    let subject: Supervised | undefined
    let child: SidecarProcess | undefined
    let tally: Tally = fresh
    let seatedAtMillis: number | undefined
    let stopped = false

    const end = (process: SidecarProcess): Effect.Effect<void> =>
      process.signal("SIGTERM").pipe(
        Effect.zipRight(Effect.timeoutOption(Effect.interruptible(process.exit), endGraceMillis)),
        Effect.flatMap((ended) =>
          ended._tag === "Some" ? Effect.void : Effect.zipRight(process.signal("SIGKILL"), process.exit)
        ),
        Effect.asVoid
      )

    /** Undefined: it lives and has not registered in time. */
    const exitWithin = (process: SidecarProcess, millis: number) =>
      Effect.map(Effect.timeoutOption(process.exit, millis), (ended) =>
        ended._tag === "Some" ? ended.value : undefined
      )

    const giveUp = ({ name }: Supervised, { reason }: Extract<Decision, { _tag: "GiveUp" }>, last: string) =>
      alerts.raise(
        new SidecarDown({
          sidecar: name,
          starts: tally.starts,
          reason: last === "" ? reason : `${reason}; last: ${last}`,
          ...(logPath === undefined ? {} : { logPath })
        }),
        alertSubject
      )

    /** Until a registration interrupts it, or there is nothing more to try. */
    const bringBack = (supervised: Supervised) =>
      Effect.gen(function* () {
        let last = ""
        if (child !== undefined) {
          const stillThere = child
          if ((yield* exitWithin(stillThere, returnWithinMillis)) === undefined) {
            yield* Effect.logWarning(`sidecar "${supervised.name}" lives and did not come back: it is ended`)
            yield* end(stillThere)
          }
        }
        for (;;) {
          const decision = decide(supervised.policy, tally)
          if (decision._tag === "GiveUp") return yield* giveUp(supervised, decision, last)
          yield* Effect.sleep(decision.afterMillis)
          tally = started(tally)
          const launched = yield* Effect.either(Effect.uninterruptible(adopt(supervised)))
          if (Either.isLeft(launched)) {
            last = launched.left.message
            yield* Effect.logWarning(`sidecar "${supervised.name}" ${last}`)
            continue
          }
          const ended = yield* exitWithin(launched.right, registerWithinMillis)
          last =
            ended === undefined
              ? `it did not register within ${registerWithinMillis / 1_000} s`
              : `it ended with ${ended}`
          yield* Effect.logWarning(`sidecar "${supervised.name}": ${last}`)
          if (ended === undefined) yield* end(launched.right)
        }
      })

    /** A process that was started is known, whatever interrupts the wait for it. */
    const adopt = ({ command, name }: Supervised) =>
      Effect.gen(function* () {
        const process = yield* launch(command)
        child = process
        yield* process.exit.pipe(
          Effect.tap(() =>
            Effect.sync(() => {
              if (child === process) child = undefined
            })
          ),
          Effect.interruptible,
          Effect.forkIn(scope)
        )
        yield* Effect.logInfo(`sidecar "${name}" started again (pid ${process.pid}, start ${tally.starts})`)
        return process
      })

    return {
      /** Somebody sits in the seat: `supervised` says how to bring it back, undefined that nobody shall. */
      seated: (supervised: Supervised | undefined) =>
        Effect.gen(function* () {
          yield* FiberHandle.clear(watch)
          seatedAtMillis = yield* Clock.currentTimeMillis
          if (supervised?.name !== subject?.name) tally = fresh
          tally = registered(tally)
          subject = supervised
          yield* alerts.resolve("SidecarDown", alertSubject)
        }),
      /** Its socket is gone, without a goodbye. */
      left: Effect.gen(function* () {
        if (seatedAtMillis !== undefined) tally = lost(tally, (yield* Clock.currentTimeMillis) - seatedAtMillis)
        seatedAtMillis = undefined
        if (subject !== undefined && !stopped) yield* FiberHandle.run(watch, bringBack(subject))
      }),
      /** It said goodbye: nobody brings it back. A process of ours gets its grace to end by itself. */
      withdrawn: Effect.suspend(() => {
        subject = undefined
        seatedAtMillis = undefined
        tally = fresh
        const process = child
        return process === undefined
          ? FiberHandle.clear(watch)
          : Effect.asVoid(
              FiberHandle.run(
                watch,
                Effect.flatMap(exitWithin(process, endGraceMillis), (ended) =>
                  ended === undefined ? end(process) : Effect.void
                )
              )
            )
      }),
      /** Bounded by a little more than the grace. */
      stop: Effect.gen(function* () {
        stopped = true
        yield* FiberHandle.clear(watch)
        if (child !== undefined) yield* end(child)
      })
    }
  })
