/**
 * What is left of a child whose broker was killed before it could end it. Pure, over a list of processes.
 *
 * Invariants: 1. a process that merely has the pid of a record is nobody's: its start tells it from ours · 2. the number
 * of a leader that has ended is not given to another process while its group or session has members, but both may have
 * ended and another leader may have come and gone: without the leader a process is ours only with the mark of its record
 * in its environment · 3. as at a release, a daemon is left alone (`kinProcesses`).
 */
import * as Schema from "effect/Schema"
import { kinOf, type ProcessEntry } from "./kinProcesses.ts"

export const ChildRecord = Schema.Struct({
  /** For the log: `agent w1`. */
  what: Schema.String,
  /** Of the leader of its group. */
  pid: Schema.Int.pipe(Schema.greaterThan(1)),
  /** Absent where the system has no `/proc`, with `boot`. */
  startTicks: Schema.optionalWith(Schema.Int, { exact: true }),
  /** The boot and the name space in which the pid and the ticks mean something. */
  boot: Schema.optionalWith(Schema.String, { exact: true }),
  /** In the environment of the leader and of what it started. */
  mark: Schema.NonEmptyString
})
export type ChildRecord = typeof ChildRecord.Type

export const markVariable = "RELAY_BROKER_CHILD"

/** All of it: the leader, its group, and its kin outside. */
export const leftOver = (
  { pid, startTicks }: ChildRecord,
  processes: ReadonlyArray<ProcessEntry>,
  isMarked: (entry: ProcessEntry) => boolean
): ReadonlyArray<ProcessEntry> => {
  const leader = processes.find((entry) => entry.pid === pid)
  if (leader === undefined) {
    return processes.filter((entry) => (entry.group === pid || entry.session === pid) && isMarked(entry))
  }
  if (leader.startTicks !== startTicks) return []
  return [...processes.filter(({ group }) => group === pid), ...kinOf(pid, processes, false)]
}
