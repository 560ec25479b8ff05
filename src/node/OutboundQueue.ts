/**
 * What waits to be written to the socket. One writer, bounded; a slow peer delays nobody but those who wait for their own
 * frame.
 *
 * Invariants: 1. heartbeats first, all else in order · 2. at most 10,000 frames and 32 MiB wait; more is refused as a lost
 * link, for the peer does not read · 3. every frame ends once: written, or failed with what ended the link.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import { LinkLost } from "../domain/Errors.ts"
import { tell } from "../domain/Supervision.ts"

interface Waiting {
  readonly text: string
  readonly sinceMillis: number
  readonly written: Deferred.Deferred<void, LinkLost>
}

const maxFrames = 10_000
/** Characters; a single frame may always be queued. */
const maxText = 32 * 1024 * 1024

export const makeOutboundQueue = (write: (text: string) => Effect.Effect<void, LinkLost>) =>
  Effect.gen(function* () {
    const urgent: Array<Waiting> = []
    const ordinary: Array<Waiting> = []
    const wakeUps = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    let beingWritten: Waiting | undefined
    let waitingText = 0
    let lost: LinkLost | undefined

    const fail = (error: LinkLost) =>
      Effect.suspend(() => {
        lost ??= error
        const waiting = [
          ...(beingWritten === undefined ? [] : [beingWritten]),
          ...urgent.splice(0),
          ...ordinary.splice(0)
        ]
        beingWritten = undefined
        waitingText = 0
        return Effect.forEach(waiting, ({ written }) => Deferred.fail(written, error), { discard: true })
      })

    const next = (): Waiting | undefined => {
      beingWritten = urgent.shift() ?? ordinary.shift()
      if (beingWritten !== undefined) waitingText -= beingWritten.text.length
      return beingWritten
    }

    const drain = Effect.gen(function* () {
      yield* wakeUps.take
      for (;;) {
        const frame = next()
        if (frame === undefined) return
        // A write that is cut off with its session is a lost link for whoever waits for it, not an interruption.
        yield* write(frame.text).pipe(
          Effect.matchEffect({
            onFailure: (error) => Deferred.fail(frame.written, error),
            onSuccess: () => Deferred.succeed(frame.written, undefined)
          })
        )
        beingWritten = undefined
      }
    }).pipe(
      Effect.catchTag("NoSuchElementException", () => Effect.interrupt),
      Effect.forever
    )

    yield* drain.pipe(
      // Without a writer no frame leaves: whoever sends is told, and the session ends by its next heartbeat.
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(tell("writing of frames", defect), fail(new LinkLost({ reason: "a bug of ours ended it" })))
      ),
      Effect.forkScoped
    )
    yield* Effect.addFinalizer(() => fail(new LinkLost({ reason: "session over" })))

    return {
      /** Completes when the frame was written. */
      send: (text: string, priority: "urgent" | "ordinary" = "ordinary"): Effect.Effect<void, LinkLost> =>
        Effect.gen(function* () {
          if (lost !== undefined) return yield* lost
          const queue = priority === "urgent" ? urgent : ordinary
          const full = ordinary.length >= maxFrames || (waitingText > 0 && waitingText + text.length > maxText)
          if (full && priority === "ordinary") return yield* new LinkLost({ reason: "the engine does not read" })
          const written = yield* Deferred.make<void, LinkLost>()
          queue.push({ text, sinceMillis: yield* Clock.currentTimeMillis, written })
          waitingText += text.length
          yield* wakeUps.offer()
          return yield* Deferred.await(written)
        }),
      /** Since when the oldest frame waits, the one being written included; undefined: nothing does. */
      waitsSinceMillis: Effect.sync((): number | undefined => {
        const oldest = [beingWritten, urgent[0], ordinary[0]].flatMap((frame) =>
          frame === undefined ? [] : [frame.sinceMillis]
        )
        return oldest.length === 0 ? undefined : Math.min(...oldest)
      }),
      fail
    }
  })

export type OutboundQueue = Effect.Effect.Success<ReturnType<typeof makeOutboundQueue>>
