/** The kin of a program as the system has it now (`kinProcesses`), and signals to exactly those processes. */
import { readdirSync, readFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { kinOf, type ProcessEntry, readStat } from "./kinProcesses.ts"

/** A tenth of a millisecond or two: what else goes on in the broker is not held up by a machine with many processes. */
const filesPerTurn = 16

/**
 * As UTF-8, which Node reads in one step: any other way takes 64 KiB of memory for each file, and a thread of the pool from
 * the disk. A name that is not UTF-8 does no harm: nothing is taken from it.
 */
const statOf = (pid: number | string): string => readFileSync(`/proc/${pid}/stat`, "utf8")

const readOne = (pid: string): ReadonlyArray<ProcessEntry> => {
  try {
    const entry = readStat(statOf(pid))
    return entry === undefined ? [] : [entry]
  } catch {
    return [] // it ended meanwhile, and is nobody's kin any more
  }
}

const readAll = async (): Promise<ReadonlyArray<ProcessEntry>> => {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  const found: Array<ProcessEntry> = []
  for (let at = 0; at < pids.length; at += filesPerTurn) {
    found.push(...pids.slice(at, at + filesPerTurn).flatMap(readOne))
    await setImmediate()
  }
  return found
}

/** Not begun: all who ask in one turn, as at a shutdown, share a list. */
let next: Promise<ReadonlyArray<ProcessEntry>> | undefined

const readNext = async (): Promise<ReadonlyArray<ProcessEntry>> => {
  await setImmediate()
  next = undefined
  return readAll()
}

/** As they are after the call; none where the system has no `/proc`. */
export const readProcesses: Effect.Effect<ReadonlyArray<ProcessEntry>> = Effect.tryPromise(() => {
  next ??= readNext()
  return next
}).pipe(
  Effect.catchTag("UnknownException", (error) =>
    Effect.as(Effect.logDebug(`no list of processes: ${String(error.cause)}`), [])
  )
)

export const findKin = (leader: number, isGone: () => boolean): Effect.Effect<ReadonlyArray<ProcessEntry>> =>
  Effect.map(readProcesses, (processes) => kinOf(leader, processes, isGone()))

export const isAlive = ({ pid, startTicks }: ProcessEntry): boolean => {
  try {
    const text = statOf(pid)
    // A zombie has ended; it waits for its parent.
    return readStat(text)?.startTicks === startTicks && !/\) [ZX] /.test(text)
  } catch {
    return false
  }
}

export const signalKin = (kin: ReadonlyArray<ProcessEntry>, signal: NodeJS.Signals): void => {
  for (const entry of kin) {
    if (!isAlive(entry)) continue
    try {
      process.kill(entry.pid, signal)
    } catch {
      // It ended in this very moment, or is another user's by now (a set-user-id program).
    }
  }
}
