/**
 * Requests on the node socket that wait for a reply. Replies match by id and by nothing else.
 *
 * Invariants: 1. every request ends once: reply, refusal, deadline, or the loss of the link · 2. an `agent.register` whose
 * caller left (deadline or interruption) is remembered, so that its late success can be undone.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type LinkLost, NodeRequestRefused, NodeRequestTimeout } from "../domain/Errors.ts"
import type { Refusal, Reply } from "../wire/Inbound.ts"
import type { RequestError } from "./NodeControl.ts"

export type RequestType = "node.register" | "agent.register" | "inventory.sync"

interface Pending {
  readonly type: RequestType
  /** The agent's name, for `agent.register`. */
  readonly subject: string
  readonly answer: Deferred.Deferred<unknown, RequestError>
}

export type Matched =
  | { readonly _tag: "Pending"; readonly type: RequestType; readonly complete: Effect.Effect<void> }
  | { readonly _tag: "Abandoned"; readonly subject: string }
  | { readonly _tag: "Unmatched" }

const abandonedLimit = 1_000

export class Requests {
  private readonly pending = new Map<string, Pending>()
  private readonly abandoned = new Map<string, string>()
  private count = 0

  /** Requests of this type that wait for their answer. */
  unanswered(type: RequestType): number {
    let found = 0
    for (const request of this.pending.values()) if (request.type === type) found += 1
    return found
  }

  /** Sends a request and waits for its answer. `transmit` gets the id to put into the frame. */
  run(o: {
    readonly type: RequestType
    readonly subject: string
    readonly deadlineMillis: number
    readonly transmit: (id: string) => Effect.Effect<void, LinkLost>
  }): Effect.Effect<unknown, RequestError> {
    return Effect.gen(this, function* () {
      this.count += 1
      const id = `${o.type.replace(".", "_")}_${this.count}`
      const answer = yield* Deferred.make<unknown, RequestError>()
      this.pending.set(id, { type: o.type, subject: o.subject, answer })
      const left = Effect.sync(() => {
        if (this.pending.delete(id) && o.type === "agent.register") this.abandon(id, o.subject)
      })
      // The deadline is for all of it: a peer that does not read must not hold the caller either.
      return yield* o.transmit(id).pipe(
        // Not sent. One that is given up while it waits to be written may still be answered.
        Effect.tapError(() => Effect.sync(() => this.pending.delete(id))),
        Effect.zipRight(Deferred.await(answer)),
        Effect.timeoutOption(o.deadlineMillis),
        Effect.flatMap(
          Option.match({
            onSome: Effect.succeed,
            onNone: () => Effect.fail(new NodeRequestTimeout({ request: o.type, afterMillis: o.deadlineMillis }))
          })
        ),
        Effect.ensuring(left)
      )
    })
  }

  private abandon(id: string, subject: string): void {
    this.abandoned.set(id, subject)
    for (const oldest of this.abandoned.keys()) {
      if (this.abandoned.size <= abandonedLimit) break
      this.abandoned.delete(oldest)
    }
  }

  match(frame: Reply | Refusal): Matched {
    const request = this.pending.get(frame.id)
    if (request === undefined) {
      const subject = this.abandoned.get(frame.id)
      if (subject === undefined) return { _tag: "Unmatched" }
      this.abandoned.delete(frame.id)
      return { _tag: "Abandoned", subject }
    }
    this.pending.delete(frame.id)
    const complete =
      frame.type === "reply"
        ? Deferred.succeed(request.answer, frame.data)
        : Deferred.fail(
            request.answer,
            new NodeRequestRefused({ request: request.type, code: frame.code, reason: frame.message })
          )
    return { _tag: "Pending", type: request.type, complete: Effect.asVoid(complete) }
  }

  failAll(error: LinkLost): Effect.Effect<void> {
    return Effect.suspend(() => {
      const waiting = [...this.pending.values()]
      this.pending.clear()
      this.abandoned.clear()
      return Effect.forEach(waiting, ({ answer }) => Deferred.fail(answer, error), { discard: true })
    })
  }
}
