import { describe, expect, it } from "vitest"
import { judgeMetrics, type Known } from "../../scripts/soak/metrics.ts"

const known: Known = {
  live: 2,
  sent: 10,
  typed: 8,
  spawns: 3,
  invocations: 1,
  mints: 1,
  registers: 3,
  acks: 5,
  garbage: 1
}

const healthy = `# HELP relay_broker_node_session_state x
relay_broker_node_session_state{state="waiting"} 0
relay_broker_node_session_state{state="ready"} 1
relay_broker_workers{readiness="ready"} 2
relay_broker_node_sessions_total 2
relay_broker_node_token_mints_total{outcome="ok"} 1
relay_broker_node_token_mints_total{outcome="EngineUnavailable"} 4
relay_broker_node_reconnects_total{reason="link_lost"} 1
relay_broker_frames_out_total{type="delivery.ack"} 6
relay_broker_deliveries_total{state="received"} 9
relay_broker_deliveries_total{state="submitted"} 8
relay_broker_injections_total{evidence="echo"} 8
relay_broker_injection_seconds_bucket{le="+Inf"} 8
relay_broker_injection_seconds_count 8
relay_broker_typing_seconds_count 8
relay_broker_ack_seconds_count 8
relay_broker_spawns_total{outcome="ok"} 4
relay_broker_agent_exits_total{reason="released"} 2
relay_broker_invocations_total{kind="spawn",outcome="ok"} 1
relay_broker_invocation_seconds_count 1
relay_broker_decode_failures_total{kind="malformed"} 5
`

describe("metrics held against the ledger", () => {
  it("are as they must be", () => {
    expect(judgeMetrics(healthy, known)).toEqual([])
  })

  it.each([
    ["a message typed twice", 'submitted"} 8', 'submitted"} 9', "typed 9, expected 8"],
    ["releases that nobody counts", 'released"} 2', 'released"} 0', "agents that ended 0, expected 2"],
    ["a mint that was not asked for", 'outcome="ok"} 1', 'outcome="ok"} 2', "mints 2, expected 1"],
    ["two states at once", 'waiting"} 0', 'waiting"} 1', "states at once 2, expected 1"],
    ["what is no number", "ack_seconds_count 8", "ack_seconds_count NaN", "not a sample"]
  ])("tell of %s", (_, from, to, finding) => {
    const wrong = healthy.replace(from, to)
    expect(wrong).not.toBe(healthy)
    expect(judgeMetrics(wrong, known).join("; ")).toContain(finding)
  })
})
