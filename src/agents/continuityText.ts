/** What agents write to keep something for their successors, and how successors read it. Plain functions. */

export interface Command {
  readonly action: "save" | "load" | "uncertain"
  readonly body: string
}

/** As 9.1.6 keeps it in `continuity/<agent>.json`. */
export interface Kept {
  readonly agent_name: string
  readonly cli: string
  readonly initial_task: string | null
  readonly released_at: null
  readonly lifetime_seconds: null
  readonly message_history: ReadonlyArray<{ readonly from: string; readonly text: string }>
  readonly summary: string
}

/** Not more of an agent's output is looked at: a block is a note, not a book. */
export const windowCharacters = 4_096

const kind = /^[ \t]*KIND:[ \t]*continuity[ \t]*$/im

/** Whether the rest is worth waiting for. */
export const mayHoldCommand = (output: string): boolean => kind.test(output)

/**
 * The last block in the output: the two keys on lines of their own, in any case, then perhaps an empty line and the body,
 * which ends at the next empty line.
 */
export const readCommand = (output: string): Command | undefined => {
  const lines = output.replace(/\r+\n?/g, "\n").split("\n")
  const at = lines.findLastIndex((line) => kind.test(line))
  const action = /^[ \t]*ACTION:[ \t]*(save|load|uncertain)[ \t]*$/i.exec(lines[at + 1] ?? "")?.[1]?.toLowerCase()
  if (at < 0 || (action !== "save" && action !== "load" && action !== "uncertain")) return undefined
  const rest = lines.slice(at + 2)
  const body = rest[0]?.trim() === "" ? rest.slice(1) : rest
  const end = body.findIndex((line) => line.trim() === "")
  const text = body
    .slice(0, end < 0 ? body.length : end)
    .map((line) => line.trimEnd())
    .join("\n")
  return { action, body: text }
}

const section = (title: string, text: string | null | undefined) =>
  text === null || text === undefined || text.trim() === "" ? [] : [`### ${title}`, text.trim()]

export const contextOf = (kept: Kept): string =>
  [
    `## Continuity Context (from previous session as '${kept.agent_name}')`,
    ...section("Previous Task", kept.initial_task),
    ...section("Summary", kept.summary),
    ...section("Recent Messages", kept.message_history.map(({ from, text }) => `- ${from}: ${text}`).join("\n"))
  ].join("\n\n")

/** In front of a new task. */
export const withContext = (kept: Kept, task: string | undefined): string =>
  task === undefined || task.trim() === "" ? contextOf(kept) : `${contextOf(kept)}\n\n## Current Task\n\n${task}`

/** Undefined for names that would lead out of the directory: nothing is kept for them. */
export const fileNameOf = (agent: string): string | undefined =>
  agent === "" || /[/\\\0]/.test(agent) || agent === ".." || agent === "." ? undefined : `${agent}.json`
