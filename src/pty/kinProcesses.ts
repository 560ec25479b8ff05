/**
 * The processes that belong to a program besides its process group: those of its session, as an interactive shell's jobs
 * are, and its descendants that began a session of their own (`setsid`). A descendant whose parents have all ended is
 * nobody's child any more, and a daemon is left alone: it may be anyone's by now. Pure, over a list of processes.
 *
 * Linux only: elsewhere the process group is all that is known.
 */

export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** Clock ticks since the boot: tells a process from a later one with the same pid. */
  readonly startTicks: number
}

/** `/proc/<pid>/stat`; undefined for what is no such line. The command may contain blanks and parentheses. */
export const readStat = (text: string): ProcessEntry | undefined => {
  const end = text.lastIndexOf(")")
  const fields = text.slice(end + 2).split(" ")
  const [pid, parent, session, startTicks] = [Number.parseInt(text, 10), ...[1, 3, 19].map((at) => Number(fields[at]))]
  if (end < 0 || [pid, parent, session, startTicks].some((value) => !Number.isInteger(value))) return undefined
  return { pid: pid ?? 0, parent: parent ?? 0, session: session ?? 0, startTicks: startTicks ?? 0 }
}

/** Without the program itself. */
export const kinOf = (pid: number, processes: ReadonlyArray<ProcessEntry>): ReadonlyArray<ProcessEntry> => {
  const childrenOf = Map.groupBy(processes, ({ parent }) => parent)
  const kin = new Map<number, ProcessEntry>()
  const add = (entry: ProcessEntry) => {
    if (entry.pid === pid || kin.has(entry.pid)) return
    kin.set(entry.pid, entry)
    for (const child of childrenOf.get(entry.pid) ?? []) add(child)
  }
  for (const entry of processes) if (entry.parent === pid || entry.session === pid) add(entry)
  return [...kin.values()]
}
