/**
 * Limits how much of one kind of work is done at once, fairly: within a source in the order of arrival, between sources in
 * turn.
 *
 * Invariants: 1. never more than `limit` in all · 2. one source alone never has more than `limit − reserved`, so that a flood
 * of slow work from one leaves room for the others · 3. a permit is given back however the work ends; who leaves the line
 * takes none.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface FairGate<Source> {
  readonly pass: (source: Source) => <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Line {
  readonly waiting: Array<Deferred.Deferred<void>>
  working: number
}

export const makeFairGate = <Source>(o: { readonly limit: number; readonly reserved: number }): FairGate<Source> => {
  /** In the order of turns: who was served last stands last. */
  const lines = new Map<Source, Line>()
  let working = 0

  const lineOf = (source: Source): Line => {
    const line = lines.get(source) ?? { waiting: [], working: 0 }
    lines.set(source, line)
    return line
  }

  const admit = (): void => {
    for (let admitted = true; admitted && working < o.limit; ) {
      admitted = false
      for (const [source, line] of lines) {
        if (line.working >= o.limit - o.reserved) continue
        const next = line.waiting.shift()
        if (next === undefined) continue
        line.working += 1
        working += 1
        lines.delete(source)
        lines.set(source, line)
        Deferred.unsafeDone(next, Effect.void)
        admitted = true
        break
      }
    }
  }

  const leave = (source: Source, ticket: Deferred.Deferred<void>) =>
    Effect.sync(() => {
      const line = lineOf(source)
      const place = line.waiting.indexOf(ticket)
      if (place >= 0) line.waiting.splice(place, 1)
      else {
        line.working -= 1
        working -= 1
      }
      if (line.working === 0 && line.waiting.length === 0) lines.delete(source)
      admit()
    })

  return {
    pass: (source) => (work) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Deferred.make<void>(), (ticket) => {
          lineOf(source).waiting.push(ticket)
          admit()
          return Effect.ensuring(restore(Effect.zipRight(Deferred.await(ticket), work)), leave(source, ticket))
        })
      )
  }
}
