/**
 * What waits to be written to the socket: heartbeats first, then in order. One writer, bounded; a slow peer delays
 * nobody but those who wait for their own frame.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import { LinkLost } from "../domain/Errors.ts"

interface Waiting {
  readonly text: string
  readonly written: Deferred.Deferred<void, LinkLost>
}

/** More than this many frames waiting means that the peer no longer reads. */
const limit = 10_000

export const makeOutboundQueue = (write: (text: string) => Effect.Effect<void, LinkLost>) =>
  Effect.gen(function* () {
    const urgent: Array<Waiting> = []
    const ordinary: Array<Waiting> = []
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    let lost: LinkLost | undefined

    const fail = (error: LinkLost) =>
      Effect.suspend(() => {
        lost ??= error
        const waiting = [...urgent.splice(0), ...ordinary.splice(0)]
        return Effect.forEach(waiting, ({ written }) => Deferred.fail(written, error), { discard: true })
      })

    const drain = Effect.gen(function* () {
      yield* wakeUps.take
      for (;;) {
        const next = urgent.shift() ?? ordinary.shift()
        if (next === undefined) return
        yield* write(next.text).pipe(Effect.intoDeferred(next.written))
      }
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever
    )

    yield* Effect.forkScoped(drain)
    yield* Effect.addFinalizer(() => fail(new LinkLost({ reason: "session over" })))

    return {
      /** Completes when the frame was written. */
      send: (text: string, priority: "urgent" | "ordinary" = "ordinary"): Effect.Effect<void, LinkLost> =>
        Effect.gen(function* () {
          if (lost !== undefined) return yield* lost
          if (ordinary.length >= limit) return yield* new LinkLost({ reason: "the engine does not read" })
          const written = yield* Deferred.make<void, LinkLost>()
          const queue = priority === "urgent" ? urgent : ordinary
          queue.push({ text, written })
          yield* wakeUps.offer()
          return yield* Deferred.await(written)
        }),
      fail
    }
  })

export type OutboundQueue = Effect.Effect.Success<ReturnType<typeof makeOutboundQueue>>
