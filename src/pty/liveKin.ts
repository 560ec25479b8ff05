/** The kin of a program as the system has it now (`kinProcesses`), and signals to exactly those processes. */
import { readFileSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { kinOf, type ProcessEntry, readStat } from "./kinProcesses.ts"

const statPath = (pid: number | string) => `/proc/${pid}/stat`

const readAll = async (): Promise<ReadonlyArray<ProcessEntry>> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  // One that ended meanwhile cannot be read, and is nobody's kin any more.
  const texts = await Promise.all(pids.map((pid) => readFile(statPath(pid), "latin1").catch(() => "")))
  return texts.flatMap((text) => readStat(text) ?? [])
}

/** None where the system has no `/proc`. */
export const readProcesses: Effect.Effect<ReadonlyArray<ProcessEntry>> = Effect.tryPromise(readAll).pipe(
  Effect.catchTag("UnknownException", (error) =>
    Effect.as(Effect.logDebug(`no list of processes: ${String(error.cause)}`), [])
  )
)

export const findKin = (leader: number, isGone: () => boolean): Effect.Effect<ReadonlyArray<ProcessEntry>> =>
  Effect.map(readProcesses, (processes) => kinOf(leader, processes, isGone()))

export const isAlive = ({ pid, startTicks }: ProcessEntry): boolean => {
  try {
    const text = readFileSync(statPath(pid), "latin1")
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
