/**
 * Working, idle or blocked (S 4.9): idle once per quiet period, after so long without output and with nothing queued;
 * blocked once per quiet period, after 120 s with something queued. Any output or delivery progress makes it working
 * again. One timer, and none while idle or blocked.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import type { AgentName } from "../domain/Ids.ts"
import type { WaitingReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { WorkerStatus } from "../injection/Worker.ts"

export interface ActivityOptions {
  readonly name: AgentName
  readonly startedAtMillis: number
  /** 0: after 120 s. */
  readonly idleMillis: number
  readonly queued: () => number
}

export interface Activity {
  readonly unsafeTouch: (nowMillis: number) => void
  readonly lastMillis: () => number
  readonly state: (nowMillis: number, waiting: WaitingReason | undefined) => WorkerStatus["currentState"]
}

/** Nothing happened for so long: with something queued the agent holds up a sender, and without it is idle in any case. */
const noOutputMillis = 120_000

export const make = (options: ActivityOptions): Effect.Effect<Activity, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { idleMillis, name, queued } = options
    const events = yield* Events
    const idleAfter = idleMillis > 0 ? idleMillis : noOutputMillis
    let idle = false
    let blocked = false
    let last = options.startedAtMillis
    const since = () => new Date(last).toISOString()
    const alarm = yield* Alarm.make((nowMillis) => {
      const quietMillis = nowMillis - last
      const pending = queued()
      const due = pending > 0 ? noOutputMillis : idleAfter
      if (quietMillis < due) return alarm.unsafeSet(last + due)
      const seconds = Math.floor(quietMillis / 1_000)
      if (pending > 0) {
        if (blocked) return
        blocked = true
        events.unsafePublish({
          ...{ kind: "agent_blocked_on_send", name },
          ...{ blocked_secs: seconds, pending_delivery_count: pending }
        })
      } else if (!idle) {
        idle = true
        events.unsafePublish({ kind: "agent_idle", name, idle_secs: seconds, since: since() })
      }
    })
    const unsafeTouch = (nowMillis: number) => {
      last = nowMillis
      idle = false
      blocked = false
      alarm.unsafeSet(nowMillis + Math.min(idleAfter, noOutputMillis))
    }
    unsafeTouch(options.startedAtMillis)
    return {
      unsafeTouch,
      lastMillis: () => last,
      state: (nowMillis, waiting) =>
        waiting === "asking" || (queued() > 0 && nowMillis - last >= noOutputMillis)
          ? "blocked_on_send"
          : idle
            ? "idle"
            : "working"
    }
  })
