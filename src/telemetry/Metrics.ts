/**
 * Every metric of the broker, in one place: what is counted here is what `GET /metrics` shows and docs/observability.md
 * lists. Recorded where it happens, by `framesIn.add("deliver")`; gauges are asked for when somebody looks.
 */
import { Counter, type Description, Histogram } from "./Instrument.ts"

const prefix = "relay_broker_"

const counter = (name: string, help: string, labels: ReadonlyArray<string> = []) =>
  new Counter({ name: `${prefix}${name}`, help, labels })

const histogram = (
  name: string,
  help: string,
  boundsSeconds: ReadonlyArray<number>,
  labels: ReadonlyArray<string> = []
) => new Histogram({ name: `${prefix}${name}`, help, labels, boundsSeconds })

const gauge = (name: string, help: string, labels: ReadonlyArray<string> = []): Description => ({
  name: `${prefix}${name}`,
  help,
  labels
})

/** From 1 ms to 10 min: a message may wait for an agent that is busy. */
const waits = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600]
const calls = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

// The node session.
export const framesIn = counter("frames_in_total", "Frames from the engine, by type.", ["type"])
export const framesOut = counter("frames_out_total", "Frames to the engine, by type.", ["type"])
export const decodeFailures = counter(
  "decode_failures_total",
  "Frames and payloads that could not be read: malformed, undecodable, unknown_frame, unknown_payload.",
  ["kind"]
)
export const sessions = counter("node_sessions_total", "Node sessions that the engine accepted.")
export const reconnects = counter("node_reconnects_total", "Node sessions that ended or never began, by error.", [
  "reason"
])
export const mints = counter("node_token_mints_total", "Node tokens asked for, by outcome.", ["outcome"])
export const engineCalls = counter("engine_calls_total", "HTTP calls to the engine after retries, by outcome.", [
  "operation",
  "outcome"
])

// Deliveries.
export const deliveries = counter("deliveries_total", "What became of deliveries, by state reached.", ["state"])
export const injections = counter("injections_total", "Messages typed and entered, by evidence.", ["evidence"])
export const injectionSeconds = histogram(
  "injection_seconds",
  "From the arrival of a message to the evidence of its turn.",
  waits
)
export const typingSeconds = histogram(
  "typing_seconds",
  "From the first byte typed to the evidence of the turn.",
  waits
)
export const ackSeconds = histogram("ack_seconds", "From the arrival of a message to its ack at the engine.", waits)

// Agents and invocations.
export const spawns = counter("spawns_total", "Spawns, by outcome (ok, or the error).", ["outcome"])
export const exits = counter("agent_exits_total", "Agents that ended, by reason.", ["reason"])
export const invocations = counter("invocations_total", "Invocations answered, by kind and outcome.", [
  "kind",
  "outcome"
])
export const invocationSeconds = histogram(
  "invocation_seconds",
  "From the arrival of an invocation to its answer.",
  calls
)

// Alerts.
export const alertsRaised = counter("alerts_raised_total", "Alerts raised, repetitions not counted.", ["code"])
export const webhookPosts = counter("alert_webhook_total", "Alert webhook notifications, by outcome.", ["outcome"])

/** Asked for at each look. */
export const gauges = {
  build: gauge("build_info", "1; the version is in the label.", ["version"]),
  sessionState: gauge("node_session_state", "1 for the state the node session is in, 0 for the others.", ["state"]),
  workers: gauge("workers", "Live agents, by readiness.", ["readiness"]),
  mailboxDepth: gauge("mailbox_depth", "Messages that wait for an agent or are being typed.", ["agent"]),
  pending: gauge("deliveries_pending", "Messages not yet submitted, by waiting reason.", ["waiting"]),
  alerts: gauge("alerts", "Alerts raised now.", ["code", "severity"]),
  eventClients: gauge("event_clients", "Clients of the event stream."),
  uptime: gauge("uptime_seconds", "Since the start of the broker."),
  residentMemory: gauge("resident_memory_bytes", "Resident memory of the broker's process, agents not included."),
  openDescriptors: gauge("open_descriptors", "Open file descriptors of the broker's process; absent where unknown.")
} as const

export const counters: ReadonlyArray<Counter> = [
  framesIn,
  framesOut,
  decodeFailures,
  sessions,
  reconnects,
  mints,
  engineCalls,
  deliveries,
  injections,
  spawns,
  exits,
  invocations,
  alertsRaised,
  webhookPosts
]

export const histograms: ReadonlyArray<Histogram> = [injectionSeconds, typingSeconds, ackSeconds, invocationSeconds]
