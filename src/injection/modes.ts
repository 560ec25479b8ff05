/** The delivery modes of one terminal's queue (S 2.6): what is held, what was let go, and the events that say so. */
import * as Effect from "effect/Effect"
import type { DeliveryMode } from "../domain/Receipt.ts"
import type { deliveryEvents } from "./deliveryEvents.ts"
import * as Holding from "./Holding.ts"
import type { InjectionQueue, PasteLimits } from "./InjectionQueue.ts"
import type { InjectionItem } from "./Worker.ts"

interface Queued {
  readonly item: InjectionItem
  readonly queuedAtMillis: number
}

export interface ModesOptions<A extends Queued> {
  readonly queue: InjectionQueue<A>
  readonly events: ReturnType<typeof deliveryEvents>
  readonly now: () => number
  readonly onChange: () => void
}

export const makeModes = <A extends Queued>({ events, now, onChange, queue }: ModesOptions<A>) => {
  let holding = Holding.initial

  /** Lets go `count`, of which the first are in this queue. */
  const letGo = (waiting: ReadonlyArray<A>, reason: "explicit_flush" | "delivery_mode_transition", count: number) => {
    const at = now()
    for (const { item } of waiting) events.queued(item, at)
    events.drained(count, reason)
    onChange()
    return count
  }

  return {
    holding: () => holding,
    mode: Effect.sync(() => holding.mode),
    /** The newest message in the queue is held. */
    isHeld: () => holding.mode === "manual_flush" && queue.list().length > holding.allowance,
    /** What goes out next, of what may. */
    take: (limits: PasteLimits): ReadonlyArray<A> => {
      const taken = queue.take({ ...limits, messages: Math.min(limits.messages, Holding.room(holding)) })
      holding = Holding.taken(holding, taken.length)
      return taken
    },
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
        const { allowance } = holding
        const waiting = queue.list()
        holding = Holding.flush(holding, waiting.length + behind)
        return letGo(waiting.slice(allowance), "explicit_flush", holding.allowance - allowance)
      }),
    setMode: (mode: DeliveryMode, behind = 0) =>
      Effect.sync(() => {
        const previous = holding.mode
        if (previous === mode) return { previous, flushed: 0 }
        const { allowance } = holding
        holding = Holding.withMode(holding, mode)
        events.modeChanged(previous, mode)
        if (mode === "manual_flush") return { previous, flushed: 0 }
        const waiting = queue.list()
        const held = Math.max(0, waiting.length + behind - allowance)
        return { previous, flushed: letGo(waiting.slice(allowance), "delivery_mode_transition", held) }
      }),
    stop: (stopped: boolean) =>
      Effect.sync(() => {
        holding = { ...holding, stopped }
        onChange()
      })
  }
}
