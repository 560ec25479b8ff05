/** What a former run left: its agents ended with it, their messages wait. */
import * as Effect from "effect/Effect"
import { Alerts } from "../../alerts/Alerts.ts"
import { UnknownWorker } from "../../domain/Errors.ts"
import type { StoredState } from "../../store/Store.ts"
import type { Handover } from "../Handover.ts"
import type { State } from "../Mailboxes.ts"

export const resume = (
  former: StoredState,
  { handover, state }: { readonly handover: Handover; readonly state: State }
) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    for (const record of former.open) handover.restore(record)
    for (const { agentId, state: ended } of former.agents) {
      if (agentId === undefined || ended === "live") continue
      state.hasGone(agentId, ended === "released" ? "agent_released" : "worker_exited")
    }
    const waitedFor = handover.all().filter(({ size }) => size > 0)
    for (const { name } of waitedFor) yield* alerts.raise(new UnknownWorker({ agent: name }), name)
    // A former run's alerts about messages that expired meanwhile.
    const names = new Set<string>(waitedFor.map(({ name }) => name))
    for (const { code, subject } of yield* alerts.list) {
      if (code === "UnknownWorker" && !names.has(subject)) yield* alerts.resolve(code, subject, "stale")
    }
  })
