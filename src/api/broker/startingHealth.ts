/** The body of `GET /health` before the workspace is known. Without heavy imports: it is there from the first moment. */
import { version } from "../../domain/Version.ts"

export const startingHealth = (): string =>
  JSON.stringify({
    status: "ok",
    service: "agent-relay-listen",
    version,
    uptimeMs: Math.round(process.uptime() * 1000),
    workspaceId: "ws_unknown",
    defaultWorkspaceId: null,
    memberships: [],
    agentCount: 0,
    pendingDeliveryCount: 0,
    wsConnections: 0,
    memoryMb: Math.round(process.memoryUsage.rss() / 1_000_000),
    relaycastConnected: false,
    nodeSession: "idle",
    nodeConnected: false,
    alerts: []
  })
