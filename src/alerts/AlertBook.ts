/**
 * Which alerts are raised and which were: plain data and pure steps.
 *
 * Invariants: 1. at most one raised alert per code and subject; what repeats is counted, and keeps its beginning · 2. an
 * alert that is raised becomes one entry of the history when it goes, and nothing else makes one · 3. at most `raisedLimit`
 * are raised and `historyLimit` remembered; beyond that the least severe, then longest quiet, makes room.
 */
import { type AlertCode, catalogue, type Severity, textOf } from "./Catalogue.ts"

export interface Alert {
  readonly code: AlertCode
  readonly severity: Severity
  /** What it is about: an agent, a node, a path, a type of frame. */
  readonly subject: string
  readonly sinceMillis: number
  readonly lastMillis: number
  readonly count: number
  /** Of the latest occurrence. */
  readonly message: string
  readonly meaning: string
  readonly remedy: string
}

/**
 * `resolved`: by the success that disproves it · `expired`: it did not happen again · `stale`: of a former run, and not
 * about anything of this one · `crowded_out`: too many others.
 */
export type Resolution = "resolved" | "expired" | "stale" | "crowded_out"

export interface PastAlert extends Alert {
  readonly resolvedMillis: number
  readonly resolution: Resolution
}

export interface AlertBook {
  readonly raised: ReadonlyMap<string, Alert>
  /** Oldest first, by their end. */
  readonly past: ReadonlyArray<PastAlert>
}

export type AlertChange =
  | { readonly _tag: "Raised" | "Repeated"; readonly alert: Alert }
  | { readonly _tag: "Resolved"; readonly alert: PastAlert }

export type Step = readonly [AlertBook, ReadonlyArray<AlertChange>]

export const raisedLimit = 500
export const historyLimit = 500
export const expiryMillis = 24 * 60 * 60_000

export const empty: AlertBook = { raised: new Map(), past: [] }

export const keyOf = ({ code, subject }: { readonly code: string; readonly subject: string }): string =>
  `${code}\u0000${subject}`

const rank: Readonly<Record<Severity, number>> = { critical: 0, error: 1, warning: 2, low: 3 }

/** Worst first, then oldest first. */
export const sorted = (book: AlertBook): ReadonlyArray<Alert> =>
  [...book.raised.values()].sort((a, b) => rank[a.severity] - rank[b.severity] || a.sinceMillis - b.sinceMillis)

const unchanged = (book: AlertBook): Step => [book, []]

const end = (book: AlertBook, alerts: ReadonlyArray<Alert>, resolution: Resolution, nowMillis: number): Step => {
  if (alerts.length === 0) return unchanged(book)
  const raised = new Map(book.raised)
  const past = alerts.map((alert): PastAlert => ({ ...alert, resolution, resolvedMillis: nowMillis }))
  for (const alert of alerts) raised.delete(keyOf(alert))
  return [
    { raised, past: [...book.past, ...past].slice(-historyLimit) },
    past.map((alert) => ({ _tag: "Resolved", alert }))
  ]
}

const crowded = (book: AlertBook, nowMillis: number): Step => {
  if (book.raised.size <= raisedLimit) return unchanged(book)
  const [least] = [...book.raised.values()].sort(
    (a, b) => rank[b.severity] - rank[a.severity] || a.lastMillis - b.lastMillis
  )
  return end(book, least === undefined ? [] : [least], "crowded_out", nowMillis)
}

const put = (book: AlertBook, alert: Alert): AlertBook => ({
  ...book,
  raised: new Map(book.raised).set(keyOf(alert), alert)
})

export interface Occurrence {
  readonly code: AlertCode
  readonly subject: string
  readonly message: string
  /** When the condition began, if that was earlier than now. */
  readonly sinceMillis?: number | undefined
}

export const raise = (book: AlertBook, o: Occurrence, nowMillis: number): Step => {
  const known = book.raised.get(keyOf(o))
  if (known !== undefined) {
    const alert = { ...known, lastMillis: nowMillis, count: known.count + 1, message: o.message }
    return [put(book, alert), [{ _tag: "Repeated", alert }]]
  }
  const { meaning, remedy, severity } = textOf(o.code)
  const alert: Alert = {
    code: o.code,
    severity,
    subject: o.subject,
    sinceMillis: Math.min(o.sinceMillis ?? nowMillis, nowMillis),
    lastMillis: nowMillis,
    count: 1,
    message: o.message,
    meaning,
    remedy
  }
  const [next, changes] = crowded(put(book, alert), nowMillis)
  return [next, [{ _tag: "Raised", alert }, ...changes]]
}

/** Nothing changes when it is not raised. */
export const resolve = (
  book: AlertBook,
  o: { readonly code: AlertCode; readonly subject: string; readonly resolution?: Resolution },
  nowMillis: number
): Step => {
  const alert = book.raised.get(keyOf(o))
  return end(book, alert === undefined ? [] : [alert], o.resolution ?? "resolved", nowMillis)
}

/** Takes away what only happened and has not happened again for `expiryMillis`. */
export const expire = (book: AlertBook, nowMillis: number): Step =>
  end(
    book,
    [...book.raised.values()].filter(
      ({ code, lastMillis }) => textOf(code).expires === true && nowMillis - lastMillis >= expiryMillis
    ),
    "expired",
    nowMillis
  )

/**
 * What a former run left. An alert that this run has raised already is the same condition: it began then. Texts are this
 * program's, not the former one's.
 */
export const restore = (
  book: AlertBook,
  former: { readonly raised: ReadonlyArray<Alert>; readonly past: ReadonlyArray<PastAlert> },
  o: { readonly isStale: (alert: Alert) => boolean; readonly nowMillis: number }
): Step => {
  const raised = new Map(book.raised)
  const changes: Array<AlertChange> = []
  const stale: Array<Alert> = []
  for (const stored of former.raised) {
    const alert = { ...stored, ...wordsOf(stored.code) }
    const again = raised.get(keyOf(alert))
    if (again === undefined && o.isStale(alert)) {
      stale.push(alert)
      continue
    }
    const merged =
      again === undefined
        ? alert
        : { ...again, sinceMillis: Math.min(alert.sinceMillis, again.sinceMillis), count: alert.count + again.count }
    raised.set(keyOf(alert), merged)
    changes.push({ _tag: "Repeated", alert: merged })
  }
  const past = [...former.past, ...book.past].slice(-historyLimit)
  const [next, ended] = end({ raised, past }, stale, "stale", o.nowMillis)
  const [final, more] = crowded(next, o.nowMillis)
  return [final, [...changes, ...ended, ...more]]
}

const wordsOf = (code: AlertCode) => {
  const { meaning, remedy, severity } = catalogue[code]
  return { meaning, remedy, severity }
}
