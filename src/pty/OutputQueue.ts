/** The output mailbox of one terminal, which knows how much is waiting in it, so that reading can pause above a mark. */
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"

export interface OutputQueue {
  readonly mailbox: Mailbox.ReadonlyMailbox<string>
  readonly unsafeOffer: (text: string) => void
  readonly unsafeEnd: () => void
  /** Characters offered and not taken yet. */
  readonly waiting: () => number
}

/** `onTaken` runs after each take. The mailbox has no capacity: a full one would drop what is offered. */
export const make = (onTaken: () => void): Effect.Effect<OutputQueue> =>
  Effect.map(Mailbox.make<string>(), (queue) => {
    let waiting = 0
    const took = (text: string) => {
      waiting -= text.length
    }
    const takenAll = (chunk: Chunk.Chunk<string>) => {
      for (const text of chunk) took(text)
      onTaken()
    }
    const counted = ([messages, done]: readonly [Chunk.Chunk<string>, boolean]) => {
      takenAll(messages)
      return [messages, done] as const
    }
    // Everything that removes messages is replaced; the rest is read through the prototype chain and changes nothing.
    const mailbox: Mailbox.ReadonlyMailbox<string> = Object.assign(Object.create(queue), {
      takeAll: Effect.map(queue.takeAll, counted),
      takeN: (n: number) => Effect.map(queue.takeN(n), counted),
      take: Effect.map(queue.take, (text) => {
        took(text)
        onTaken()
        return text
      }),
      clear: Effect.map(queue.clear, (chunk) => {
        takenAll(chunk)
        return chunk
      })
    })
    return {
      mailbox,
      unsafeOffer: (text) => {
        if (queue.unsafeOffer(text)) waiting += text.length
      },
      unsafeEnd: () => {
        queue.unsafeDone(Exit.void)
      },
      waiting: () => waiting
    }
  })
