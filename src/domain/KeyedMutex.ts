/** Mutual exclusion per key, in the order of arrival; a key that nobody waits for costs nothing. */
import * as Effect from "effect/Effect"
import * as FifoLock from "./FifoLock.ts"

export type Turns<K> = ReturnType<typeof makeTurns<K>>

export const makeTurns = <K>() => {
  const lines = new Map<K, { readonly lock: FifoLock.FifoLock; waiting: number }>()
  return <A, E, R>(key: K, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const line = lines.get(key) ?? { lock: FifoLock.make(), waiting: 0 }
      lines.set(key, line)
      line.waiting += 1
      return Effect.ensuring(
        line.lock.withLock(self),
        Effect.sync(() => {
          line.waiting -= 1
          if (line.waiting === 0) lines.delete(key)
        })
      )
    })
}
