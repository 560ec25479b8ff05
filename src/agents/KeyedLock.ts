/** Mutual exclusion per key, in the order of arrival; a key that nobody uses costs nothing. */
import * as Effect from "effect/Effect"
import * as FifoLock from "../workers/FifoLock.ts"

export interface KeyedLock<K> {
  readonly withLock: <A, E, R>(key: K, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const make = <K>(): KeyedLock<K> => {
  const locks = new Map<K, { readonly lock: FifoLock.FifoLock; users: number }>()
  return {
    withLock: (key, self) =>
      Effect.suspend(() => {
        const entry = locks.get(key) ?? { lock: FifoLock.make(), users: 0 }
        locks.set(key, entry)
        entry.users += 1
        return Effect.ensuring(
          entry.lock.withLock(self),
          Effect.sync(() => {
            entry.users -= 1
            if (entry.users === 0) locks.delete(key)
          })
        )
      })
  }
}
