/**
 * Ends what outlived brokers that were killed, as their release would have: SIGTERM to all of it, SIGKILL two seconds
 * later. Only the holder of the lock of their state directory may do so. Signals go to single processes, each looked at
 * once more by its start.
 *
 * Without `/proc` nobody can say whose a pid is: then nothing is signalled, and a warning names it.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { currentBoot } from "./ChildRecords.ts"
import { killAfterMillis } from "./endProcess.ts"
import type { ProcessEntry } from "./kinProcesses.ts"
import { ChildRecord, leftOver, markVariable } from "./leftOver.ts"
import { isAlive, readProcesses, signalKin } from "./liveKin.ts"

const decode = Schema.decodeOption(Schema.parseJson(ChildRecord))
const pollMillis = 20
/** How long a killed process may take to be gone. */
const goneWithinMillis = 1_000

interface Found {
  readonly path: string
  readonly record: ChildRecord
}

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    return [] // nothing was ever recorded there
  }
}

const remove = (path: string): void => {
  try {
    rmSync(path, { force: true, recursive: true })
  } catch {
    // It is looked at again at the next start.
  }
}

/** A file that is no record was written halfway when the broker was killed. */
const readRecords = (directory: string): ReadonlyArray<Found> =>
  namesIn(directory).flatMap((name) => {
    const path = join(directory, name)
    try {
      const record = Option.getOrUndefined(decode(readFileSync(path, "utf8")))
      if (record !== undefined) return [{ path, record }]
    } catch {
      // no file, or not ours to read
    }
    remove(path)
    return []
  })

const isMarkedWith =
  (mark: string) =>
  ({ pid }: ProcessEntry): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${markVariable}=${mark}`)
    } catch {
      return false
    }
  }

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const untilGone = (entries: ReadonlyArray<ProcessEntry>, withinMillis: number) =>
  Effect.gen(function* () {
    for (let waited = 0; entries.some(isAlive) && waited < withinMillis; waited += pollMillis) {
      yield* Effect.sleep(pollMillis)
    }
  })

const nameOf = ({ record: { pid, what } }: Found) => `${what} (pid ${pid})`

/** `directories`: of `ChildRecords`, of brokers that are gone. Takes no time when there is nothing. */
export const endLeftOver = (directories: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const all = directories.flatMap(readRecords)
    if (all.length === 0) return
    const boot = currentBoot()
    // Nothing lives on over a boot.
    const candidates = all.filter(({ record }) => record.boot === boot)
    const kept = yield* boot === undefined ? warnOf(candidates) : end(candidates)
    for (const { path } of all) if (!kept.has(path)) remove(path)
  })

const warnOf = (found: ReadonlyArray<Found>) =>
  Effect.gen(function* () {
    for (const one of found.filter(({ record }) => isThere(record.pid))) {
      yield* Effect.logWarning(
        `there is a process with the pid of ${nameOf(one)} of a broker that was killed; this system cannot tell whether it is that one: look, and end it by hand`
      )
    }
    return new Set<string>()
  })

interface Left extends Found {
  readonly entries: ReadonlyArray<ProcessEntry>
}

const look = (found: ReadonlyArray<Found>): Effect.Effect<ReadonlyArray<Left>> =>
  Effect.map(readProcesses, (processes) =>
    found
      .map((one) => ({
        ...one,
        entries: leftOver(one.record, processes, isMarkedWith(one.record.mark)).filter(isAlive)
      }))
      .filter(({ entries }) => entries.length > 0)
  )

/** Somebody in the terminal of such an agent started us: that agent is what we run in. */
const isOurs = ({ entries }: Left) => entries.some(({ pid }) => pid === process.pid)

/** The paths of records that are still needed. */
const end = (found: ReadonlyArray<Found>) =>
  Effect.gen(function* () {
    const all = yield* look(found)
    const left = all.filter((one) => !isOurs(one))
    for (const one of all) {
      yield* Effect.logWarning(
        isOurs(one)
          ? `${nameOf(one)} outlived a broker that was killed, and is not ended: this broker was started from it`
          : `${nameOf(one)} outlived a broker that was killed: it is ended, ${one.entries.length} process(es)`
      )
    }
    const first = left.flatMap(({ entries }) => entries)
    signalKin(first, "SIGTERM")
    yield* untilGone(first, killAfterMillis)
    const again = left.length === 0 ? [] : yield* look(left)
    const rest = [...first, ...again.flatMap(({ entries }) => entries)]
    signalKin(rest, "SIGKILL")
    yield* untilGone(rest, goneWithinMillis)
    const stuck = left.length === 0 ? [] : yield* look(left)
    for (const one of stuck) yield* Effect.logWarning(`${nameOf(one)} could not be ended`)
    return new Set([...all.filter(isOurs), ...stuck].map(({ path }) => path))
  })
