import { alertCodes, type Severity, type SubjectKind, textOf } from "../../src/alerts/Catalogue.ts"

const groups: ReadonlyArray<readonly [kind: SubjectKind, title: string]> = [
  ["node", "The node session (subject: the node id)"],
  ["workspace", "Further workspaces (subject: the alias or id of the list, else the place there)"],
  ["agent", "Agents and their messages (subject: the agent's name)"],
  ["store", "The database (subject: its path)"],
  ["file", "Files (subject: their path)"],
  ["broker", "The broker itself (subject: the part of it)"],
  ["kind", "A newer engine (subject: the type, or the node that got it)"]
]

const ranks: ReadonlyArray<Severity> = ["critical", "error", "warning", "low"]

const section = ([kind, title]: (typeof groups)[number]): ReadonlyArray<string> => {
  const codes = alertCodes
    .filter((code) => textOf(code).subject === kind)
    .sort((a, b) => ranks.indexOf(textOf(a).severity) - ranks.indexOf(textOf(b).severity))
  if (codes.length === 0) return []
  return [
    `## ${title}`,
    "",
    ...codes.flatMap((code) => {
      const { expires, meaning, raised, remedy, resolved, severity } = textOf(code)
      return [
        `### ${code}`,
        "",
        `*${severity}.* ${meaning}`,
        "",
        `- **Do:** ${remedy}`,
        `- **Raised by:** ${raised}`,
        `- **Resolved by:** ${resolved}${expires === true ? " Else it goes 24 h after it last happened." : ""}`,
        ""
      ]
    })
  ]
}

const head = `<!-- Made from src/alerts/Catalogue.ts by \`npm run docs\`. Do not edit. -->

# Alerts

What can be wrong with a broker, what it means, and what to do. An alert is raised once per code and subject, counted while
it repeats, and resolved by the success that disproves it. Alerts survive a restart; what a former run left goes when this
run disproves it. The latest 500 that went are the history.

Where they are seen: \`relay-broker alerts\` (\`--watch\`, \`--history\`, \`--json\`), \`GET /api/alerts\` and
\`/api/alerts/history\`, events \`alert_raised\` and \`alert_resolved\` on \`/ws\`, the log, \`relay_broker_alerts\` at
\`/metrics\`, \`RELAY_ALERT_WEBHOOK\` ([observability](observability.md#alert-webhook)). While a *critical* or *error* alert
is raised, \`/health\` says \`degraded\` and names its code. What is fatal at the start is no alert: it ends the program with
one line and exit code 1.
`

export const alertsPage = `${[head, ...groups.flatMap(section)].join("\n").trimEnd()}\n`
