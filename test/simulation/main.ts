/** What `scripts/simulate.mjs` bundles: runs seeds for it in a child process, shows one in full, cuts a failing plan down. */
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { makePlan, type Plan, type Step } from "./Plan.ts"
import { runSeed, type Verdict } from "./runSeed.ts"

export interface Brief extends Omit<Verdict, "trace"> {
  readonly millis: number
}

const validateFrame = publishedOutbound

const brief = (seed: number): Brief => {
  const started = performance.now()
  const { trace: _, ...verdict } = runSeed(seed, { validateFrame })
  return { ...verdict, millis: performance.now() - started }
}

/** In a child process: each message is a range of seeds, each answer one verdict. */
export const serve = (): void => {
  process.on("message", ({ count, from }: { readonly from: number; readonly count: number }) => {
    for (let seed = from; seed < from + count; seed++) process.send?.(brief(seed))
    process.send?.("idle")
  })
}

export const traced = (seed: number, plan: Plan = makePlan(seed)): Verdict =>
  runSeed(seed, { traced: true, validateFrame, plan })

const without = (steps: ReadonlyArray<Step>, from: number, count: number) => [
  ...steps.slice(0, from),
  ...steps.slice(from + count)
]

/** The plan without every step that the failure does not need. Not the smallest possible, but none of it can go. */
export const shrink = (seed: number, say: (steps: number) => void): Plan => {
  let plan = makePlan(seed)
  const fails = (steps: ReadonlyArray<Step>) =>
    runSeed(seed, { validateFrame, plan: { ...plan, steps } }).failures.length > 0
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < plan.steps.length; ) {
      const steps = without(plan.steps, at, size)
      if (fails(steps)) {
        plan = { ...plan, steps }
        say(steps.length)
      } else at += size
    }
  }
  return plan
}

export const describeStep = ({ atMillis, ...action }: Step): string =>
  `${(atMillis / 1_000).toFixed(3).padStart(9)}  ${JSON.stringify(action)}`
