/** The route table of the surface that clients know, walked against the real API, so that none is forgotten. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeRig } from "./rig.ts"

interface Known {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  readonly path: string
  readonly json?: unknown
  /** 200 unless said otherwise. */
  readonly status?: number
  /** Keys that the answer must have; ours may have more. */
  readonly keys?: ReadonlyArray<string>
}

const surface: ReadonlyArray<Known> = [
  {
    method: "GET",
    path: "/health",
    keys: [
      ...["status", "service", "version", "uptimeMs", "workspaceId", "defaultWorkspaceId", "memberships", "agentCount"],
      ...["pendingDeliveryCount", "wsConnections", "memoryMb", "relaycastConnected"]
    ]
  },
  {
    method: "GET",
    path: "/api/session",
    keys: [
      ...["broker_version", "protocol_version", "workspace_key", "relay_base_url", "default_workspace_id", "mode"],
      "uptime_secs"
    ]
  },
  { method: "POST", path: "/api/session/renew", keys: ["renewed", "expires_in_secs", "persist"] },
  { method: "GET", path: "/api/config", keys: ["workspaceKey", "defaultWorkspaceId", "memberships"] },
  {
    method: "POST",
    path: "/api/spawn",
    json: { name: "new" },
    keys: ["success", "name", "runtime", "model", "sessionId", "pid", "pre_registered", "warning"]
  },
  { method: "GET", path: "/api/spawned", keys: ["agents"] },
  { method: "DELETE", path: "/api/spawned/w1", keys: ["success", "name"] },
  { method: "POST", path: "/api/spawned/w1/model", json: { model: "x" }, keys: ["name", "model", "success"] },
  { method: "GET", path: "/api/spawned/w1/snapshot", keys: ["format", "rows", "cols", "cursor", "screen"] },
  { method: "GET", path: "/api/spawned/w1/delivery-mode", keys: ["mode"] },
  {
    method: "PUT",
    path: "/api/spawned/w1/delivery-mode",
    json: { mode: "manual_flush" },
    keys: ["mode", "flushed"]
  },
  { method: "GET", path: "/api/spawned/w1/pending", keys: ["pending"] },
  { method: "POST", path: "/api/spawned/w1/flush", keys: ["flushed"] },
  { method: "POST", path: "/api/spawned/w1/subscribe", json: { channels: ["x"] }, keys: ["name", "channels"] },
  { method: "POST", path: "/api/spawned/w1/unsubscribe", json: { channels: ["x"] }, keys: ["name", "channels"] },
  {
    method: "POST",
    path: "/api/send",
    json: { to: "w1", message: "hi" },
    keys: ["success", "event_id", "delivered", "local", "workspace_id", "workspace_alias", "targets"]
  },
  { method: "POST", path: "/api/input/w1", json: { data: "x" }, keys: ["name", "bytes_written"] },
  { method: "GET", path: "/api/input/w1/stream", status: 400 },
  { method: "POST", path: "/api/resize/w1", json: { rows: 2, cols: 3 }, keys: ["name", "rows", "cols"] },
  { method: "GET", path: "/api/threads", keys: ["threads"] },
  { method: "GET", path: "/api/events/replay?sinceSeq=0", keys: ["events", "gap", "oldestAvailable"] },
  { method: "GET", path: "/api/metrics", keys: ["agents", "broker"] },
  { method: "GET", path: "/api/metrics?agent=w1", keys: ["agents", "broker"] },
  {
    method: "GET",
    path: "/api/status",
    keys: ["agent_count", "agents", "pending_delivery_count", "pending_deliveries", "auth"]
  },
  { method: "GET", path: "/api/crash-insights", keys: ["total_crashes", "recent", "patterns", "health_score"] },
  { method: "POST", path: "/api/preflight", json: { agents: [{ name: "a", cli: "claude" }] }, keys: ["queued"] },
  { method: "POST", path: "/api/shutdown", keys: ["status"] },
  {
    method: "GET",
    path: "/api/history/stats",
    keys: ["messageCount", "sessionCount", "activeSessions", "uniqueAgents", "oldestMessageDate"]
  },
  {
    method: "POST",
    path: "/api/agents/by-name/w1/interrupt",
    status: 501,
    keys: ["success", "error", "name"]
  },
  { method: "GET", path: "/ws", status: 400 },
  { method: "GET", path: "/api/fleet/ws", status: 400 },
  { method: "POST", path: "/api/agent-result", json: { data: 1 }, status: 401, keys: ["success", "error"] }
]

describe("the surface of 9.1.6", () => {
  it.scopedLive("has all its routes, with all the keys of their answers", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const { json, keys, method, path, status = 200 } of surface) {
        const answer = yield* ask(method, path, { json })
        assert.strictEqual(answer.status, status, `${method} ${path}: ${answer.text}`)
        if (keys === undefined) continue
        assert.containsAllKeys(answer.body as object, [...keys], `${method} ${path}`)
      }
    })
  )

  it.scopedLive("has not the legacy path that is pinned as absent", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.strictEqual((yield* ask("GET", "/api/spawned/w1/mode")).status, 404)
    })
  )

  it.scopedLive("is described in the OpenAPI document, every route of it", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const { paths } = (yield* ask("GET", "/openapi.json")).body as { paths: Record<string, Record<string, unknown>> }
      for (const { method, path } of surface) {
        const pattern = (path.split("?")[0] ?? "").replace("/w1", "/{name}").replace("by-name/{name}", "by-name/{name}")
        assert.isDefined(paths[pattern]?.[method.toLowerCase()], `${method} ${pattern}`)
      }
    })
  )
})
