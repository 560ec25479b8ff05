/** The routes about the broker itself: health, session, configuration, status, alerts, shutdown. */

import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as OpenApi from "@effect/platform/OpenApi"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Redacted from "effect/Redacted"
import { Alerts } from "../../alerts/Alerts.ts"
import { Broker } from "../../broker/Broker.ts"
import { Deliveries } from "../../delivery/Deliveries.ts"
import { NodeControl } from "../../node/NodeControl.ts"
import { SidecarHub } from "../../sidecar/SidecarHub.ts"
import { WorkerRegistry } from "../../workers/WorkerRegistry.ts"
import { listAgents } from "../agents/handlers.ts"
import { EventStream } from "../events/EventStream.ts"
import { docsPage } from "../http/docsPage.ts"
import { json, page } from "../http/Reply.ts"
import { LocalApi } from "../LocalApi.ts"
import { alertEntry, isGrave, memberships, nodeSession, pendingEntry, sidecarEntry, workspaces } from "../Views.ts"

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
