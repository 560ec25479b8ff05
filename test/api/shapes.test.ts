import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { startingHealth } from "../../src/api/broker/startingHealth.ts"
import { alertOf, pendingOf } from "./data.ts"
import { fakeWorker, makeRig, workspaceKey } from "./rig.ts"

const agentEntry = {
  name: "w1",
  runtime: "pty",
  provider: null,
  cli: "claude",
  model: null,
  sessionId: null,
  team: null,
  channels: ["general"],
  parent: null,
  pid: 4711,
  workerPid: 4711,
  last_activity_at: "2026-01-02T03:04:05.000Z",
  context_budget_pct: null,
  current_state: "idle",
  channel: { name: "screen", standing: "none", reason: null },
  needs_person: null,
  readiness: "ready",
  queued: 2,
  waiting: "busy",
  generation: 1,
  agent_id: "agent_1",
  cwd: "/",
  started_at: "2026-01-02T03:00:00.000Z",
  log_path: null
}

/** Takes out what depends on the clock, after a look at its kind. */
const timeless = (entry: Record<string, unknown>) => {
  const { last_activity_ms, ...rest } = entry
  assert.isAtLeast(last_activity_ms as number, 0)
  return rest
}

describe("GET /health", () => {
  it.scopedLive("has the keys of 9.1.6 and ours, with true numbers", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig({ info: { startedAtMillis: Date.now() - 5_000 } })
      script.pending = [pendingOf("d1")]
      const { memoryMb, uptimeMs, ...rest } = (yield* ask("GET", "/health")).body as Record<string, unknown>
      assert.deepStrictEqual(rest, {
        status: "ok",
        service: "agent-relay-listen",
        version: "9.9.9",
        workspaceId: "ws_1",
        defaultWorkspaceId: "ws_1",
        memberships: [{ workspace_id: "ws_1", is_default: true }],
        agentCount: 1,
        pendingDeliveryCount: 1,
        wsConnections: 0,
        relaycastConnected: true,
        nodeSession: "ready",
        nodeConnected: true,
        alerts: []
      })
      assert.isAtLeast(memoryMb as number, 1)
      assert.isAtLeast(uptimeMs as number, 5_000)
      assert.deepStrictEqual(
        Object.keys(JSON.parse(startingHealth())).sort(),
        [...Object.keys(rest), "memoryMb", "uptimeMs"].sort()
      )
    })
  )

  it.scopedLive("is degraded by grave alerts only, each code once", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.alerts = [alertOf("UnknownFrame"), alertOf("UnknownWorker")]
      const mild = (yield* ask("GET", "/health")).body as Record<string, unknown>
      assert.deepStrictEqual([mild["status"], mild["alerts"]], ["ok", []])
      script.alerts = [alertOf("NodeTokenRejected"), alertOf("BindFailed", "w1"), alertOf("BindFailed", "w2")]
      script.session = {
        ...script.session,
        state: { _tag: "Waiting", reason: "link_lost", detail: "closed", untilMillis: 1 }
      }
      const grave = (yield* ask("GET", "/health")).body as Record<string, unknown>
      assert.deepStrictEqual(
        [grave["status"], grave["alerts"], grave["relaycastConnected"], grave["nodeConnected"], grave["nodeSession"]],
        ["degraded", ["NodeTokenRejected", "BindFailed"], false, false, "waiting"]
      )
    })
  )
})

describe("session and configuration", () => {
  it.scopedLive("GET /api/session", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig({ info: { startedAtMillis: Date.now() - 61_500, mode: "persist" } })
      const { event_epoch, uptime_secs, ...rest } = (yield* ask("GET", "/api/session")).body as Record<string, unknown>
      assert.isString(event_epoch)
      assert.deepStrictEqual(rest, {
        broker_version: "9.9.9",
        protocol_version: 2,
        workspace_key: workspaceKey,
        relay_base_url: null,
        default_workspace_id: "ws_1",
        mode: "persist"
      })
      assert.isTrue(Number.isInteger(uptime_secs))
      assert.isAtLeast(uptime_secs as number, 61)
    })
  )

  it.scopedLive("POST /api/session/renew", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const answer = yield* ask("POST", "/api/session/renew")
      assert.deepStrictEqual(answer.body, { renewed: true, expires_in_secs: 120, persist: false })
      const durable = yield* makeRig({ info: { mode: "persist" } })
      durable.script.renew = Effect.succeed(0)
      const kept = yield* durable.ask("POST", "/api/session/renew")
      assert.deepStrictEqual(kept.body, { renewed: true, expires_in_secs: 0, persist: true })
    })
  )

  it.scopedLive("GET /api/config, with the alias when there is one", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig({ info: { workspaceAlias: "team" } })
      assert.deepStrictEqual((yield* ask("GET", "/api/config")).body, {
        workspaceKey,
        defaultWorkspaceId: "ws_1",
        memberships: [{ workspace_id: "ws_1", workspace_alias: "team", is_default: true }]
      })
    })
  )
})

