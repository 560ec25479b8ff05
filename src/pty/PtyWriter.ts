/**
 * The only writer of one terminal: non-blocking writes on the master descriptor, whole and in order, each with its own
 * completion. When the program does not read, one fiber backs off; nothing else waits and no timer runs while all is taken.
 *
 * node-pty's own `write` retries in a loop that takes a whole core when the kernel's buffer is full, and tells nobody
 * when it is done; it is never called.
 */
import { writeSync } from "node:fs"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"

export interface PtyWriter {
  /** As `PtyProcess.write`. */
  readonly write: (data: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** Fails whatever still waits. Call it in the turn in which the descriptor is closed, or before. */
  readonly unsafeClose: () => void
}

export interface PtyWriterOptions {
  /** The master; it must be non-blocking (node-pty's is). */
  readonly descriptor: number
  /** True from the moment the number may belong to another file. Asked before every write. */
  readonly isClosed: () => boolean
  /** Bytes that may wait for the program, all writes together. */
  readonly limitBytes: number
}

interface Job {
  readonly bytes: Uint8Array
  written: number
  readonly done: (exit: Exit.Exit<void, PtyClosed>) => void
}

/** How much one turn of the event loop may hand to the kernel, so that a program that reads fast delays nobody. */
const bytesPerTurn = 64 * 1024
const firstWaitMillis = 1
/**
 * For a program that is slow. One that has read nothing for a second is asked less often, and all such at the same time:
 * what costs is waking up, not asking.
 */
const longestWaitMillis = 20
const stalledAfterMillis = 1_000
const stalledWaitMillis = 100

export const make = (options: PtyWriterOptions): Effect.Effect<PtyWriter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const jobs: Array<Job> = []
    const pending = yield* Effect.makeLatch(false)
    let waitingBytes = 0
    let takenBytes = 0
    let closed = false

    const finish = (job: Job, exit: Exit.Exit<void, PtyClosed>) => {
      waitingBytes -= job.bytes.length - job.written
      job.done(exit)
    }
    const unsafeClose = () => {
      closed = true
      for (const job of jobs.splice(0)) {
        finish(job, Exit.fail(new PtyClosed({ written: job.written, total: job.bytes.length })))
      }
    }

    /** Hands over what the kernel takes now; true when something is left for a later turn. */
    const drain = (): boolean => {
      let budget = bytesPerTurn
      for (let job = jobs[0]; job !== undefined; job = jobs[0]) {
        if (job.written === job.bytes.length) {
          jobs.shift()
          finish(job, Exit.void)
          continue
        }
        if (budget <= 0) return true
        if (options.isClosed()) {
          unsafeClose()
          return false
        }
        const size = Math.min(job.bytes.length - job.written, budget)
        try {
          const taken = writeSync(options.descriptor, job.bytes, job.written, size)
          job.written += taken
          waitingBytes -= taken
          takenBytes += taken
          budget -= taken
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EAGAIN") return true
          unsafeClose() // EIO: the other end is gone; EBADF: ours is
          return false
        }
      }
      return false
    }

    yield* Effect.gen(function* () {
      yield* pending.await
      let wait = firstWaitMillis
      let stalledMillis = 0
      let left = true
      while (left) {
        yield* Effect.sleep(wait)
        const now = yield* Clock.currentTimeMillis
        const before = takenBytes
        left = drain()
        stalledMillis = takenBytes > before ? 0 : stalledMillis + wait
        wait =
          stalledMillis === 0
            ? firstWaitMillis
            : stalledMillis < stalledAfterMillis
              ? Math.min(wait * 2, longestWaitMillis)
              : stalledWaitMillis - (now % stalledWaitMillis)
      }
      pending.unsafeClose()
    }).pipe(Effect.forever, Effect.forkScoped)

    const write = (data: string) =>
      Effect.async<void, PtyClosed | PtyBacklogFull>((resume) => {
        const bytes = Buffer.from(data)
        if (closed || options.isClosed()) return resume(Effect.fail(new PtyClosed({ written: 0, total: bytes.length })))
        if (waitingBytes + bytes.length > options.limitBytes) {
          return resume(Effect.fail(new PtyBacklogFull({ limitBytes: options.limitBytes })))
        }
        const job: Job = { bytes, written: 0, done: resume }
        waitingBytes += bytes.length
        jobs.push(job)
        // The usual case ends here, in the caller's turn. Behind a waiting job nothing is tried: writes keep their order.
        if (jobs.length === 1 && drain()) pending.unsafeOpen()
        return Effect.sync(() => {
          const at = jobs.indexOf(job)
          if (at >= 0) {
            jobs.splice(at, 1)
            waitingBytes -= bytes.length - job.written
          }
        })
      })

    return { write, unsafeClose }
  })
