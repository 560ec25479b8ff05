/**
 * An end that lets agents finish: no new spawns, the engine is told, and when every agent is done, or at the deadline, the
 * broker stops in order. The node session beats until then.
 *
 * Invariants: 1. an agent is done when it has ended, or when it has been quiet for `quietMillis`, is idle and nothing waits
 * for it · 2. an agent that is being started is not done · 3. at the deadline nobody is waited for · 4. a drain cannot be
 * taken back; asking again sets another deadline.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import { Actions } from "../agents/Actions.ts"
import { Deliveries } from "../delivery/Deliveries.ts"
import type { WorkerStatus } from "../injection/Worker.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"

export const quietMillis = 10_000
const lookEveryMillis = 500

export interface Drain {
  readonly untilMillis: number
  /** Names of the agents that are waited for. */
  readonly unfinished: ReadonlyArray<string>
}

/** `waiting`: messages that wait for it outside its own queue. */
export const isDone = (status: WorkerStatus, waiting: number, nowMillis: number): boolean =>
  status.queued === 0 && waiting === 0 && nowMillis - status.lastActivityMillis >= quietMillis

export interface Draining {
  /** Begins, or sets another deadline; `stop` is called once, when it is over. */
  readonly request: (deadlineMillis: number) => Effect.Effect<Drain>
  readonly view: Effect.Effect<Drain | undefined>
}

export const make = (
  stop: (reason: string) => Effect.Effect<void>
): Effect.Effect<Draining, never, Actions | Deliveries | NodeControl | WorkerRegistry | Scope.Scope> =>
  Effect.gen(function* () {
    const actions = yield* Actions
    const deliveries = yield* Deliveries
    const node = yield* NodeControl
    const registry = yield* WorkerRegistry
    const watcher = yield* FiberHandle.make<void>()
    let untilMillis: number | undefined

    const unfinished = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const pending = yield* deliveries.pending
      const names = [...(yield* registry.starting)] as Array<string>
      for (const { name, status } of yield* registry.list) {
        const waiting = pending.filter(({ agent }) => agent === name).length
        if (!isDone(yield* status, waiting, now)) names.push(name)
      }
      return names
    })

    const watch = Effect.gen(function* () {
      for (;;) {
        const left = (untilMillis ?? 0) - (yield* Clock.currentTimeMillis)
        const names = yield* unfinished
        if (names.length === 0) return yield* stop("drained: every agent is done")
        if (left <= 0) return yield* stop(`drained as far as the deadline allowed; not done: ${names.join(", ")}`)
        yield* Effect.sleep(Math.min(lookEveryMillis, left))
      }
    })

    return {
      request: (deadlineMillis) =>
        Effect.gen(function* () {
          const until = (yield* Clock.currentTimeMillis) + deadlineMillis
          untilMillis = until
          yield* actions.drain
          yield* node.drain(until)
          const names = yield* unfinished
          yield* Effect.logInfo(
            `draining until ${new Date(until).toISOString()}; not done: ${names.join(", ") || "none"}`
          )
          yield* FiberHandle.run(watcher, watch, { onlyIfMissing: true })
          return { untilMillis: until, unfinished: names }
        }),
      view: Effect.suspend(() =>
        untilMillis === undefined
          ? Effect.succeed(undefined)
          : Effect.map(unfinished, (names) => ({ untilMillis: untilMillis ?? 0, unfinished: names }))
      )
    }
  })
