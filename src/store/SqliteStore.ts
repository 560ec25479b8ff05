/**
 * `Store` in one SQLite file. Whatever happens to the file, no call fails and none waits for it: a full or unreachable disk
 * is tried again with what can be remembered meanwhile, a damaged file is set aside for a fresh one, a newer one is left
 * alone. `report` hears of each of these once, and of its end.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { StoreDamaged, StoreFull } from "../domain/Errors.ts"
import { Backlog } from "./Backlog.ts"
import { CursorTrust } from "./CursorTrust.ts"
import { Database } from "./Database.ts"
import * as GroupCommit from "./GroupCommit.ts"
import { type Driver, libsql, reasonOf, type Trouble, troubleOf } from "./Libsql.ts"
import { defaultLimits, type Limits } from "./Limits.ts"
import { NewerVersion } from "./Migrations.ts"
import { nothing } from "./Reads.ts"
import { Store, type StoreHealth } from "./Store.ts"
import { setAside } from "./setAside.ts"
import { storeOf } from "./storeOf.ts"

export interface StoreReport {
  readonly error: StoreDamaged | StoreFull
  /** False: it is over. A damaged file that was set aside stays reported until the broker starts again. */
  readonly raised: boolean
}

export interface SqliteStoreOptions {
  /** The database file, in a directory that exists. */
  readonly path: string
  /** Called one after the other; must not wait for the store. */
  readonly report: (report: StoreReport) => Effect.Effect<void>
  readonly limits?: Partial<Limits>
  /** For tests: faults of the library and the disk. */
  readonly driver?: Driver
}

type State =
  | { readonly _tag: "Open"; readonly database: Database }
  | {
      readonly _tag: "Degraded"
      /** Still there to be read when the disk is full. */
      readonly database: Database | undefined
      readonly error: StoreDamaged | StoreFull
      readonly sinceMillis: number
      readonly retried: boolean
    }

