/** How lists and states look to a person. Plain functions from the API's answers to lines. */
import type { Agent, AlertEntry, Exited, Health, NodeSession, Status } from "../api/Shapes.ts"
import { severityColor } from "./AlertViews.ts"
import { bold, green, harmless, red, yellow } from "./Paint.ts"
import { type Column, duration, facts, table } from "./Table.ts"

export interface StatusPage {
  readonly url: string
  readonly mode: string
  readonly relayBaseUrl: string | null
  readonly health: Health
  readonly status: typeof Status.Type
}

const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

const agentState = ({ current_state, needs_person, readiness, waiting }: Agent): string => {
  if (needs_person !== null) return red(`needs you: ${needs_person.what.replaceAll("_", " ")}`)
  if (readiness === "starting") return yellow("starting")
  if (waiting === "asking" || current_state === "blocked_on_send") return red("blocked")
  return current_state === "working" ? green("working") : "idle"
}

const agentColumns: ReadonlyArray<Column<Agent>> = [
  { title: "NAME", cell: ({ name }) => bold(harmless(name)) },
  { title: "STATE", cell: agentState },
  { title: "CLI", cell: ({ cli, model }) => (model === null ? cli : `${cli} (${model})`), max: 32 },
  { title: "PID", cell: ({ pid }) => String(pid ?? "-"), align: "right" },
  { title: "QUEUED", cell: ({ queued }) => String(queued), align: "right" },
  { title: "WAITS FOR", cell: ({ waiting }) => waiting?.replaceAll("_", " ") ?? "-" },
  { title: "ACTIVE", cell: ({ last_activity_ms }) => `${duration(last_activity_ms)} ago` },
  { title: "CHANNELS", cell: ({ channels }) => channels.map((name) => `#${name}`).join(" "), max: 32 }
]

/** Nothing when none ended. */
export const exitedLines = (exited: ReadonlyArray<Exited>): ReadonlyArray<string> =>
  exited.flatMap(({ cli, exit_code, exited_at, lines, name, signal }) => [
    "",
    `${bold(harmless(name))}${cli === null ? "" : ` (${harmless(cli)})`} ${red(
      signal === null ? `ended with code ${exit_code ?? "unknown"}` : `was ended by signal ${signal}`
    )} at ${exited_at}`,
    ...lines.map((line) => `  ${harmless(line)}`)
  ])

export const agentLines = (agents: ReadonlyArray<Agent>): ReadonlyArray<string> =>
  agents.length === 0 ? ["no agents; start one with `relay-broker spawn <name>`"] : table(agents, agentColumns)

const nodeLine = ({ node_name, reason, sessions, state, until }: NodeSession): string => {
  const shown = state === "ready" ? green(state) : yellow(state)
  const why = `${reason === null ? "" : `: ${harmless(reason)}`}${until === null ? "" : `, until ${until}`}`
  return `${shown}${why}  ${harmless(node_name)}, ${count(sessions, "session")} since the start`
}

const sidecarFact = (sidecar: (typeof Status.Type)["sidecar"]): ReadonlyArray<readonly [string, string]> =>
  sidecar === null
    ? []
    : [
        [
          "sidecar",
          `${harmless(sidecar.name)}, ${count(sidecar.handlers.length, "handler")}, ${sidecar.in_flight} in flight`
        ]
      ]

const alertSummary = (alerts: ReadonlyArray<AlertEntry>): string =>
  alerts.length === 0
    ? "none"
    : `${alerts.map(({ code, severity }) => severityColor[severity](code)).join(", ")}  (relay-broker alerts)`

export const statusLines = ({ health, mode, relayBaseUrl, status, url }: StatusPage): ReadonlyArray<string> => {
  const [workspace] = health.memberships
  const alias = workspace?.workspace_alias === undefined ? "" : ` (${harmless(workspace.workspace_alias)})`
  const starting = status.starting.length === 0 ? "" : `, starting: ${status.starting.map(harmless).join(", ")}`
  return [
    ...facts([
      ["broker", `${health.version}  ${mode}, up ${duration(health.uptimeMs)}, ${health.memoryMb} MB`],
      ["state", health.status === "ok" ? green("ok") : red("degraded")],
      ["api", `${url}, ${count(health.wsConnections, "event client")}`],
      ["workspace", `${health.workspaceId}${alias}`],
      ["engine", relayBaseUrl ?? "default address"],
      ["node", nodeLine(status.node)],
      ...sidecarFact(status.sidecar),
      ["waiting", count(status.pending_delivery_count, "message")],
      ["alerts", alertSummary(status.alerts)],
      ["agents", `${status.agent_count}${starting}`]
    ]),
    ...(status.agents.length === 0 ? [] : ["", ...agentLines(status.agents)])
  ]
}
