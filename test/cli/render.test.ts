import { assert, describe, it } from "@effect/vitest"
import type { Agent, AlertEntry } from "../../src/api/Shapes.ts"
import { harmless, plain } from "../../src/cli/Paint.ts"
import { duration, shortened, table } from "../../src/cli/Table.ts"
import { agentLines, alertLines, statusLines } from "../../src/cli/Views.ts"
import { version } from "../../src/domain/Version.ts"

const agent = (overrides: Partial<Agent> = {}): Agent => ({
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
  last_activity_ms: 65_000,
  last_activity_at: "2026-01-02T03:04:05.000Z",
  context_budget_pct: null,
  current_state: "idle",
  readiness: "ready",
  queued: 0,
  waiting: null,
  generation: 1,
  agent_id: "a1",
  cwd: "/",
  started_at: "2026-01-02T03:00:00.000Z",
  log_path: null,
  ...overrides
})

const alert: AlertEntry = {
  code: "BindFailed",
  severity: "error",
  subject: "w1",
  since: "2026-01-02T03:00:00.000Z",
  last: "2026-01-02T03:00:00.000Z",
  count: 2,
  message: "cannot bind",
  meaning: "It cannot be reached.",
  remedy: "Spawn it again."
}

const shown = (lines: ReadonlyArray<string>) => lines.map(plain)

describe("table", () => {
  it("aligns by characters that are seen", () => {
    const rows = [
      { name: "\u001b[1mä\u001b[22m", n: "1" },
      { name: "long", n: "100" }
    ]
    const columns = [
      { title: "NAME", cell: ({ name }: (typeof rows)[0]) => name },
      { title: "N", cell: ({ n }: (typeof rows)[0]) => n, align: "right" as const }
    ]
    assert.deepStrictEqual(shown(table(rows, columns)), ["NAME    N", "ä       1", "long  100"])
  })

  it("shortens, and takes the teeth out of control characters", () => {
    assert.strictEqual(shortened("abcdef", 4), "abc…")
    assert.strictEqual(shortened("abcd", 4), "abcd")
    assert.strictEqual(harmless("a\u001b[2Jb\r\nc"), "a [2Jb c")
  })

  it("says durations in two units", () => {
    assert.deepStrictEqual([0, 999, 61_000, 3_600_000, 90_061_000, -5].map(duration), [
      "0 s",
      "0 s",
      "1 min 1 s",
      "1 h",
      "1 d 1 h",
      "0 s"
    ])
  })
})

describe("agents", () => {
  it("shows what each does and waits for", () => {
    const agents = [
      agent({ model: "opus", current_state: "working" }),
      agent({ name: "reviewer\u001b[2J", pid: null, readiness: "starting", queued: 12, waiting: "not_ready" }),
      agent({ name: "w3", waiting: "dialog", queued: 1, channels: [] })
    ]
    assert.deepStrictEqual(shown(agentLines(agents)), [
      "NAME          STATE     CLI             PID  QUEUED  WAITS FOR  ACTIVE         CHANNELS",
      "w1            working   claude (opus)  4711       0  -          1 min 5 s ago  #general",
      "reviewer [2J  starting  claude            -      12  not ready  1 min 5 s ago  #general",
      "w3            blocked   claude         4711       1  dialog     1 min 5 s ago"
    ])
    assert.deepStrictEqual(agentLines([]), ["no agents; start one with `relay-broker spawn <name>`"])
  })
})

describe("alerts", () => {
  it("says what it means and what to do", () => {
    assert.deepStrictEqual(shown(alertLines([alert])), [
      "error  BindFailed  w1  since 2026-01-02T03:00:00.000Z, 2 times",
      "  cannot bind",
      "  It cannot be reached.",
      "  Spawn it again."
    ])
    assert.deepStrictEqual(alertLines([]), ["no alerts"])
  })
})

describe("status", () => {
  it("fits on one page", () => {
    const lines = statusLines({
      url: "http://127.0.0.1:3889",
      mode: "persist",
      relayBaseUrl: null,
      health: {
        status: "degraded",
        service: "agent-relay-listen",
        version,
        uptimeMs: 3_725_000,
        workspaceId: "ws_1",
        defaultWorkspaceId: "ws_1",
        memberships: [{ workspace_id: "ws_1", workspace_alias: "team", is_default: true }],
        agentCount: 1,
        pendingDeliveryCount: 1,
        wsConnections: 1,
        memoryMb: 80,
        relaycastConnected: false,
        nodeSession: "waiting",
        nodeConnected: false,
        alerts: ["BindFailed"]
      },
      status: {
        agent_count: 1,
        agents: [agent()],
        pending_delivery_count: 1,
        pending_deliveries: [],
        auth: { authenticated: true, workspace_count: 1, default_workspace_id: "ws_1", workspaces: [] },
        starting: ["w2"],
        node: {
          state: "waiting",
          reason: "connection refused",
          connected: false,
          node_id: "node_1",
          node_name: "host",
          sessions: 2,
          frames_in: {},
          frames_out: {},
          malformed_frames: 0
        },
        alerts: [alert]
      }
    })
    assert.deepStrictEqual(shown(lines), [
      `broker     ${version}  persist, up 1 h 2 min, 80 MB`,
      "state      degraded",
      "api        http://127.0.0.1:3889, 1 event client",
      "workspace  ws_1 (team)",
      "engine     default address",
      "node       waiting: connection refused  host, 2 sessions since the start",
      "waiting    1 message",
      "alerts     BindFailed  (relay-broker alerts)",
      "agents     1, starting: w2",
      "",
      "NAME  STATE  CLI      PID  QUEUED  WAITS FOR  ACTIVE         CHANNELS",
      "w1    idle   claude  4711       0  -          1 min 5 s ago  #general"
    ])
  })
})
