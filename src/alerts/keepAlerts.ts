/**
 * Alerts over restarts: brings back what a former run left, then writes every change down. What begins or ends is written
 * at once; repetitions together, every few seconds, so that a storm of them costs the store nothing.
 */

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type AlertRecord, Store } from "../store/Store.ts"
import { type Alert, keyOf, type PastAlert } from "./AlertBook.ts"
import { type AlertChange, Alerts } from "./Alerts.ts"
import { isAlertCode, textOf } from "./Catalogue.ts"

// Which alerts of a former run say nothing about this one. Pure.
//
// Kept: whatever can still be true, with its beginning and count; the success that disproves it takes it away. Stale: what
// is about another node record (the instance or workspace changed), what the start itself disproves (the database opened, a
// workspace was attached or is not listed any more), and what can only be true of a worker or a sidecar, since none outlives
// its broker. Messages that still wait for an agent raise `UnknownWorker` anew at the start.

/** What can only be true of a worker or a sidecar that is there. */
const ofThisRun: ReadonlySet<Alert["code"]> = new Set([
  "DeliveryStuck",
  "SidecarDown",
  "AgentNeedsPerson",
  "DeliveryUnproven"
])

interface StartFacts {
  readonly nodeId: string
  readonly storeIsOpen: boolean
  readonly leftOut: ReadonlyArray<string>
}

export const isStaleAtStart =
  ({ leftOut, nodeId, storeIsOpen }: StartFacts) =>
  ({ code, subject }: Pick<Alert, "code" | "subject">): boolean => {
    if (ofThisRun.has(code)) return true
    switch (textOf(code).subject) {
      case "node":
        return subject !== nodeId
      case "workspace":
        return !leftOut.includes(subject)
      case "store":
        return storeIsOpen
      default:
        return false
    }
  }

const repetitionsEveryMillis = 5_000

const recordOf = (alert: Alert | PastAlert): AlertRecord => ({
  code: alert.code,
  subject: alert.subject,
  sinceMillis: alert.sinceMillis,
  lastMillis: alert.lastMillis,
  count: alert.count,
  message: alert.message,
  ended: "resolution" in alert ? { atMillis: alert.resolvedMillis, how: alert.resolution } : undefined
})

/** A code that this program does not know is of a later one: not ours to tell. */
const alertOf = ({ code, count, lastMillis, message, sinceMillis, subject }: AlertRecord): ReadonlyArray<Alert> => {
  if (!isAlertCode(code)) return []
  const { meaning, remedy, severity } = textOf(code)
  return [{ code, count, lastMillis, message, sinceMillis, subject, meaning, remedy, severity }]
}

const pastOf = (record: AlertRecord): ReadonlyArray<PastAlert> => {
  const { ended } = record
  return ended === undefined
    ? []
    : alertOf(record).map((alert) => ({ ...alert, resolvedMillis: ended.atMillis, resolution: ended.how }))
}

interface KeepAlertsOptions {
  readonly nodeId: string
  /** Subjects of `WorkspaceNotAttached` in this run. */
  readonly leftOut?: ReadonlyArray<string>
}

const make = ({ leftOut = [], nodeId }: KeepAlertsOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const store = yield* Store
    const dirty = new Map<string, Alert>()
    const due: Array<AlertRecord> = []
    /** What was raised before there was a store goes in too. */
    let all = true
    const work = yield* Effect.makeLatch(false)
    const repeated = yield* Effect.makeLatch(false)

    const heard = (change: AlertChange): void => {
      const { alert } = change
      if (change._tag === "Repeated") {
        dirty.set(keyOf(alert), alert)
        repeated.unsafeOpen()
        return
      }
      dirty.delete(keyOf(alert))
      due.push(recordOf(alert))
      // It may be about a fresh file, which has none of what is raised.
      if (change._tag === "Raised" && textOf(alert.code).subject === "store") all = true
      work.unsafeOpen()
    }

    const write = Effect.gen(function* () {
      work.unsafeClose()
      if (all) due.push(...(yield* alerts.list).map(recordOf))
      all = false
      for (const record of due.splice(0)) yield* store.alert(record)
    })
    const writeRepetitions = Effect.suspend(() => {
      repeated.unsafeClose()
      due.push(...[...dirty.values()].map(recordOf))
      dirty.clear()
      return write
    })

    const former = yield* store.alerts
    yield* alerts.listen(heard)
    const health = yield* store.health
    const past = former.flatMap(pastOf).sort((a, b) => a.resolvedMillis - b.resolvedMillis)
    const raised = former.filter(({ ended }) => ended === undefined).flatMap(alertOf)
    yield* alerts.restore({ raised, past }, isStaleAtStart({ nodeId, leftOut, storeIsOpen: health._tag === "Ok" }))
    yield* write
    const left = (yield* alerts.list).length
    if (left > 0 && raised.length > 0) yield* Effect.logInfo(`alerts still raised from before: ${left}`)

    yield* work.await.pipe(Effect.zipRight(write), Effect.forever, Effect.forkScoped)
    yield* repeated.await.pipe(
      Effect.zipRight(Effect.sleep(repetitionsEveryMillis)),
      Effect.zipRight(writeRepetitions),
      Effect.forever,
      Effect.forkScoped
    )
    yield* Effect.addFinalizer(() => writeRepetitions)
  })

/** Between the store and whoever raises alerts about what it finds there. */
export const keepAlerts = (o: KeepAlertsOptions): Layer.Layer<never, never, Alerts | Store> =>
  Layer.scopedDiscard(make(o))
