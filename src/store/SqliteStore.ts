/**
 * `Store` in one SQLite file. Whatever happens to the file, no call fails and none waits for it: a full or unreachable disk
 * is tried again with what can be remembered meanwhile, a damaged file is set aside for a fresh one, a newer one is left
 * alone. `report` hears of each of these once, and of its end.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Driver, libsql } from "../sqlite/Libsql.ts"
import { Keeper, type News, type StoreReport } from "./Keeper.ts"
import { defaultLimits, type Limits } from "./Limits.ts"
import type { Step } from "./Reads.ts"
import { Store, type StoreHealth } from "./Store.ts"
import { commitsOf, storeOf } from "./storeOf.ts"

export type { StoreReport } from "./Keeper.ts"

export interface SqliteStoreOptions {
  /** The database file, in a directory that exists. */
  readonly path: string
  /** Called one after the other; must not wait for the store. */
  readonly report: (report: StoreReport) => Effect.Effect<void>
  readonly limits?: Partial<Limits>
  /** For tests: faults of the library and the disk. */
  readonly driver?: Driver
}

const turn = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

const make = ({ driver = libsql, path, report, ...options }: SqliteStoreOptions) =>
  Effect.gen(function* () {
    const limits = { ...defaultLimits, ...options.limits }
    const degraded = yield* Effect.makeLatch(false)
    const keeper = new Keeper({ path, driver, limits, nowMillis: yield* Clock.currentTimeMillis })

    const tell = (news: News) => {
      switch (news._tag) {
        case "Report":
          return report(news.report)
        case "Warning":
          return Effect.logWarning(news.text)
      }
    }

    const afterwards = Effect.suspend(() => {
      if (keeper.trouble?.retried === true) degraded.unsafeOpen()
      else degraded.unsafeClose()
      return Effect.forEach(keeper.takeNews(), tell, { discard: true })
    })

    const now = <A>(act: (nowMillis: number) => A): Effect.Effect<A> =>
      Clock.currentTimeMillis.pipe(Effect.map(act), Effect.zipLeft(afterwards))

    const sync = Effect.suspend(() => {
      const database = keeper.open
      if (database === undefined) return Effect.void
      return Effect.flatMap(database.connection.sync, (error) =>
        error === undefined ? Effect.void : now((at) => keeper.syncFailed(error, database, at))
      )
    })

    // Synced beside the loop first, so that the checkpoint itself has less to wait for.
    const tidy = Effect.suspend(() =>
      keeper.open?.wantsCheckpoint === true
        ? Effect.zipRight(
            sync,
            now((at) => keeper.checkpoint(at))
          )
        : Effect.void
    )

    const close = (steps: ReadonlyArray<Step>) =>
      now((at) => {
        keeper.apply(steps, at)
        keeper.close(at)
      })

    const catchUp: Effect.Effect<void> = Effect.flatMap(
      now((at) => keeper.retry(at)),
      (done) => (done ? Effect.void : Effect.zipRight(turn, catchUp))
    )

    yield* afterwards
    const apply = (steps: ReadonlyArray<Step>) => now((at) => keeper.apply(steps, at))
    const commits = yield* commitsOf({ apply, sync, turn, tidy, close }, limits)
    yield* degraded.await.pipe(
      Effect.zipRight(Effect.sleep(limits.retryMillis)),
      Effect.zipRight(Effect.uninterruptible(catchUp)),
      Effect.forever,
      Effect.forkScoped
    )
    const health = Effect.sync((): StoreHealth => {
      const { trouble } = keeper
      return trouble === undefined
        ? { _tag: "Ok" }
        : { _tag: "Degraded", reason: trouble.error.reason, sinceMillis: trouble.sinceMillis }
    })
    return storeOf({ commits, health })
  })

export const SqliteStore = {
  layer: (options: SqliteStoreOptions): Layer.Layer<Store> => Layer.scoped(Store, make(options))
}
