/** Resident memory of a process, from `/proc`; 0 where there is none, or when it has ended. */
import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"

/** `VmRSS` is in KiB whatever the page size is. */
export const rssOf = (status: string): number => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)

export const residentBytes = (pid: number): Effect.Effect<number> =>
  Effect.tryPromise(() => readFile(`/proc/${pid}/status`, "utf8")).pipe(
    Effect.map(rssOf),
    // No such process any more, or no such file system: there is nothing to tell.
    Effect.orElseSucceed(() => 0)
  )
