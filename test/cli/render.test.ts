import { assert, describe, it } from "@effect/vitest"
import type { TraceStep, TraceWithBody } from "../../src/api/deliveries/api.ts"
import type { Agent, AlertEntry } from "../../src/api/Shapes.ts"
import { deadLetterPage, difference, traceLines } from "../../src/cli/DeliveryViews.ts"
import { harmless, plain } from "../../src/cli/Paint.ts"
import { duration, shortened, table } from "../../src/cli/Table.ts"
import { agentLines, statusLines } from "../../src/cli/Views.ts"
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
  needs_person: null,
  channel: { name: "screen", standing: "none", reason: null },
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
      agent({
        name: "w3",
        waiting: "asking",
        needs_person: { what: "shell_mode", detail: null, lines: [] },
        queued: 1,
        channels: []
      })
    ]
    assert.deepStrictEqual(shown(agentLines(agents)), [
      "NAME          STATE                  CLI             PID  QUEUED  WAITS FOR  ACTIVE         CHANNELS",
      "w1            working                claude (opus)  4711       0  -          1 min 5 s ago  #general",
      "reviewer [2J  starting               claude            -      12  not ready  1 min 5 s ago  #general",
      "w3            needs you: shell mode  claude         4711       1  asking     1 min 5 s ago"
    ])
    assert.deepStrictEqual(agentLines([]), ["no agents; start one with `relay-broker spawn <name>`"])
  })
})

describe("a delivery", () => {
  const step = (name: TraceStep["step"], millis: number): TraceStep => ({
    step: name,
    at: new Date(millis).toISOString(),
    at_ms: millis
  })
  const trace = (overrides: Partial<TraceWithBody> = {}): TraceWithBody => ({
    delivery_id: "d1",
    event_id: "m1",
    name: "w1",
    agent_id: "a1",
    seq: 7,
    origin: "engine",
    from: "alice",
    target: "#general",
    state: "acked",
    waiting: null,
    evidence: "turn_started",
    channel: "screen",
    unproven: null,
    dead_reason: null,
    steps: [step("received", 0), step("typing", 61_500), step("submitted", 61_535), step("acked", 62_785)],
    body: "one\u001b[2J\ntwo",
    ...overrides
  })

  it("shows each step with the time since the one before", () => {
    assert.deepStrictEqual(shown(traceLines(trace(), 70_000)), [
      "delivery  d1",
      "message   m1",
      "agent     w1 (a1, number 7)",
      "from      alice → #general, engine",
      "state     acked",
      "",
      "received   1970-01-01T00:00:00.000Z",
      "typing     1970-01-01T00:01:01.500Z  +1 min 1 s",
      "submitted  1970-01-01T00:01:01.535Z  +35 ms",
      "acked      1970-01-01T00:01:02.785Z  +1.25 s",
      "",
      "evidence: turn started (screen)",
      "  Its text stood in the program's input line, left it, and a turn began.",
      "",
      "  one [2J",
      "  two"
    ])
  })

  it("says what it waits for, for how long, and what that means", () => {
    const waiting = trace({ state: "waiting", waiting: "busy", evidence: null, steps: [step("received", 0)], seq: 0 })
    assert.deepStrictEqual(shown(traceLines({ ...waiting, origin: "initial_task", body: null }, 65_000)).slice(2), [
      "agent     w1 (a1)",
      "from      alice → #general, initial task",
      "state     waiting",
      "",
      "received  1970-01-01T00:00:00.000Z",
      "",
      "waiting for 1 min 5 s: busy",
      "  The agent is in its turn, or messages before this one are not through yet.",
      "",
      "text no longer kept"
    ])
  })

  it("says why it was given up, also when it is not known when", () => {
    const steps = [step("received", 0), { step: "dead", at: null, at_ms: null } as const, step("acked", 900)]
    const dead = trace({ state: "dead", evidence: null, dead_reason: "agent_released", steps })
    assert.deepStrictEqual(shown(traceLines(dead, 0)).slice(6, 13), [
      "received  1970-01-01T00:00:00.000Z",
      "dead      time not known",
      "acked     1970-01-01T00:00:00.900Z  +900 ms",
      "",
      "given up: agent released",
      "  The agent was released before the message was typed. See `relay-broker dead-letters`.",
      ""
    ])
  })

  it("rounds differences, and does not hide a clock that was set back", () => {
    assert.deepStrictEqual([0, 999, 1000, 59_996, 60_000, -1500].map(difference), [
      "+0 ms",
      "+999 ms",
      "+1 s",
      "+60 s",
      "+1 min",
      "-1.5 s"
    ])
  })

  it("that could not be read shows its frame", () => {
    const lines = deadLetterPage({
      delivery_id: "d1",
      name: "w1",
      agent_id: "a1",
      event_id: null,
      seq: 4,
      reason: "undecodable",
      at: "1970-01-01T00:00:01.000Z",
      at_ms: 1000,
      from: null,
      target: null,
      redeliverable: false,
      redelivered_as: null,
      body: null,
      raw: '{"type":"deliver"}'
    })
    assert.deepStrictEqual(shown(lines).slice(-3), [
      "  The engine sent something that could not be read.",
      "",
      '  {"type":"deliver"}'
    ])
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
          since: "2026-01-01T00:00:00.000Z",
          until: null,
          attempt: 2,
          lost: {},
          capabilities: [],
          history: [],
          node_id: "node_1",
          node_name: "host",
          sessions: 2,
          frames_in: {},
          frames_out: {},
          malformed_frames: 0
        },
        sidecar: { name: "side", handlers: ["echo", "work"], since: "2026-01-01T00:00:00.000Z", in_flight: 1 },
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
      "sidecar    side, 2 handlers, 1 in flight",
      "waiting    1 message",
      "alerts     BindFailed  (relay-broker alerts)",
      "agents     1, starting: w2",
      "",
      "NAME  STATE  CLI      PID  QUEUED  WAITS FOR  ACTIVE         CHANNELS",
      "w1    idle   claude  4711       0  -          1 min 5 s ago  #general"
    ])
  })
})
