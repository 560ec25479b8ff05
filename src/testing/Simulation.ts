/**
 * Virtual time for whole programs: a clock of timers and a synchronous scheduler. A program runs until nothing is left to
 * do, then time jumps to the next timer; thousands of seeded runs a minute, and the same seed gives the same history.
 *
 * Everything in the program must take time from `Clock` and randomness from `Random`. A real timer, socket or promise is
 * outside of it: the program never hears of its end.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { globalValue } from "effect/GlobalValue"
import * as Random from "effect/Random"
import type * as Scheduler from "effect/Scheduler"

interface Timer {
  readonly atMillis: number
  readonly fire: () => void
}

/** Time stands still until `step` jumps to the next timer. Timers of the same moment fire in the order they were set. */
export class SimClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: Clock.ClockTypeId = Clock.ClockTypeId
  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())
  private now: number
  private readonly timers: Array<Timer> = []

  constructor(startMillis = 0) {
    this.now = startMillis
  }

  unsafeCurrentTimeMillis(): number {
    return this.now
  }

  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.now * 1e6))
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const timer = { atMillis: this.now + Duration.toMillis(duration), fire: () => resume(Effect.void) }
      this.timers.splice(this.placeAfter(timer.atMillis), 0, timer)
      return Effect.sync(() => {
        const at = this.timers.indexOf(timer)
        if (at >= 0) this.timers.splice(at, 1)
      })
    })
  }

  /** Fires the earliest timer; false when there is none up to `untilMillis`. */
  step(untilMillis: number): boolean {
    const timer = this.timers[0]
    if (timer === undefined || timer.atMillis > untilMillis) return false
    this.timers.shift()
    this.now = Math.max(this.now, timer.atMillis)
    timer.fire()
    return true
  }

  private placeAfter(atMillis: number): number {
    let low = 0
    let high = this.timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.timers[middle]!.atMillis <= atMillis) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface SimSchedulerOptions {
  /** Picks one of the `n` tasks that are ready; without it they run in the order in which they became ready. */
  readonly pick?: (n: number) => number
  /** After so many steps a fiber lets others go on. Low: more orders are met; high: faster. */
  readonly yieldAfter?: number
}

/** Runs fibers on the caller's stack, until none can go on. */
export class SimScheduler implements Scheduler.Scheduler {
  private ready: Array<Scheduler.Task> = []
  private readonly options: SimSchedulerOptions

  constructor(options: SimSchedulerOptions = {}) {
    this.options = options
  }

  shouldYield({ currentOpCount }: { readonly currentOpCount: number }): number | false {
    return currentOpCount > (this.options.yieldAfter ?? 256) ? 0 : false
  }

  scheduleTask(task: Scheduler.Task): void {
    this.ready.push(task)
  }

  flush(): void {
    const { pick } = this.options
    while (this.ready.length > 0) {
      const batch = this.ready
      this.ready = []
      if (pick === undefined) for (const task of batch) task()
      else for (const task of shuffled(batch, pick)) task()
    }
  }

  /** A part of the program that can be killed as a process is. Run its effects with `Effect.withScheduler`. */
  process(): SimProcess {
    return new SimProcess(this)
  }
}

const shuffled = <A>(items: ReadonlyArray<A>, pick: (n: number) => number): ReadonlyArray<A> => {
  const rest = [...items]
  for (let left = rest.length; left > 1; left--) {
    const chosen = pick(left)
    const last = rest[left - 1]!
    rest[left - 1] = rest[chosen]!
    rest[chosen] = last
  }
  return rest
}

/** Fibers that can be stopped for good between two of their steps, as `kill -9` does: no finalizer runs, nothing is said. */
export class SimProcess implements Scheduler.Scheduler {
  private alive = true
  private readonly parent: SimScheduler

  constructor(parent: SimScheduler) {
    this.parent = parent
  }

  shouldYield(fiber: Fiber.RuntimeFiber<unknown, unknown>): number | false {
    // A step that kills its own process is the last one of its fiber, too.
    return this.alive ? this.parent.shouldYield(fiber) : 0
  }

  scheduleTask(task: Scheduler.Task): void {
    if (!this.alive) return
    this.parent.scheduleTask(() => {
      if (this.alive) task()
    })
  }

  kill(): void {
    this.alive = false
  }
}

export interface SimulateOptions {
  /** Seeds `Random`. */
  readonly seed: number
  /** When virtual time is out. */
  readonly untilMillis: number
  readonly scheduler?: SimScheduler
  readonly clock?: SimClock
}

export interface Simulated<A, E> {
  /** Undefined: it waits for something that can never come, or virtual time was out. */
  readonly exit: Exit.Exit<A, E> | undefined
  readonly atMillis: number
}

/**
 * A real timer in a simulated program would be a mistake that shows as a hang, so it is an error. Only `Effect.never` may
 * have its interval, which does nothing but keep a process alive; here it is none.
 */
const withoutRealTimers = <A>(run: () => A): A => {
  const { setImmediate, setInterval, setTimeout } = globalThis
  const refused = () => {
    throw new Error("a simulated program may not use real timers")
  }
  Object.assign(globalThis, { setImmediate: refused, setInterval: () => undefined, setTimeout: refused })
  try {
    return run()
  } finally {
    Object.assign(globalThis, { setImmediate, setInterval, setTimeout })
  }
}

/** Runs the program to its end, synchronously. */
export const simulate = <A, E>(program: Effect.Effect<A, E>, o: SimulateOptions): Simulated<A, E> =>
  withoutRealTimers(() => run(program, o))

/**
 * Effect remembers every daemon fiber until it ends, and those of a program that is over never do: thousands of runs
 * would fill the memory. The set has no other way in than its global key.
 */
const forgetDaemons = (before: ReadonlySet<unknown>): void => {
  const { roots } = globalValue(Symbol.for("effect/FiberScope/Global"), () => ({ roots: new Set<unknown>() }))
  for (const fiber of [...roots]) if (!before.has(fiber)) roots.delete(fiber)
}

const run = <A, E>(program: Effect.Effect<A, E>, o: SimulateOptions): Simulated<A, E> => {
  const clock = o.clock ?? new SimClock()
  const scheduler = o.scheduler ?? new SimScheduler()
  const before: ReadonlySet<unknown> = new Set(Fiber.unsafeRoots())
  const fiber = Effect.runFork(program.pipe(Effect.withClock(clock), Effect.withRandom(Random.make(o.seed))), {
    scheduler
  })
  let exit: Exit.Exit<A, E> | undefined
  fiber.addObserver((value) => {
    exit = value
  })
  do scheduler.flush()
  while (exit === undefined && clock.step(o.untilMillis))
  forgetDaemons(before)
  return { exit, atMillis: clock.unsafeCurrentTimeMillis() }
}
