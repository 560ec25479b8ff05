/** The routes of `ObservabilityGroup`. */
import { readdir } from "node:fs/promises"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Alerts } from "../../alerts/Alerts.ts"
import { Broker } from "../../broker/Broker.ts"
import { Deliveries } from "../../delivery/Deliveries.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import { counters, histograms } from "../../telemetry/Metrics.ts"
import { contentType, prometheusText } from "../../telemetry/prometheus.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { EventStream } from "../events/EventStream.ts"
import { gaugesOf } from "../gauges.ts"
import { LocalApi } from "../LocalApi.ts"
import { alertEntry, pastAlertEntry } from "../Views.ts"

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
