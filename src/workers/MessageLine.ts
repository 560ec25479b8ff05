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
import type { DeadReason, DeliveryMode, Evidence, WaitingReason } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import { deliveryEvents } from "./deliveryEvents.ts"
import * as Holding from "./Holding.ts"
import * as InjectionQueue from "./InjectionQueue.ts"
import { queueLimits } from "./Injector.ts"
import type { InjectionItem, Worker } from "./Worker.ts"

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
  readonly submitted: (item: InjectionItem, evidence: Evidence) => Effect.Effect<void>
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
    const now = () => clock.unsafeCurrentTimeMillis()
    const queue = InjectionQueue.make<Waiting>(queueLimits)
    const changed = yield* Effect.makeLatch(false)
    const closed = yield* Deferred.make<void>()
    let holding = Holding.initial
    let current: Waiting | undefined
    let closing = false

    const take = Effect.gen(function* () {
      for (;;) {
        changed.unsafeClose()
        if (!closing && !queue.isEmpty() && Holding.reason(holding, false) === undefined) break
        yield* changed.await
      }
      const [taken] = queue.take({ messages: 1, bytes: Number.POSITIVE_INFINITY })
      holding = Holding.taken(holding, 1)
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

    const isHeld = () => holding.mode === "manual_flush" && queue.list().length > holding.allowance
    const letGo = (
      waiting: ReadonlyArray<Waiting>,
      reason: "explicit_flush" | "delivery_mode_transition",
      count: number
    ) => {
      for (const { item } of waiting) events.queued(item, now())
      events.drained(count, reason)
      changed.unsafeOpen()
    }
    const stop = (stopped: boolean) =>
      Effect.sync(() => {
        holding = { ...holding, stopped }
        changed.unsafeOpen()
      })

    return {
      take,
      submit: (item) =>
        Effect.gen(function* () {
          if (closing) return yield* new UnknownWorker({ agent })
          const at = now()
          if (!queue.offer({ item, queuedAtMillis: at })) {
            return yield* new QueueFull({ agent, limit: queueLimits.items })
          }
          options.onProgress(at)
          if (isHeld()) events.held(item)
          else events.queued(item, at)
          changed.unsafeOpen()
        }),
      submitted: (item, evidence) =>
        end(
          item,
          Effect.suspend(() => {
            const atMillis = now()
            events.ack(item, atMillis)
            return Effect.zipRight(
              item.onOutcome({ _tag: "Submitted", evidence, atMillis }),
              Effect.sync(() => events.verified(item, evidence, 0))
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
      mode: Effect.sync(() => holding.mode),
      setMode: (mode: DeliveryMode, behind = 0) =>
        Effect.sync(() => {
          const previous = holding.mode
          if (previous === mode) return { previous, flushed: 0 }
          const { allowance } = holding
          const waiting = queue.list()
          holding = Holding.withMode(holding, mode)
          events.modeChanged(previous, mode)
          if (mode === "manual_flush") return { previous, flushed: 0 }
          const flushed = Math.max(0, waiting.length + behind - allowance)
          letGo(waiting.slice(allowance), "delivery_mode_transition", flushed)
          return { previous, flushed }
        }),
      pending: Effect.sync(() =>
        holding.mode === "auto_inject"
          ? []
          : queue
              .list()
              .slice(holding.allowance)
              .map(({ item, queuedAtMillis }) => ({ delivery: item.delivery, queuedAtMillis }))
      ),
      flush: (behind = 0) =>
        Effect.sync(() => {
          if (holding.mode === "auto_inject") return 0
          const waiting = queue.list()
          const count = waiting.length + behind
          const before = holding.allowance
          holding = Holding.flush(holding, count)
          letGo(waiting.slice(before), "explicit_flush", count - Math.min(before, count))
          return count
        }),
      hold: stop(true),
      resume: stop(false),
      queued: queue.size,
      waiting: () =>
        queue.size() === 0
          ? undefined
          : closing
            ? "dead"
            : current === undefined
              ? Holding.reason(holding, false)
              : options.obstacle()
    }
  })
