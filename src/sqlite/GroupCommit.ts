/**
 * Everything that was asked for since the last turn becomes one transaction, in the order of the calls; whoever needs it
 * on disk waits for one sync, which runs beside the next transactions. Nothing runs while nothing is asked for.
 *
 * Reads stand in the same queue, so they see every write that was called before them.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** `Write`: what is stored, as data. `Reads`: the reads of one consistent state. */
export type Step<Write, Reads> =
  | { readonly _tag: "Write"; readonly write: Write }
  | { readonly _tag: "Read"; readonly run: (reads: Reads) => void }
  /** Nothing but a place in the queue. */
  | { readonly _tag: "Mark" }

/** What an adapter does; neither may fail. */
export interface Backend<Write, Reads> {
  /** All steps in order, the writes as one transaction. */
  readonly apply: (steps: ReadonlyArray<Step<Write, Reads>>) => Effect.Effect<void>
  /** What was applied so far survives a power cut after this, or the store is degraded. */
  readonly sync: Effect.Effect<void>
  /** A turn of the event loop, in which others get to ask, too. */
  readonly turn: Effect.Effect<void>
  /** Work that nobody waits for: called after each `apply`. */
  readonly tidy: Effect.Effect<void>
  /** Applies and syncs what is left in one go, when the scope closes. */
  readonly close: (steps: ReadonlyArray<Step<Write, Reads>>) => Effect.Effect<void>
}

export interface GroupCommitOptions<Write, Reads> {
  /** The most that one transaction takes. */
  readonly batchWrites: number
  readonly batchBytes: number
  /** About what a write costs on disk. */
  readonly bytesOf: (write: Write) => number
  /** What is read once it is closed. */
  readonly nothing: Reads
}

export interface GroupCommit<Write, Reads> {
  /** Returns at once. */
  readonly write: (write: Write) => Effect.Effect<void>
  /**
   * Returns when the database has it: the death of this process loses it no more. A sync follows at once that nobody waits
   * for; a power cut before its end may lose it.
   */
  readonly committed: (write: Write) => Effect.Effect<void>
  /** Returns when it is on disk, and with it every write before it: a power cut loses it no more. */
  readonly durable: (write: Write) => Effect.Effect<void>
  /** `after` stands right behind the read: no other write comes between. */
  readonly read: <A>(run: (reads: Reads) => A, after?: Write) => Effect.Effect<A>
  readonly flush: Effect.Effect<void>
  /** Forgets what is queued; from now on calls do nothing and return at once. What a crash leaves of it. */
  readonly halt: Effect.Effect<void>
}

/** What is waited for: nothing more than its turn; the commit, and a sync is wanted; the sync. */
type Wanted = "turn" | "commit" | "sync"

interface Queued<Write, Reads> {
  readonly step: Step<Write, Reads>
  readonly wanted: Wanted
  readonly done: (() => void) | undefined
}

const mark = { _tag: "Mark" } as const

/** A bug must not leave callers waiting for ever. */
const guarded = Effect.catchAllDefect((defect) => Effect.logError("database: a commit went wrong", defect))

export const make = <Write, Reads>(
  backend: Backend<Write, Reads>,
  { batchBytes, batchWrites, bytesOf, nothing }: GroupCommitOptions<Write, Reads>
): Effect.Effect<GroupCommit<Write, Reads>, never, Scope.Scope> =>
  Effect.gen(function* () {
    type Entry = Queued<Write, Reads>
    let queue: Array<Entry> = []
    let unsynced: Array<Entry> = []
    let closed = false
    const asked = yield* Effect.makeLatch(false)
    const applied = yield* Effect.makeLatch(false)

    const add = (entry: Entry) => {
      if (!closed) {
        queue.push(entry)
        return asked.unsafeOpen()
      }
      if (entry.step._tag === "Read") entry.step.run(nothing)
      entry.done?.()
    }

    const take = (): ReadonlyArray<Entry> => {
      let bytes = 0
      let count = 0
      for (const { step } of queue) {
        if (step._tag === "Write") bytes += bytesOf(step.write)
        if (count > 0 && (count >= batchWrites || bytes > batchBytes)) break
        count += 1
      }
      const batch = queue.slice(0, count)
      queue = queue.slice(count)
      return batch
    }

    const finish = (entries: ReadonlyArray<Entry>) => {
      for (const { done } of entries) done?.()
    }

    const commit = Effect.suspend(() => {
      const batch = take()
      if (queue.length === 0) asked.unsafeClose()
      return Effect.map(guarded(backend.apply(batch.map(({ step }) => step))), () => {
        finish(batch.filter(({ wanted }) => wanted !== "sync"))
        unsynced.push(...batch.filter(({ wanted }) => wanted === "sync"))
        if (batch.some(({ wanted }) => wanted !== "turn")) applied.unsafeOpen()
      })
    })

    const sync = Effect.suspend(() => {
      const waiting = unsynced
      unsynced = []
      applied.unsafeClose()
      return Effect.map(guarded(backend.sync), () => finish(waiting))
    })

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        const left = queue
        queue = []
        return Effect.map(backend.close(left.map(({ step }) => step)), () => finish([...unsynced, ...left]))
      })
    )
    yield* asked.await.pipe(
      Effect.zipRight(backend.turn),
      Effect.zipRight(Effect.uninterruptible(commit)),
      Effect.zipRight(Effect.uninterruptible(guarded(backend.tidy))),
      Effect.forever,
      Effect.forkScoped
    )
    yield* applied.await.pipe(Effect.zipRight(Effect.uninterruptible(sync)), Effect.forever, Effect.forkScoped)

    const when = (wanted: Wanted, step: Step<Write, Reads>) =>
      Effect.async<void>((resume) => add({ step, wanted, done: () => resume(Effect.void) }))

    return {
      write: (write) => Effect.sync(() => add({ step: { _tag: "Write", write }, wanted: "turn", done: undefined })),
      committed: (write) => when("commit", { _tag: "Write", write }),
      durable: (write) => when("sync", { _tag: "Write", write }),
      flush: when("sync", mark),
      halt: Effect.sync(() => {
        closed = true
        queue = []
        unsynced = []
      }),
      read: <A>(run: (reads: Reads) => A, after?: Write) =>
        Effect.async<A>((resume) => {
          let answer: Effect.Effect<A> = Effect.dieMessage("the database did not run a read")
          const step: Step<Write, Reads> = {
            _tag: "Read",
            run: (reads) => {
              answer = Effect.succeed(run(reads))
            }
          }
          add({ step, wanted: "turn", done: () => resume(answer) })
          if (after !== undefined) add({ step: { _tag: "Write", write: after }, wanted: "turn", done: undefined })
        })
    }
  })
