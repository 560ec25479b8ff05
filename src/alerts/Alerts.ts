/**
 * Operational conditions with a remedy: raised once by a typed error, counted while it repeats, resolved by
 * the success that disproves it. Told to the log, the event stream, and whoever listens: `keepAlerts` writes them down,
 * `Webhook` posts them.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { redacted } from "../domain/redacted.ts"
import { Defects } from "../domain/Supervision.ts"
import { Events } from "../events/Events.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import * as Book from "./AlertBook.ts"
import type { AlertCode, Severity } from "./Catalogue.ts"

export type { Alert, AlertChange, PastAlert, Resolution } from "./AlertBook.ts"

/** Any of our tagged errors whose tag is in the catalogue. */
export interface AlertableError {
  readonly _tag: AlertCode
  readonly message: string
}

export type AlertListener = (change: Book.AlertChange) => void

export class Alerts extends Context.Tag("relay-broker/alerts/Alerts")<
  Alerts,
  {
    /** Raises the alert, or counts it once more and updates its message. `sinceMillis`: when the condition began, if earlier. */
    readonly raise: (
      error: AlertableError,
      subject: string,
      o?: { readonly sinceMillis?: number }
    ) => Effect.Effect<void>
    /** No-op when it is not raised. */
    readonly resolve: (code: AlertCode, subject: string, resolution?: Book.Resolution) => Effect.Effect<void>
    /** Raised now, most severe first, then oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<Book.Alert>>
    /** The latest ones that went, newest first. */
    readonly history: Effect.Effect<ReadonlyArray<Book.PastAlert>>
    /** What a former run left; those that this run can say nothing about any more go. */
    readonly restore: (
      former: { readonly raised: ReadonlyArray<Book.Alert>; readonly past: ReadonlyArray<Book.PastAlert> },
      isStale: (alert: Book.Alert) => boolean
    ) => Effect.Effect<void>
    /** Every change from now on, in order, until the scope closes. A listener returns at once. */
    readonly listen: (listener: AlertListener) => Effect.Effect<void, never, Scope.Scope>
  }
>() {
  static readonly layer = Layer.scoped(
    Alerts,
    Effect.suspend(() => make)
  )

  /** Bugs of ours become the alert `InternalError`, beside their log line. Subject: the part they happened in. */
  static readonly defectsLayer = Layer.effect(
    Defects,
    Effect.map(Alerts, (alerts) => ({
      tell: (error, defect) =>
        Effect.logError(error.message, defect).pipe(Effect.zipRight(alerts.raise(error, error.where)))
    }))
  )
}

/** How often is looked for alerts that only happened and did not happen again. */
const expiryLookMillis = 10 * 60_000

const logAt: Readonly<Record<Severity, (message: string) => Effect.Effect<void>>> = {
  critical: Effect.logError,
  error: Effect.logError,
  warning: Effect.logWarning,
  low: Effect.logInfo
}

const make = Effect.gen(function* () {
  const events = yield* Events
  const listeners = new Set<AlertListener>()
  let book = Book.empty

  const publish = (kind: "alert_raised" | "alert_resolved", alert: Book.Alert) =>
    events.publish({
      kind,
      code: alert.code,
      severity: alert.severity,
      subject: alert.subject,
      since: new Date(alert.sinceMillis).toISOString(),
      count: alert.count,
      message: alert.message,
      meaning: alert.meaning,
      remedy: alert.remedy
    })

  const tell = (change: Book.AlertChange): Effect.Effect<void> => {
    const { alert } = change
    for (const listener of listeners) listener(change)
    switch (change._tag) {
      case "Raised":
        Metrics.alertsRaised.add(alert.code)
        return logAt[alert.severity](`alert ${alert.code}: ${alert.message}. ${alert.remedy}`).pipe(
          Effect.annotateLogs({ subject: alert.subject }),
          Effect.zipRight(publish("alert_raised", alert))
        )
      case "Repeated":
        return Effect.logDebug(`alert ${alert.code} again (${alert.count}): ${alert.message}`)
      case "Resolved":
        return Effect.logInfo(`alert ${alert.code} ${change.alert.resolution}: ${alert.subject}`).pipe(
          Effect.zipRight(publish("alert_resolved", alert))
        )
    }
  }

  /** The state at once, the changes in order. */
  const step = (change: (book: Book.AlertBook, nowMillis: number) => Book.Step) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const [next, changes] = change(book, now)
      book = next
      return changes.length === 0 ? Effect.void : Effect.forEach(changes, tell, { discard: true })
    })

  yield* step(Book.expire).pipe(Effect.delay(expiryLookMillis), Effect.forever, Effect.forkScoped)

  return Alerts.of({
    raise: (error, subject, o) =>
      step((current, now) =>
        Book.raise(
          current,
          { code: error._tag, subject, message: redacted(error.message), sinceMillis: o?.sinceMillis },
          now
        )
      ),
    resolve: (code, subject, resolution = "resolved") =>
      step((current, now) => Book.resolve(current, { code, subject, resolution }, now)),
    list: Effect.sync(() => Book.sorted(book)),
    history: Effect.sync(() => [...book.past].reverse()),
    restore: (former, isStale) => step((current, nowMillis) => Book.restore(current, former, { isStale, nowMillis })),
    listen: (listener) =>
      Effect.acquireRelease(
        Effect.sync(() => listeners.add(listener)),
        () => Effect.sync(() => listeners.delete(listener))
      ).pipe(Effect.asVoid)
  })
})
