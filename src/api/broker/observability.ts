/** The routes of `ObservabilityGroup`. */

import { readdir } from "node:fs/promises"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Alert, Alerts } from "../../alerts/Alerts.ts"
import { Broker } from "../../broker/Broker.ts"
import { Deliveries, type PendingDelivery } from "../../delivery/Deliveries.ts"
import type { Readiness } from "../../injection/Worker.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import type { StateTag } from "../../node/SessionState.ts"
import type { Gauge } from "../../telemetry/Instrument.ts"
import { counters, gauges, histograms } from "../../telemetry/Metrics.ts"
import { contentType, prometheusText } from "../../telemetry/prometheus.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { EventStream } from "../events/EventStream.ts"
import { LocalApi } from "../LocalApi.ts"
import { alertEntry, pastAlertEntry } from "../Views.ts"

// What `GET /metrics` says of this moment: pure. A state that nothing is in is 0, so that it can be told from no answer.

interface Facts {
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
const readinesses: Record<Readiness, true> = { starting: true, blocked: true, ready: true }

const countBy = (values: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const rowsOf = (counts: ReadonlyMap<string, number>): Gauge["rows"] =>
  [...counts].map(([label, value]) => ({ values: [label], value }))

const one = (value: number): Gauge["rows"] => [{ values: [], value }]

const gaugesOf = (facts: Facts): ReadonlyArray<Gauge> => {
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

/** Undefined where the system does not tell. */
const openDescriptors = Effect.tryPromise(() => readdir("/proc/self/fd")).pipe(
  Effect.map((names) => names.length),
  Effect.orElseSucceed(() => undefined)
)

export const layerObservability = HttpApiBuilder.group(LocalApi, "observability", (handlers) =>
  Effect.gen(function* () {
    const { info } = yield* Broker
    const alerts = yield* Alerts
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registry = yield* WorkerRegistry
    const stream = yield* EventStream

    const gauges = Effect.gen(function* () {
      const workers = yield* registry.list
      return gaugesOf({
        version: info.version,
        state: (yield* node.view).state._tag,
        readiness: yield* Effect.forEach(workers, ({ status }) => Effect.map(status, ({ readiness }) => readiness)),
        pending: yield* deliveries.pending,
        alerts: yield* alerts.list,
        eventClients: yield* stream.clientCount,
        uptimeMillis: (yield* Clock.currentTimeMillis) - info.startedAtMillis,
        residentBytes: process.memoryUsage.rss(),
        openDescriptors: yield* openDescriptors
      })
    })

    return handlers
      .handle("alerts", () => Effect.map(alerts.list, (list) => ({ alerts: list.map(alertEntry) })))
      .handle("alertHistory", () => Effect.map(alerts.history, (past) => ({ history: past.map(pastAlertEntry) })))
      .handleRaw("prometheus", () =>
        Effect.map(gauges, (asked) =>
          HttpServerResponse.text(prometheusText({ counters, histograms, gauges: asked }), { contentType })
        )
      )
  })
)
