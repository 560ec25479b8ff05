/** What `GET /metrics` says of this moment: pure. A state that nothing is in is 0, so that it can be told from no answer. */
import type { Alert } from "../alerts/Alerts.ts"
import type { PendingDelivery } from "../delivery/Deliveries.ts"
import type { Readiness } from "../injection/Worker.ts"
import type { StateTag } from "../node/SessionState.ts"
import type { Gauge } from "../telemetry/Instrument.ts"
import { gauges } from "../telemetry/Metrics.ts"

export interface Facts {
  readonly version: string
  readonly state: StateTag
  /** One per live worker. */
  readonly readiness: ReadonlyArray<Readiness>
  readonly pending: ReadonlyArray<PendingDelivery>
  readonly alerts: ReadonlyArray<Alert>
  readonly eventClients: number
  readonly uptimeMillis: number
  readonly residentBytes: number
  readonly openDescriptors: number | undefined
}

/** Records, so that a new state is missed by the type checker and not by an operator. */
const states: Record<StateTag, true> = {
  Idle: true,
  Minting: true,
  Connecting: true,
  Registering: true,
  Ready: true,
  Draining: true,
  Waiting: true,
  Stopped: true
}
const readinesses: Record<Readiness, true> = { starting: true, blocked: true, ready: true, unrecognised: true }

const countBy = (values: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const rowsOf = (counts: ReadonlyMap<string, number>): Gauge["rows"] =>
  [...counts].map(([label, value]) => ({ values: [label], value }))

const one = (value: number): Gauge["rows"] => [{ values: [], value }]

export const gaugesOf = (facts: Facts): ReadonlyArray<Gauge> => {
  const workers = countBy(facts.readiness)
  return [
    { description: gauges.build, rows: [{ values: [facts.version], value: 1 }] },
    {
      description: gauges.sessionState,
      rows: Object.keys(states).map((state) => ({
        values: [state.toLowerCase()],
        value: state === facts.state ? 1 : 0
      }))
    },
    {
      description: gauges.workers,
      rows: Object.keys(readinesses).map((readiness) => ({ values: [readiness], value: workers.get(readiness) ?? 0 }))
    },
    { description: gauges.mailboxDepth, rows: rowsOf(countBy(facts.pending.map(({ agent }) => agent))) },
    {
      description: gauges.pending,
      rows: rowsOf(countBy(facts.pending.map(({ waiting }) => waiting ?? "none")))
    },
    {
      description: gauges.alerts,
      rows: [...countBy(facts.alerts.map(({ code, severity }) => `${code} ${severity}`))].map(([pair, value]) => ({
        values: pair.split(" "),
        value
      }))
    },
    { description: gauges.eventClients, rows: one(facts.eventClients) },
    { description: gauges.uptime, rows: one(Math.max(0, facts.uptimeMillis) / 1_000) },
    { description: gauges.residentMemory, rows: one(facts.residentBytes) },
    {
      description: gauges.openDescriptors,
      rows: facts.openDescriptors === undefined ? [] : one(facts.openDescriptors)
    }
  ]
}