describe("lists", () => {
  it.scopedLive("GET /api/spawned", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const first = (yield* ask("GET", "/api/spawned")).body as { agents: Array<Record<string, unknown>> }
      assert.deepStrictEqual(first.agents.map(timeless), [agentEntry])
      const spec = { ...script.workers[0]!.spec, model: "opus", sessionRef: "s1", team: "red", parent: "Dashboard" }
      script.workers = [fakeWorker(seen, { agentId: undefined, spec, logPath: "/tmp/w1.log" })]
      const second = (yield* ask("GET", "/api/spawned")).body as { agents: Array<Record<string, unknown>> }
      assert.deepStrictEqual(second.agents.map(timeless), [
        {
          ...agentEntry,
          model: "opus",
          sessionId: "s1",
          team: "red",
          parent: "Dashboard",
          agent_id: null,
          log_path: "/tmp/w1.log"
        }
      ])
      script.workers = []
      assert.deepStrictEqual((yield* ask("GET", "/api/spawned")).body, { agents: [], exited: [] })
    })
  )

  it.scopedLive("GET /api/status", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.pending = [pendingOf("d1")]
      script.alerts = [alertOf("UnknownWorker")]
      const status = (yield* ask("GET", "/api/status")).body as Record<string, unknown>
      const { agents, pending_deliveries, ...rest } = status as {
        agents: Array<Record<string, unknown>>
        pending_deliveries: Array<Record<string, unknown>>
      }
      assert.deepStrictEqual(agents.map(timeless), [agentEntry])
      const { age_ms, ...pending } = pending_deliveries[0]!
      assert.isAtLeast(age_ms as number, 0)
      assert.deepStrictEqual(pending, {
        delivery_id: "d1",
        worker_name: "w1",
        event_id: "msg_1",
        from: "alice",
        to: "#general",
        attempts: 0,
        queued_at_ms: 1_700_000_000_000,
        last_error: null,
        seq: 7,
        state: "waiting",
        waiting: "no_worker"
      })
      assert.deepStrictEqual(rest as Record<string, unknown>, {
        agent_count: 1,
        pending_delivery_count: 1,
        auth: {
          authenticated: true,
          workspace_count: 1,
          default_workspace_id: "ws_1",
          workspaces: [
            {
              workspace_id: "ws_1",
              workspace_alias: null,
              self_name: "proj",
              self_agent_id: "agent_self",
              authenticated: true,
              default: true
            }
          ]
        },
        starting: [],
        node: {
          state: "ready",
          reason: null,
          connected: true,
          since: "1970-01-01T00:00:00.001Z",
          until: null,
          attempt: 0,
          lost: { link_lost: 1 },
          capabilities: [],
          history: [
            { at: "1970-01-01T00:00:00.001Z", from: "registering", to: "ready", event: "Registered", reason: null }
          ],
          node_id: "node_1",
          node_name: "host",
          sessions: 1,
          frames_in: { deliver: 3 },
          frames_out: {},
          malformed_frames: 0
        },
        sidecar: null,
        alerts: [
          {
            code: "UnknownWorker",
            severity: "warning",
            subject: "w1",
            since: "1970-01-01T00:00:01.000Z",
            last: "1970-01-01T00:00:02.000Z",
            count: 3,
            message: "what happened",
            meaning: "Messages wait for an agent that is not hosted here.",
            remedy: "Spawn the agent here, or let the engine expire the messages."
          }
        ]
      })
      const alerts = (yield* ask("GET", "/api/alerts")).body as { alerts: unknown }
      assert.deepStrictEqual(alerts.alerts, status["alerts"])
    })
  )

  it.scopedLive("GET /openapi.json says which routes need the key", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const page = (yield* ask("GET", "/openapi.json")).body as {
        paths: Record<string, { get?: { security?: unknown } }>
        security: unknown
      }
      assert.deepStrictEqual(page.security, [{ header: [] }, { bearer: [] }])
      assert.deepStrictEqual(page.paths["/health"]?.get?.security, [])
      // Of its own it would say that none is needed.
      assert.isFalse("security" in (page.paths["/api/session"]?.get ?? {}))
    })
  )
})

describe("POST /api/shutdown", () => {
  it.scopedLive("answers, then asks for the shutdown", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const asked = yield* Deferred.make<string>()
      script.shutdown = (reason) => Deferred.succeed(asked, reason)
      assert.deepStrictEqual((yield* ask("POST", "/api/shutdown")).body, { status: "shutting_down" })
      assert.strictEqual(yield* Deferred.await(asked), "POST /api/shutdown")
    })
  )
})