const make = (options: SqliteStoreOptions) =>
  Effect.gen(function* () {
    const { path, report } = options
    const limits = { ...defaultLimits, ...options.limits }
    const driver = options.driver ?? libsql
    const trust = new CursorTrust()
    const backlog = new Backlog(limits)
    const retrying = yield* Effect.makeLatch(false)
    /** What is to be said when the synchronous part is done. */
    let news: Array<Effect.Effect<void>> = []
    let unreadable = 0
    let forget = false
    let state: State

    const lost = () => {
      trust.lost()
      forget = true
    }

    const damaged = (reason: string) => new StoreDamaged({ path, reason })

    const open = () =>
      new Database({
        driver,
        path,
        limits,
        unreadable: () => {
          unreadable += 1
        }
      })

    /** A fresh file in the place of the damaged one. Throws when there cannot be one. */
    const replace = (cause: unknown, nowMillis: number): Database => {
      const kept = setAside(path, nowMillis)
      lost()
      const database = open()
      news.push(report({ error: damaged(`${reasonOf(cause)}; kept as ${kept}, started afresh`), raised: true }))
      return database
    }

    const openOrReplace = (nowMillis: number): Database => {
      try {
        return open()
      } catch (error) {
        if (error instanceof NewerVersion || troubleOf(error) !== "damaged") throw error
        return replace(error, nowMillis)
      }
    }

    const degraded = (cause: unknown, database: Database | undefined, nowMillis: number): State => {
      const full = troubleOf(cause) === "full"
      const retried = !(cause instanceof NewerVersion)
      const reason = reasonOf(cause)
      const error = full ? new StoreFull({ path, reason }) : damaged(reason)
      news.push(report({ error, raised: true }))
      if (retried) retrying.unsafeOpen()
      if (!full) database?.connection.abandon()
      return { _tag: "Degraded", database: full ? database : undefined, error, sinceMillis: nowMillis, retried }
    }

    /** Keeps writes for a later try and answers reads with what can still be read. */
    const applyDegraded = (steps: ReadonlyArray<GroupCommit.Step>) => {
      if (state._tag === "Open") return
      for (const step of steps) {
        if (step._tag === "Write" && state.retried && !backlog.push(step.write)) lost()
        if (step._tag !== "Read") continue
        try {
          const reads = state.database?.reads ?? nothing
          step.run({ ...reads, message: (id) => backlog.message(id) ?? reads.message(id) })
        } catch (error) {
          news.push(Effect.logWarning(`store: not readable: ${reasonOf(error)}`))
          step.run(nothing)
        }
      }
    }

    const transact = (database: Database, steps: ReadonlyArray<GroupCommit.Step>, nowMillis: number) => {
      database.transact(steps, { trust, forget, nowMillis })
      forget = false
    }

    /** Step by step, so that the one that cannot be stored costs only itself. Throws when it is not about a step. */
    const transactEach = (database: Database, steps: ReadonlyArray<GroupCommit.Step>, nowMillis: number) => {
      for (const step of steps) {
        try {
          transact(database, [step], nowMillis)
        } catch (error) {
          if (troubleOf(error) !== "refused") throw error
          const what = step._tag === "Write" ? step.write._tag : step._tag
          news.push(Effect.logError(`store: ${what} refused: ${reasonOf(error)}`))
          if (step._tag === "Read") step.run(nothing)
          else lost()
        }
      }
    }

    const transactAll = (database: Database, steps: ReadonlyArray<GroupCommit.Step>, nowMillis: number) => {
      try {
        transact(database, steps, nowMillis)
      } catch (error) {
        if (troubleOf(error) !== "refused") throw error
        transactEach(database, steps, nowMillis)
      }
    }

    const applyNow = (steps: ReadonlyArray<GroupCommit.Step>, nowMillis: number) => {
      if (state._tag === "Degraded") return applyDegraded(steps)
      try {
        transactAll(state.database, steps, nowMillis)
      } catch (error) {
        giveWay(error, steps, nowMillis)
      }
    }

    /** The database failed under these steps. Those that were already stored are stored again: writes are idempotent. */
    const giveWay = (cause: unknown, steps: ReadonlyArray<GroupCommit.Step>, nowMillis: number) => {
      if (state._tag === "Degraded") return
      let error = cause
      let { database }: { database: Database | undefined } = state
      if (troubleOf(cause) === "damaged") {
        database.connection.abandon()
        database = undefined
        try {
          database = replace(cause, nowMillis)
          state = { _tag: "Open", database }
          return transactAll(database, steps, nowMillis)
        } catch (again) {
          error = again
        }
      }
      state = degraded(error, database, nowMillis)
      applyDegraded(steps)
    }

    /** One attempt to come back; a chunk of the backlog at a time. True when there is nothing more to try now. */
    const attempt = (nowMillis: number): boolean => {
      if (state._tag === "Open" || !state.retried) return true
      const { error, sinceMillis } = state
      let { database } = state
      try {
        database ??= openOrReplace(nowMillis)
        const writes = backlog.first(limits.batchWrites)
        transactAll(
          database,
          writes.map((write) => ({ _tag: "Write", write })),
          nowMillis
        )
        backlog.drop(writes.length)
        if (backlog.size > 0) {
          state = { ...state, database }
          return false
        }
        // The proof that the file itself can be written, too.
        database.checkpoint()
        state = { _tag: "Open", database }
        news.push(report({ error, raised: false }))
        return true
      } catch (cause) {
        const trouble = troubleOf(cause)
        if (trouble === "damaged" && database !== undefined) return replaceDegraded(database, cause, nowMillis)
        const next = trouble === "full" ? database : undefined
        if (next === undefined) database?.connection.abandon()
        state = { ...degradedAgain(error, cause, trouble), database: next, sinceMillis }
        return true
      }
    }

    const replaceDegraded = (database: Database, cause: unknown, nowMillis: number): boolean => {
      if (state._tag === "Open") return true
      database.connection.abandon()
      state = { ...state, database: undefined }
      try {
        state = { ...state, database: replace(cause, nowMillis) }
        return false
      } catch (again) {
        news.push(Effect.logDebug(`store: ${reasonOf(again)}`))
        return true
      }
    }

    /** The reason may be another one by now. */
    const degradedAgain = (known: StoreDamaged | StoreFull, cause: unknown, trouble: Trouble) => {
      const reason = reasonOf(cause)
      const error = trouble === "full" ? new StoreFull({ path, reason }) : damaged(reason)
      if (error._tag !== known._tag) news.push(report({ error: known, raised: false }), report({ error, raised: true }))
      return { _tag: "Degraded", error, retried: !(cause instanceof NewerVersion) } as const
    }

    const tell = Effect.suspend(() => {
      if (unreadable > 0) {
        news.push(Effect.logWarning(`store: ${unreadable} rows of ${path} cannot be read and are left out`))
        unreadable = 0
      }
      if (news.length === 0) return Effect.void
      const telling = news
      news = []
      return Effect.forEach(telling, (one) => one, { discard: true })
    })

    const now = <A>(f: (nowMillis: number) => A): Effect.Effect<A> =>
      Effect.flatMap(Clock.currentTimeMillis, (nowMillis) => Effect.zipLeft(Effect.sync(() => f(nowMillis)), tell))

    const turn = Effect.async<void>((resume) => {
      const immediate = setImmediate(() => resume(Effect.void))
      return Effect.sync(() => clearImmediate(immediate))
    })

    const sync = Effect.suspend(() => {
      if (state._tag === "Degraded") return Effect.void
      const { database } = state
      return Effect.flatMap(database.connection.sync, (error) =>
        error === undefined || state._tag === "Degraded" || state.database !== database
          ? Effect.void
          : now((nowMillis) => {
              // What was not synced may be gone although it can still be read.
              lost()
              giveWay(error, [], nowMillis)
            })
      )
    })

    const tidy = Effect.suspend(() => {
      if (state._tag === "Degraded" || !state.database.wantsCheckpoint) return Effect.void
      // Synced beside the loop first, so that the checkpoint itself has little left to wait for.
      return Effect.zipRight(
        sync,
        now((nowMillis) => {
          if (state._tag === "Degraded") return
          try {
            if (!state.database.connection.isInPlace()) throw new FileGone()
            state.database.checkpoint()
          } catch (error) {
            giveWay(error, [], nowMillis)
          }
        })
      )
    })

    const close = (steps: ReadonlyArray<GroupCommit.Step>) =>
      now((nowMillis) => {
        applyNow(steps, nowMillis)
        while (!attempt(nowMillis)) continue
        if (state.database === undefined) return
        try {
          state.database.connection.close()
        } catch (error) {
          news.push(Effect.logWarning(`store: not closed in order: ${reasonOf(error)}`))
        }
      })

    const catchUp: Effect.Effect<void> = Effect.flatMap(now(attempt), (done) =>
      done ? Effect.void : Effect.zipRight(turn, catchUp)
    )

    const startedAt = yield* Clock.currentTimeMillis
    try {
      state = { _tag: "Open", database: openOrReplace(startedAt) }
    } catch (error) {
      // What a later try finds there was not part of what this run began with.
      lost()
      state = degraded(error, undefined, startedAt)
    }
    yield* tell

    const commits = yield* GroupCommit.make({ apply: (steps) => now((at) => applyNow(steps, at)), sync, turn, tidy, close }, limits)
    yield* retrying.await.pipe(
      Effect.zipRight(Effect.sleep(limits.retryMillis)),
      Effect.zipRight(Effect.uninterruptible(catchUp)),
      Effect.zipRight(
        Effect.sync(() => {
          if (state._tag === "Open" || !state.retried) retrying.unsafeClose()
        })
      ),
      Effect.forever,
      Effect.forkScoped
    )
    const health = Effect.sync(
      (): StoreHealth =>
        state._tag === "Open"
          ? { _tag: "Ok" }
          : { _tag: "Degraded", reason: state.error.reason, sinceMillis: state.sinceMillis }
    )
    return storeOf({ commits, health })
  })

class FileGone extends Error {
  readonly code = "ENOENT"
  constructor() {
    super("the file was removed or replaced while it was in use")
  }
}

export const SqliteStore = {
  layer: (options: SqliteStoreOptions): Layer.Layer<Store> => Layer.scoped(Store, make(options))
}
