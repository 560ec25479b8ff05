/** Work in the order of arrival where it has the same key, side by side where it has not. */
import * as Effect from "effect/Effect"
import * as FifoLock from "../domain/FifoLock.ts"

export interface Lanes {
  /** `undefined`: nothing is waited for. */
  readonly within: <A, E, R>(key: string | undefined, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Holds memory only for keys in use. */
export const makeLanes = (): Lanes => {
  const lanes = new Map<string, { readonly lock: FifoLock.FifoLock; users: number }>()
  return {
    within: (key, self) =>
      key === undefined
        ? self
        : Effect.acquireUseRelease(
            Effect.sync(() => {
              const lane = lanes.get(key) ?? { lock: FifoLock.make(), users: 0 }
              lane.users += 1
              lanes.set(key, lane)
              return lane
            }),
            ({ lock }) => lock.withLock(self),
            (lane) =>
              Effect.sync(() => {
                lane.users -= 1
                if (lane.users === 0) lanes.delete(key)
              })
          )
  }
}
