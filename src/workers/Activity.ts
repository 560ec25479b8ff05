/**
 * Working or idle (S 4.9): idle once per quiet period, after so long without output and with nothing queued; any output
 * or delivery progress makes it working again. One timer, and none while idle.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AgentName } from "../domain/Ids.ts"
import type { WaitingReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import * as Alarm from "./Alarm.ts"
import type { WorkerStatus } from "./Worker.ts"

export interface ActivityOptions {
  readonly name: AgentName
  readonly startedAtMillis: number
  /** 0: never idle. */
  readonly idleMillis: number
  readonly queued: () => number
}

export interface Activity {
  readonly unsafeTouch: (nowMillis: number) => void
  readonly lastMillis: () => number
  readonly state: (nowMillis: number, waiting: WaitingReason | undefined) => WorkerStatus["currentState"]
}

/** Something is queued and nothing happened for so long: the agent holds up a sender. */
const blockedAfterMillis = 120_000

export const make = (options: ActivityOptions): Effect.Effect<Activity, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { idleMillis, name, queued } = options
    const events = yield* Events
    let idle = false
    let last = options.startedAtMillis
    const alarm = yield* Alarm.make((nowMillis) => {
      const quietMillis = nowMillis - last
      if (quietMillis < idleMillis) return alarm.unsafeSet(last + idleMillis)
      if (queued() > 0) return // the progress of what is queued touches again
      idle = true
      const since = new Date(last).toISOString()
      events.unsafePublish({ kind: "agent_idle", name, idle_secs: Math.floor(quietMillis / 1_000), since })
    })
    const unsafeTouch = (nowMillis: number) => {
      last = nowMillis
      idle = false
      if (idleMillis > 0) alarm.unsafeSet(nowMillis + idleMillis)
    }
    unsafeTouch(options.startedAtMillis)
    return {
      unsafeTouch,
      lastMillis: () => last,
      state: (nowMillis, waiting) =>
        waiting === "dialog" || (queued() > 0 && nowMillis - last >= blockedAfterMillis)
          ? "blocked_on_send"
          : idle
            ? "idle"
            : "working"
    }
  })
