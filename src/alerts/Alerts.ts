/**
 * Operational conditions with a remedy (design 8): raised once by a typed error, counted while it repeats, resolved by
 * the success that disproves it. Kept in memory; published to the log and the event stream.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Events } from "../events/Events.ts"
import { type AlertCode, catalogue, type Severity } from "./Catalogue.ts"

export interface Alert {
  readonly code: AlertCode
  readonly severity: Severity
  /** What it is about: an agent, a node, a workspace, a path. */
  readonly subject: string
  readonly sinceMillis: number
  readonly lastMillis: number
  readonly count: number
  readonly message: string
  readonly meaning: string
  readonly remedy: string
}

/** Any of our tagged errors whose tag is in the catalogue. */
export interface AlertableError {
  readonly _tag: AlertCode
  readonly message: string
}

export class Alerts extends Context.Tag("relay-broker/alerts/Alerts")<
  Alerts,
  {
    /** Raises the alert, or counts it once more and updates its message. */
    readonly raise: (error: AlertableError, subject: string) => Effect.Effect<void>
    /** No-op when it is not raised. */
    readonly resolve: (code: AlertCode, subject: string) => Effect.Effect<void>
    /** Raised now, most severe first, then oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<Alert>>
  }
>() {
  static readonly layer = Layer.effect(
    Alerts,
    Effect.gen(function* () {
      const events = yield* Events
      const raised = new Map<string, Alert>()
      const keyOf = (code: AlertCode, subject: string) => `${code}\u0000${subject}`
      const publish = (kind: "alert_raised" | "alert_resolved", { code, message, severity, subject }: Alert) =>
        events.publish({ kind, code, severity, subject, message })

      const raise = Effect.fn("Alerts.raise")(function* (error: AlertableError, subject: string) {
        const now = yield* Clock.currentTimeMillis
        const key = keyOf(error._tag, subject)
        const known = raised.get(key)
        if (known !== undefined) {
          raised.set(key, { ...known, lastMillis: now, count: known.count + 1, message: error.message })
          return yield* Effect.logDebug(`still: ${error.message}`)
        }
        const alert: Alert = {
          code: error._tag,
          subject,
          sinceMillis: now,
          lastMillis: now,
          count: 1,
          message: error.message,
          ...catalogue[error._tag]
        }
        raised.set(key, alert)
        yield* Effect.logWarning(`alert ${alert.code}: ${alert.message}. ${alert.remedy}`)
        yield* publish("alert_raised", alert)
      })

      const resolve = Effect.fn("Alerts.resolve")(function* (code: AlertCode, subject: string) {
        const key = keyOf(code, subject)
        const alert = raised.get(key)
        if (alert === undefined) return
        raised.delete(key)
        yield* Effect.logInfo(`alert ${code} resolved: ${subject}`)
        yield* publish("alert_resolved", alert)
      })

      const rank: Record<Severity, number> = { critical: 0, error: 1, warning: 2, low: 3 }
      const list = Effect.sync(() =>
        [...raised.values()].sort((a, b) => rank[a.severity] - rank[b.severity] || a.sinceMillis - b.sinceMillis)
      )
      return Alerts.of({ raise, resolve, list })
    })
  )
}
