// The results as Markdown for people and as JSON for programs. Pure.

const number = (value) => (value === undefined ? "–" : String(value))

const columns = [
  ["read", ({ tally }) => `${tally.read} of ${tally.sent}`],
  ["acked", ({ tally }) => number(tally.acked)],
  ["**acked, never read**", ({ tally }) => (tally.ackedUnread > 0 ? `**${tally.ackedUnread}**` : "0")],
  ["not yet", ({ tally }) => number(tally.missing)],
  ["read twice", ({ tally }) => number(tally.repeated)],
  [
    "all read after",
    ({ millis, tally }) => (millis === undefined || tally.read < tally.sent ? "–" : `${(millis / 1_000).toFixed(1)} s`)
  ]
]

const line = (cells) => `| ${cells.join(" | ")} |`

export const markdown = ({ subjects, results, seconds }) =>
  [
    ...subjects.map(({ who, version }) => `- ${who}: ${version}`),
    "",
    line(["what happens", "broker", ...columns.map(([title]) => title)]),
    line(["---", "---", ...columns.map(() => "--:")]),
    ...results.map((row) =>
      row.problem === undefined
        ? line([row.title, row.who, ...columns.map(([, cell]) => cell(row))])
        : line([row.title, row.who, `not measured: ${row.problem}`, ...columns.slice(1).map(() => "")])
    ),
    "",
    "*acked, never read*: the engine believes that the agent has them, and will not send them again: lost.",
    "*not yet*: unacked and unread when we looked: the engine still has them.",
    `Measured in ${seconds} s.`
  ].join("\n")

/** What our own broker may never do; sentences. */
export const faultsOf = (results) =>
  results
    .filter(({ who }) => who === "ours")
    .flatMap(({ mayBeMissing, problem, tally, title }) => {
      if (problem !== undefined) return [`${title}: ${problem}`]
      const faults = []
      if (tally.ackedUnread > 0) faults.push(`${title}: ${tally.ackedUnread} acked and never typed`)
      if (tally.missing > 0 && !mayBeMissing) faults.push(`${title}: ${tally.missing} not delivered`)
      return faults
    })
