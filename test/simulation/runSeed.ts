/** One run: a plan performed, everything healed, and the verdict. */

import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import type { ValidateFrame } from "../../src/testing/index.ts"
import { SimClock, SimScheduler, simulate } from "../../src/testing/Simulation.ts"
import { makeDice } from "./Dice.ts"
import { type History, makeHistory } from "./History.ts"
import { makePlan, type Plan } from "./Plan.ts"
import { pass } from "./pass.ts"
import { makeWorld } from "./World.ts"

export interface Verdict {
  readonly seed: number
  /** Empty: the run kept the promise. */
  readonly failures: ReadonlyArray<string>
  /** When it had come to rest after everything was healed, virtual milliseconds from then. */
  readonly restMillis: number
  readonly atMillis: number
  readonly digest: string
  readonly counts: { readonly rows: number; readonly submissions: number; readonly acks: number; readonly dead: number }
  readonly trace: ReadonlyArray<string>
}

export interface RunOptions {
  readonly traced?: boolean
  readonly validateFrame?: ValidateFrame
  readonly plan?: Plan
}

/** From the end of all faults. The slowest way back is a refused token: one try every 5 minutes. */
const restWithinMillis = 10 * 60_000
/** So long it must stay at rest: longer than one inventory takes to come round. */
const stillMillis = 75_000
const lookEveryMillis = 2_500
/** A real clock's time: times of 0 are special nowhere. */
const startMillis = 1_800_000_000_000

const runPlan = (
  plan: Plan,
  o: RunOptions & { readonly history: History; readonly clock: SimClock; readonly scheduler: SimScheduler }
) =>
  Effect.gen(function* () {
    const { clock, history, scheduler } = o
    const now = () => clock.unsafeCurrentTimeMillis() - startMillis
    const world = yield* makeWorld({ plan, history, scheduler, now, validateFrame: o.validateFrame })
    yield* world.start
    const operator = yield* Effect.fork(Effect.forever(Effect.zipRight(pass(5_000), world.lookAfter(plan.care))))
    const steps = yield* Effect.forEach(plan.steps, (step, index) =>
      Effect.fork(
        Effect.delay(
          Effect.suspend(() => world.perform(step, index)),
          step.atMillis
        )
      )
    )
    yield* pass(plan.endMillis)
    yield* Fiber.interrupt(operator)
    yield* Fiber.interruptAll(steps)
    yield* world.heal
    const healedAt = now()
    let restingSince: number | undefined
    let unrest: ReadonlyArray<string> = []
    while (now() - healedAt < restWithinMillis) {
      if (restingSince === undefined) yield* world.lookAfter(1)
      yield* pass(lookEveryMillis)
      unrest = yield* world.unrest
      if (unrest.length > 0) restingSince = undefined
      else restingSince ??= now()
      if (restingSince !== undefined && now() - restingSince >= stillMillis) break
    }
    const failures = [...world.judge.violations, ...world.judge.lost(yield* world.kept)]
    if (restingSince === undefined)
      failures.push(...unrest.slice(0, 8).map((what) => `after ${restWithinMillis / 60_000} min: ${what}`))
    for (const failure of failures) history.note(`FAILURE ${failure}`)
    return { failures, restMillis: (restingSince ?? now()) - healedAt, counts: world.judge.counts() }
  }).pipe(Effect.scoped)

const noCounts = { rows: 0, submissions: 0, acks: 0, dead: 0 }

export const runSeed = (seed: number, o: RunOptions = {}): Verdict => {
  const plan = o.plan ?? makePlan(seed)
  const clock = new SimClock(startMillis)
  const order = makeDice(seed, "order")
  const scheduler = new SimScheduler({
    yieldAfter: plan.yieldAfter,
    ...(plan.shuffled ? { pick: (n: number) => order.between(0, n - 1) } : {})
  })
  const history = makeHistory({ now: () => clock.unsafeCurrentTimeMillis() - startMillis, traced: o.traced ?? false })
  const logger = Logger.make<unknown, void>(({ logLevel, message }) =>
    history.note(`log ${logLevel.label}: ${[message].flat().map(String).join(" ")}`)
  )
  const { atMillis, exit } = simulate(
    runPlan(plan, { ...o, history, clock, scheduler }).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, o.traced ? logger : Logger.none))
    ),
    { seed, untilMillis: startMillis + plan.endMillis + restWithinMillis + 60_000, scheduler, clock }
  )
  const common = { seed, atMillis: atMillis - startMillis, digest: history.digest(), trace: history.lines }
  if (exit !== undefined && Exit.isSuccess(exit)) return { ...common, ...exit.value }
  const failure = exit === undefined ? "the run itself is stuck" : Cause.pretty(exit.cause)
  return { ...common, failures: [failure], restMillis: 0, counts: noCounts }
}
