/** Whether `GET /metrics` tells what the run knows of itself; asked at a quiet. */
import * as Effect from "effect/Effect"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"

export interface Known {
  readonly live: number
  readonly typed: number
  /** Of the engine's messages. */
  readonly sent: number
  readonly spawns: number
  readonly invocations: number
  /** `POST /v1/nodes` that the engine accepted. */
  readonly mints: number
  /** Frames that reached the engine, heeded or not. */
  readonly registers: number
  readonly acks: number
  /** Rounds of garbage. */
  readonly garbage: number
}

export const parseMetrics = (text: string) => {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  const samples = lines.map((line) => {
    const [, name = "", labels = "", value = ""] = /^relay_broker_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    return { name, labels, value: Number(value) }
  })
  return {
    lines,
    /** Over all samples of that name of whose labels this text is a part. */
    sum: (name: string, label = "") =>
      samples
        .filter((each) => each.name === name && each.labels.includes(label))
        .reduce((total, { value }) => total + value, 0)
  }
}

/** Empty when all is well. */
export const judgeMetrics = (text: string, known: Known): ReadonlyArray<string> => {
  const { lines, sum } = parseMetrics(text)
  const findings: Array<string> = []
  const between = (what: string, value: number, low: number, high: number) => {
    if (!(value >= low && value <= high)) findings.push(`metrics: ${what} ${value}, expected ${low} to ${high}`)
  }
  const exactly = (what: string, value: number, expected: number) => between(what, value, expected, expected)
  exactly("ready", sum("node_session_state", 'state="ready"'), 1)
  exactly("states at once", sum("node_session_state"), 1)
  exactly("workers", sum("workers"), known.live)
  exactly("waiting messages", sum("mailbox_depth"), 0)
  exactly("waiting messages by reason", sum("deliveries_pending"), 0)
  const sessions = sum("node_sessions_total")
  between("sessions", sessions, 2, known.registers)
  exactly("mints", sum("node_token_mints_total", 'outcome="ok"'), known.mints)
  between("sessions lost", sum("node_reconnects_total"), sessions - 1, Number.MAX_SAFE_INTEGER)
  // Some are written into a connection that is dead already.
  between("acks sent", sum("frames_out_total", 'type="delivery.ack"'), known.acks, 1.2 * known.acks + 20)
  // Every message once, however often it came; what went to an agent without a mailbox never came here.
  const received = sum("deliveries_total", 'state="received"')
  between("deliveries received", received, known.typed, known.sent)
  exactly("typed", sum("deliveries_total", 'state="submitted"'), known.typed)
  exactly("typed, by evidence", sum("injections_total"), known.typed)
  exactly("times to evidence", sum("injection_seconds_count"), known.typed)
  exactly("times of typing", sum("typing_seconds_count"), known.typed)
  between("times to ack", sum("ack_seconds_count"), known.typed, known.sent)
  // An answer may have been lost on its way, and the invocation come again.
  between("spawns", sum("spawns_total", 'outcome="ok"'), known.spawns, known.spawns + known.invocations)
  const ended = sum("spawns_total", 'outcome="ok"') - known.live
  exactly("agents that ended", sum("agent_exits_total"), ended)
  between("invocations", sum("invocations_total"), 1, 3 * known.invocations)
  between("times of invocations", sum("invocation_seconds_count"), 1, sum("invocations_total"))
  between("unreadable frames", sum("decode_failures_total", 'kind="malformed"'), known.garbage, 8 * known.garbage)
  const wrong = lines.filter((line) => !/^relay_broker_\w+(\{.*\})? (\d|\+Inf)\S*$/.test(line))
  if (wrong.length > 0) findings.push(`metrics: not a sample: ${wrong.slice(0, 3).join("; ")}`)
  return findings
}

export const metricsOf = (broker: BrokerProcess) => Effect.map(broker.expect("GET", "/metrics"), String)
