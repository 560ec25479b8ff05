/** Alerts about dead letters tell the truth: they go when nothing of what they are about is left to be done. */
import * as Effect from "effect/Effect"
import { Alerts } from "../alerts/Alerts.ts"
import type { DeadReason } from "../domain/Receipt.ts"
import { Store } from "../store/Store.ts"

/** A release is somebody's wish, and no reason to wake anybody. */
const alarming: Readonly<Record<DeadReason, "DeliveryDead" | "Undecodable" | undefined>> = {
  agent_released: undefined,
  worker_exited: "DeliveryDead",
  program_failed: "DeliveryDead",
  pty_write_failed: "DeliveryDead",
  refused: "DeliveryDead",
  inbox_full: "DeliveryDead",
  lost: "DeliveryDead",
  undecodable: "Undecodable"
}

/** Resolves the alerts of agents whose dead letters were all sent again, purged, or dropped for their age. */
export const settleLetterAlerts = Effect.gen(function* () {
  const alerts = yield* Alerts
  const store = yield* Store
  const raised = (yield* alerts.list).filter(({ code }) => code === "DeliveryDead" || code === "Undecodable")
  if (raised.length === 0) return
  const left = new Set(
    (yield* store.deadLetters)
      .filter(({ redeliveredAs }) => redeliveredAs === undefined)
      .map(({ agent, reason }) => `${alarming[reason]} ${agent}`)
  )
  for (const { code, subject } of raised) {
    if (!left.has(`${code} ${subject}`)) yield* alerts.resolve(code, subject)
  }
})
