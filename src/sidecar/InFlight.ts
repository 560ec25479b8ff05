/**
 * Invocations that a handler was given and has not answered. Each ends exactly once, by whoever comes first: its answer,
 * the loss of its sidecar, or the caller who stopped waiting.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import { HandlerFailed, HandlerUnavailable } from "../domain/Errors.ts"
import type { InvocationId } from "../domain/Ids.ts"
import type { Json } from "../domain/Json.ts"
import type { InvocationEnd } from "./SidecarHub.ts"

/** A sidecar that answers nothing is not given more. The engine queues 100 frames for a node that is away. */
export const inFlightLimit = 1_000

type Outcome = Either.Either<Json, HandlerFailed | HandlerUnavailable>

interface Entry {
  readonly action: string
  readonly outcome: Deferred.Deferred<Json, HandlerFailed | HandlerUnavailable>
  readonly end: Deferred.Deferred<InvocationEnd>
}

export class InFlight {
  private readonly entries = new Map<InvocationId, Entry>()

  get size(): number {
    return this.entries.size
  }

  /** Waits for the answer after `send` has handed the frame over. */
  run(
    id: InvocationId,
    action: string,
    send: Effect.Effect<void>
  ): Effect.Effect<Json, HandlerFailed | HandlerUnavailable> {
    return Effect.suspend(() => {
      if (this.entries.size >= inFlightLimit || this.entries.has(id)) {
        const reason = this.entries.has(id) ? `${id} is being handled` : `${inFlightLimit} invocations are open`
        return Effect.fail(new HandlerFailed({ action, reason }))
      }
      const entry: Entry = {
        action,
        outcome: Deferred.unsafeMake(FiberId.none),
        end: Deferred.unsafeMake(FiberId.none)
      }
      this.entries.set(id, entry)
      return send.pipe(
        Effect.zipRight(Deferred.await(entry.outcome)),
        Effect.onInterrupt(() => Effect.sync(() => this.close(id, entry, "expired", undefined)))
      )
    })
  }

  /** False: nothing of this id is in flight. */
  answer(id: InvocationId, answer: { readonly output: Json } | { readonly error: string }): boolean {
    const entry = this.entries.get(id)
    if (entry === undefined) return false
    const { action } = entry
    const outcome: Outcome =
      "error" in answer
        ? Either.left(
            new HandlerFailed({ action, reason: answer.error.trim() === "" ? `${action} failed` : answer.error })
          )
        : Either.right(answer.output)
    this.close(id, entry, "answered", outcome)
    return true
  }

  /** The sidecar has left: all of it. */
  abandon(reason: string): void {
    for (const [id, entry] of this.entries) {
      const error = new HandlerUnavailable({ action: entry.action, reason })
      this.close(id, entry, "abandoned", Either.left(error))
    }
  }

  awaitEnd(id: InvocationId): Effect.Effect<InvocationEnd | undefined> {
    return Effect.suspend((): Effect.Effect<InvocationEnd | undefined> => {
      const entry = this.entries.get(id)
      return entry === undefined ? Effect.succeed(undefined) : Deferred.await(entry.end)
    })
  }

  private close(id: InvocationId, entry: Entry, end: InvocationEnd, outcome: Outcome | undefined): void {
    if (this.entries.get(id) !== entry) return
    this.entries.delete(id)
    if (outcome !== undefined) Deferred.unsafeDone(entry.outcome, outcome)
    Deferred.unsafeDone(entry.end, Effect.succeed(end))
  }
}
