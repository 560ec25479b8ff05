/**
 * What waits for an agent without a terminal, given out one by one; with the rules of `Holding` for who may hold it up.
 *
 * Invariants: 1. an entry that was taken comes to exactly one end: `submitted`, `givenUp`, or `close` · 2. `close` settles
 * everything: at a `shutdown` without an outcome, because the rows stay for the next run (design 4) · 3. nothing enters after it.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { QueueFull, UnknownWorker } from "../domain/Errors.ts"
import type { AgentName } from "../domain/Ids.ts"
import type { ChannelName, DeadReason, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { steadyMillis } from "../domain/Steady.ts"
import { Events } from "../events/Events.ts"
import { deliveryEvents } from "../injection/deliveryEvents.ts"
import * as Holding from "../injection/Holding.ts"
import * as InjectionQueue from "../injection/InjectionQueue.ts"
import { queueLimits } from "../injection/Injector.ts"
import { makeModes } from "../injection/modes.ts"
import type { InjectionItem, Worker } from "../injection/Worker.ts"

interface Waiting {
  readonly item: InjectionItem
  readonly queuedAtMillis: number
}

export interface MessageLineOptions {
  readonly agent: AgentName
  /** Something was queued or came to its end. */
  readonly onProgress: (nowMillis: number) => void
  /** Why the one that was taken is not through yet. */
  readonly obstacle: () => WaitingReason | undefined
}

export interface MessageLine
  extends Pick<Worker, "submit" | "mode" | "setMode" | "pending" | "flush" | "hold" | "resume"> {
  /** The next one that may go; waits for it. One at a time. */
  readonly take: Effect.Effect<InjectionItem>
  readonly submitted: (item: InjectionItem, evidence: Evidence, channel: ChannelName) => Effect.Effect<void>
  readonly givenUp: (item: InjectionItem, reason: DeadReason, because: string) => Effect.Effect<void>
  readonly close: (reason: DeadReason | "shutdown") => Effect.Effect<void>
  readonly queued: () => number
  readonly waiting: () => WaitingReason | undefined
}

export const make = (options: MessageLineOptions): Effect.Effect<MessageLine, never, Events> =>
  Effect.gen(function* () {
    const { agent } = options
    const events = deliveryEvents(yield* Events, agent)
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const wall = () => clock.unsafeCurrentTimeMillis()
    const queue = InjectionQueue.make<Waiting>(queueLimits)
    const changed = yield* Effect.makeLatch(false)
    const closed = yield* Deferred.make<void>()
    const modes = makeModes({ queue, events, now: wall, onChange: () => changed.unsafeOpen() })
    let current: Waiting | undefined
    let closing = false

    const take = Effect.gen(function* () {
      for (;;) {
        changed.unsafeClose()
        if (!closing && !queue.isEmpty() && Holding.reason(modes.holding(), false) === undefined) break
        yield* changed.await
      }
      const [taken] = modes.take({ messages: 1, bytes: Number.POSITIVE_INFINITY })
      current = taken
      return taken!.item
    })

    /** An item's end is told once, whoever brings it. */
    const end = (item: InjectionItem, tell: Effect.Effect<void>) =>
      Effect.suspend(() => {
        if (current?.item !== item) return Effect.void
        queue.release([current])
        current = undefined
        options.onProgress(now())
        return tell
      }).pipe(Effect.uninterruptible)

    const notSubmitted = (reason: DeadReason) => (item: InjectionItem) =>
      Effect.zipRight(
        Effect.sync(() => events.failed(item, reason)),
        item.onOutcome({ _tag: "NotSubmitted", reason })
      )

    return {
      take,
      submit: (item) =>
        Effect.gen(function* () {
          if (closing) return yield* new UnknownWorker({ agent })
          const at = wall()
          if (!queue.offer({ item, queuedAtMillis: at })) {
            return yield* new QueueFull({ agent, limit: queueLimits.items })
          }
          options.onProgress(now())
          if (modes.isHeld()) events.held(item)
          else events.queued(item, at)
          changed.unsafeOpen()
        }),
      submitted: (item, evidence, channel) =>
        end(
          item,
          Effect.suspend(() => {
            const atMillis = wall()
            events.ack(item, atMillis)
            return Effect.zipRight(
              item.onOutcome({ _tag: "Submitted", evidence, channel, atMillis }),
              Effect.sync(() => events.verified(item, evidence, channel, 0))
            )
          })
        ),
      givenUp: (item, reason, because) =>
        end(
          item,
          Effect.zipRight(
            Effect.sync(() => events.failed(item, because)),
            item.onOutcome({ _tag: "GivenUp", reason })
          )
        ),
      close: (reason) =>
        Effect.suspend(() => {
          if (closing) return Deferred.await(closed)
          closing = true
          const left = [...(current === undefined ? [] : [current]), ...queue.takeAll()]
          current = undefined
          queue.release(left)
          const settle =
            reason === "shutdown"
              ? Effect.void
              : Effect.forEach(left, ({ item }) => notSubmitted(reason)(item), { discard: true })
          return Effect.zipRight(settle, Deferred.succeed(closed, undefined))
        }).pipe(Effect.asVoid, Effect.uninterruptible),
      mode: modes.mode,
      setMode: modes.setMode,
      pending: modes.pending,
      flush: modes.flush,
      hold: modes.stop(true),
      resume: modes.stop(false),
      queued: queue.size,
      waiting: () =>
        queue.size() === 0
          ? undefined
          : closing
            ? "dead"
            : current === undefined
              ? Holding.reason(modes.holding(), false)
              : options.obstacle()
    }
  })
