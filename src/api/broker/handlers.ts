/** The routes about the broker itself: health, session, configuration, status, alerts, shutdown. */

import { readdir } from "node:fs/promises"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Redacted from "effect/Redacted"
import { type Alert, Alerts } from "../../alerts/Alerts.ts"
import { Broker } from "../../broker/Broker.ts"
import type { Drain } from "../../broker/Drain.ts"
import { Deliveries, type PendingDelivery } from "../../delivery/Deliveries.ts"
import type { Readiness } from "../../injection/Worker.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import type { StateTag } from "../../node/SessionState.ts"
import { SidecarHub } from "../../sidecar/SidecarHub.ts"
import { contentType, type Gauge, prometheusText } from "../../telemetry/Instrument.ts"
import { counters, gauges, histograms } from "../../telemetry/Metrics.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { listAgents } from "../agents/handlers.ts"
import { EventStream } from "../events/EventStream.ts"
import { docsPage } from "../http/docsPage.ts"
import { json, page } from "../http/Reply.ts"
import { readOptionalJson } from "../http/requestBody.ts"
import { LocalApi } from "../LocalApi.ts"
import {
  alertEntry,
  isGrave,
  iso,
  memberships,
  nodeSession,
  pastAlertEntry,
  pendingEntry,
  sidecarEntry,
  workspaces
} from "../Views.ts"
import { DrainBody, type DrainResult, defaultDrainSecs } from "./api.ts"

export const layerBroker = HttpApiBuilder.group(LocalApi, "broker", (handlers) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const { info } = broker
    const alerts = yield* Alerts
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registry = yield* WorkerRegistry
    const sidecars = yield* SidecarHub
    const stream = yield* EventStream
    const fork = yield* FiberSet.makeRuntime<never>()
    const uptimeMillis = Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, now - info.startedAtMillis))
    const persist = info.mode === "persist"

    const health = Effect.gen(function* () {
      const session = nodeSession(yield* node.view)
      const grave = (yield* alerts.list).filter(isGrave)
      return {
        status: grave.length === 0 ? ("ok" as const) : ("degraded" as const),
        service: "agent-relay-listen" as const,
        version: info.version,
        uptimeMs: yield* uptimeMillis,
        workspaceId: info.workspaceId,
        defaultWorkspaceId: info.workspaceId,
        memberships: memberships(info),
        agentCount: (yield* registry.list).length,
        pendingDeliveryCount: (yield* deliveries.pending).length,
        wsConnections: yield* stream.clientCount,
        memoryMb: Math.round(process.memoryUsage.rss() / 1_000_000),
        relaycastConnected: session.state === "ready" || session.state === "draining",
        nodeSession: session.state,
        nodeConnected: session.connected,
        alerts: [...new Set(grave.map(({ code }) => code))]
      }
    })

    const status = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const agents = yield* listAgents(registry)
      const pending = yield* deliveries.pending
      return {
        agent_count: agents.length,
        agents,
        pending_delivery_count: pending.length,
        pending_deliveries: pending.map((delivery) => pendingEntry(delivery, now)),
        auth: {
          authenticated: true,
          workspace_count: info.attached.length,
          default_workspace_id: info.workspaceId,
          workspaces: workspaces(info)
        },
        starting: yield* registry.starting,
        node: nodeSession(yield* node.view),
        sidecar: sidecarEntry(yield* sidecars.view),
        alerts: (yield* alerts.list).map(alertEntry)
      }
    })

    return handlers
      .handle("health", () => health)
      .handle("session", () =>
        Effect.map(uptimeMillis, (millis) => ({
          broker_version: info.version,
          protocol_version: 2 as const,
          workspace_key: Redacted.value(info.workspaceKey),
          relay_base_url: info.relayBaseUrl,
          default_workspace_id: info.workspaceId,
          mode: info.mode,
          uptime_secs: Math.floor(millis / 1000),
          event_epoch: stream.epoch
        }))
      )
      .handle("renew", () =>
        Effect.map(broker.renewLease, (seconds) => ({
          renewed: true as const,
          expires_in_secs: seconds,
          persist
        }))
      )
      .handle("config", () =>
        Effect.succeed({
          workspaceKey: Redacted.value(info.workspaceKey),
          defaultWorkspaceId: info.workspaceId,
          memberships: memberships(info)
        })
      )
      .handle("status", () => status)
      .handle("shutdown", ({ request }) =>
        Effect.sync(() => {
          // The answer first: the shutdown closes this connection too.
          NodeHttpServerRequest.toServerResponse(request).once("close", () => {
            fork(broker.requestShutdown("POST /api/shutdown"))
          })
          return { status: "shutting_down" as const }
        })
      )
      .handleRaw("openapi", () => Effect.sync(() => json(200, OpenApi.fromApi(LocalApi))))
      .handleRaw("docs", () => Effect.sync(() => page(docsPage(OpenApi.fromApi(LocalApi)))))
  })
)

// The routes that act on the node session.

const drainView = ({ unfinished, untilMillis }: Drain): typeof DrainResult.Type => ({
  status: "draining",
  until: iso(untilMillis),
  unfinished
})

export const layerNode = HttpApiBuilder.group(LocalApi, "node", (handlers) =>
  Effect.gen(function* () {
    const broker = yield* Broker
    const node = yield* NodeControl
    const readDrain = readOptionalJson(DrainBody)

    return handlers
      .handle("reconnect", () =>
        Effect.gen(function* () {
          const before = yield* node.view
          yield* node.reconnect("asked for over the API")
          return { status: "reconnecting" as const, node: nodeSession(before) }
        })
      )
      .handleRaw("drain", ({ request }) =>
        readDrain(request).pipe(
          Effect.flatMap((body) => broker.requestDrain((body?.deadline_secs ?? defaultDrainSecs) * 1_000)),
          Effect.map((drain) => json(200, drainView(drain))),
          Effect.merge
        )
      )
      .handle("draining", () =>
        Effect.map(broker.drain, (drain) => ({ drain: drain === undefined ? null : drainView(drain) }))
      )
  })
)

// The routes of `ObservabilityGroup`.

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
