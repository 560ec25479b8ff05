/**
 * A file for each child of this broker while it is there, so that the next start can end what outlives a killed broker
 * (`endLeftOver`). The child carries the mark of its record in its environment, and so does what it starts.
 */
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { readStat } from "./kinProcesses.ts"
import { type ChildRecord, markVariable } from "./leftOver.ts"

export interface OpenRecord {
  /** To be added to the child's environment. */
  readonly mark: Readonly<Record<string, string>>
  /** It runs. A record that cannot be written is a log line: only a killed broker would have needed it. */
  readonly write: (pid: number) => Effect.Effect<void>
  /** It has ended, with its group. */
  readonly remove: () => void
}

export interface ChildRecords {
  readonly open: (what: string) => OpenRecord
}

/** For brokers without a directory of their own. */
export const unrecorded: ChildRecords = { open: () => ({ mark: {}, write: () => Effect.void, remove: () => {} }) }

/** Undefined where the system has no `/proc`. */
export const currentBoot = (): string | undefined => {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return undefined
  }
}

const startTicksOf = (pid: number): number | undefined => {
  try {
    return readStat(readFileSync(`/proc/${pid}/stat`, "latin1"))?.startTicks
  } catch {
    return undefined // gone already, or no `/proc`
  }
}

export const recordPath = (directory: string, pid: number) => join(directory, `${pid}.json`)

/** The directory is made when the first child is recorded. */
export const make = (directory: string): ChildRecords => {
  const boot = currentBoot()
  return {
    open: (what) => {
      const mark = randomBytes(16).toString("hex")
      let path: string | undefined
      return {
        mark: { [markVariable]: mark },
        write: (pid) =>
          Effect.try(() => {
            const startTicks = startTicksOf(pid)
            const record: ChildRecord = {
              ...{ what, pid, mark },
              ...(startTicks === undefined ? {} : { startTicks }),
              ...(boot === undefined ? {} : { boot })
            }
            mkdirSync(directory, { recursive: true, mode: 0o700 })
            path = recordPath(directory, pid)
            writeFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600 })
          }).pipe(
            Effect.catchAll(({ error }) => Effect.logWarning(`${what} (pid ${pid}) is not recorded: ${String(error)}`))
          ),
        remove: () => {
          try {
            if (path !== undefined) rmSync(path, { force: true })
          } catch {
            // The next start finds nobody for it.
          }
        }
      }
    }
  }
}

/** Recorded until the scope is closed and has ended it. */
export const recorded = <A extends { readonly pid: number }, E, R>(
  children: ChildRecords,
  what: string,
  start: (mark: OpenRecord["mark"]) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.gen(function* () {
    const record = children.open(what)
    // Before the child's own finalizer, so that it runs after it.
    yield* Effect.addFinalizer(() => Effect.sync(record.remove))
    const child = yield* start(record.mark)
    yield* record.write(child.pid)
    return child
  })
