// The results as Markdown for people and as JSON for programs. Pure.

/** What became of the messages, in words. */
const outcomeOf = ({ problem, tally, millis }) => {
  if (problem !== undefined) return `not measured: ${problem}`
  const { acked, ackedUnread, missing, read, repeated, sent } = tally
  const all = read === sent && millis !== undefined ? ` after ${(millis / 1_000).toFixed(1)} s` : ""
  return [
    `${read} of ${sent} read${all}`,
    `${acked} acked`,
    ackedUnread > 0 ? `**${ackedUnread} lost**` : "none lost",
    ...(missing > 0 ? [`${missing} not read, not acked`] : []),
    ...(repeated > 0 ? [`${repeated} read twice`] : [])
  ].join(", ")
}

const line = (cells) => `| ${cells.join(" | ")} |`

export const markdown = ({ subjects, results, seconds }) => {
  const titles = [...new Set(results.map(({ title }) => title))]
  const cell = (title, who) => {
    const found = results.find((row) => row.title === title && row.who === who)
    return found === undefined ? "–" : outcomeOf(found)
  }
  return [
    line(["", ...subjects.map(({ version }) => version)]),
    line(["---", ...subjects.map(() => "---")]),
    ...titles.map((title) => line([title, ...subjects.map(({ who }) => cell(title, who))])),
    "",
    "*Lost*: acked to the engine, which will not send it again, and never read by the program.",
    `One run of ${seconds} s; a program that records what it reads, an engine of ours on a real socket.`
  ].join("\n")
}

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
