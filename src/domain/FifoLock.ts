/**
 * Mutual exclusion in the order of arrival: the head of the line has the lock, and leaving the line is all there is to
 * giving it back, so that an interruption at any point loses nothing. (A semaphore lets a newcomer overtake, which would
 * reorder keystrokes.)
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface FifoLock {
  readonly withLock: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const make = (): FifoLock => {
  const line: Array<Deferred.Deferred<void>> = []
  const leave = (ticket: Deferred.Deferred<void>) =>
    Effect.sync(() => {
      const at = line.indexOf(ticket)
      line.splice(at, 1)
      const head = line[0]
      if (at === 0 && head !== undefined) Deferred.unsafeDone(head, Effect.void)
    })
  return {
    withLock: (self) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Deferred.make<void>(), (ticket) => {
          line.push(ticket)
          if (line.length === 1) Deferred.unsafeDone(ticket, Effect.void)
          return Effect.ensuring(restore(Effect.zipRight(Deferred.await(ticket), self)), leave(ticket))
        })
      )
  }
}
