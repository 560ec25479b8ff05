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
  readonly group: number
  readonly session: number
  /** Clock ticks since the boot: tells a process from a later one with the same pid. */
  readonly startTicks: number
}

/** `/proc/<pid>/stat`; undefined for what is no such line. The command may contain blanks and parentheses. */
export const readStat = (text: string): ProcessEntry | undefined => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const [pid = 0, parent = 0, group = 0, session = 0, startTicks = 0] = [
    Number.parseInt(text, 10),
    ...[1, 2, 3, 19].map((at) => Number.parseInt(fields[at] ?? "", 10))
  ]
  const isEntry = [pid, parent, group, session, startTicks].every(Number.isInteger)
  return isEntry ? { pid, parent, group, session, startTicks } : undefined
}

/** Outside the process group of `leader`. `isGone`: it was reaped, so that a process with its pid is another program's. */
export const kinOf = (
  leader: number,
  processes: ReadonlyArray<ProcessEntry>,
  isGone: boolean
): ReadonlyArray<ProcessEntry> => {
  if (isGone && processes.some(({ pid }) => pid === leader)) return []
  const kin = new Map<number, ProcessEntry>()
  const add = (entry: ProcessEntry): void => {
    if (entry.pid === leader || kin.has(entry.pid)) return
    kin.set(entry.pid, entry)
    for (const child of processes) if (child.parent === entry.pid) add(child)
  }
  for (const entry of processes) if (entry.parent === leader || entry.session === leader) add(entry)
  return [...kin.values()].filter(({ group }) => group !== leader)
}
