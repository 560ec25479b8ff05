/**
 * What happens in one run, as plain data made from a seed: who is spawned, who says what, what breaks and when. Being
 * data, a plan can be shown, repeated, and cut down to the steps that a failure needs.
 */
import { type Dice, makeDice } from "./Dice.ts"

export type ProgramKind = "echo" | "mute" | "silent" | "slow" | "stalling" | "dying" | "fragile" | "stubborn" | "chatty"

export type Mode = "wait" | "steer"

/** Probabilities for single frames. Live `deliver` frames only: a replay travels whole, or its socket ends. */
export interface FrameFates {
  readonly loseDeliver: number
  readonly delayDeliver: number
  readonly duplicate: number
  readonly loseReply: number
  readonly loseInvoke: number
  readonly loseToEngine: number
  readonly delayToEngine: number
}

export type Fault =
  | { readonly kind: "drop"; readonly code: number | undefined; readonly reason: string }
  | { readonly kind: "silence"; readonly pongs: boolean; readonly forMillis: number }
  | { readonly kind: "slow replies"; readonly byMillis: number; readonly forMillis: number }
  | { readonly kind: "slow replays"; readonly byMillis: number; readonly forMillis: number }
  | { readonly kind: "frames"; readonly fates: FrameFates; readonly forMillis: number }
  | { readonly kind: "twice"; readonly forMillis: number }
  | { readonly kind: "hold"; readonly types: ReadonlyArray<HeldType>; readonly forMillis: number }
  | { readonly kind: "upgrades"; readonly count: number; readonly status: number; readonly drop: boolean }
  | {
      readonly kind: "http"
      readonly how: "refuse" | "lose" | "hang" | "delay"
      readonly count: number
      readonly status: number
      readonly retryAfter: number | undefined
    }
  | { readonly kind: "down"; readonly forMillis: number }
  | { readonly kind: "token"; readonly drop: boolean }
  | { readonly kind: "reject"; readonly type: HeldType; readonly code: string; readonly count: number }
  | { readonly kind: "forget deregister"; readonly forMillis: number }
  | { readonly kind: "slow disk"; readonly byMillis: number; readonly forMillis: number }
  | { readonly kind: "broken disk" }

export type HeldType = "node.register" | "agent.register" | "inventory.sync"

export type Action =
  | { readonly do: "spawn"; readonly agent: string; readonly program: ProgramKind; readonly task: boolean }
  | { readonly do: "release"; readonly agent: string }
  | { readonly do: "exit"; readonly agent: string; readonly code: number }
  | { readonly do: "invoke spawn"; readonly agent: string; readonly program: ProgramKind; readonly from: string }
  | { readonly do: "invoke release"; readonly agent: string; readonly from: string; readonly delete: boolean }
  | { readonly do: "direct"; readonly from: string; readonly to: string; readonly mode: Mode }
  | { readonly do: "post"; readonly from: string; readonly mode: Mode }
  | { readonly do: "reply"; readonly from: string }
  | { readonly do: "react"; readonly from: string }
  | { readonly do: "read"; readonly from: string }
  | { readonly do: "event"; readonly agent: string }
  | { readonly do: "local"; readonly from: string; readonly to: string; readonly mode: Mode }
  | { readonly do: "keys"; readonly agent: string }
  | { readonly do: "expire"; readonly agent: string }
  | { readonly do: "skip numbers"; readonly agent: string; readonly by: number }
  | { readonly do: "crash"; readonly machine: boolean; readonly downMillis: number }
  | { readonly do: "stop"; readonly downMillis: number }
  | { readonly do: "fault"; readonly fault: Fault }

export type Step = Action & { readonly atMillis: number }

export interface Plan {
  readonly seed: number
  /** Fibers that are ready run in an order drawn from the seed; else first come, first served. */
  readonly shuffled: boolean
  /**
   * Steps after which a fiber lets others go on. Not below 48: Effect's own concurrent `forEach` hangs when it is
   * interrupted after a yield in the middle of its setup, which takes fewer steps than that.
   */
  readonly yieldAfter: number
  /** Engine 6 tells its cursors, 5 does not. */
  readonly tellCursors: boolean
  /** Open rows per agent at the engine. */
  readonly depth: number
  readonly agents: ReadonlyArray<string>
  readonly senders: ReadonlyArray<string>
  /** After a restart the operator starts agents with the sessions they had, instead of fresh ones. */
  readonly resumes: boolean
  /** How likely the operator brings an agent back that ended, at each look, before everything is healed. */
  readonly care: number
  readonly steps: ReadonlyArray<Step>
  readonly endMillis: number
}

const programs: ReadonlyArray<readonly [number, ProgramKind]> = [
  [8, "echo"],
  [3, "mute"],
  [2, "silent"],
  [3, "slow"],
  [3, "stalling"],
  [2, "dying"],
  [2, "fragile"],
  [1, "stubborn"],
  [1, "chatty"]
]

const modeOf = (dice: Dice): Mode => (dice.chance(0.15) ? "steer" : "wait")

const rarely = (dice: Dice, probability: number, most: number): number =>
  dice.chance(probability) ? dice.next() * most : 0

const frameFates = (dice: Dice): FrameFates => ({
  loseDeliver: rarely(dice, 0.6, 0.5),
  delayDeliver: rarely(dice, 0.6, 0.5),
  duplicate: rarely(dice, 0.4, 0.5),
  loseReply: rarely(dice, 0.2, 0.5),
  loseInvoke: rarely(dice, 0.2, 0.5),
  loseToEngine: rarely(dice, 0.4, 0.6),
  delayToEngine: rarely(dice, 0.4, 0.6)
})

const heldTypes: ReadonlyArray<HeldType> = ["node.register", "agent.register", "inventory.sync"]

const faultOf = (dice: Dice): Fault => {
  const forMillis = dice.between(500, dice.pick([3_000, 10_000, 40_000]))
  return dice.weighted<() => Fault>([
    [
      6,
      () => {
        const [code, reason] = dice.pick<readonly [number | undefined, string]>([
          [undefined, ""],
          [undefined, ""],
          [1001, "going away"],
          [1011, "internal error"],
          [1012, "restart"],
          [1000, ""],
          [1000, "superseded"]
        ])
        return { kind: "drop", code, reason }
      }
    ],
    [3, () => ({ kind: "silence", pongs: dice.chance(0.5), forMillis: dice.between(1_000, 70_000) })],
    [2, () => ({ kind: "slow replies", byMillis: dice.between(10, 6_000), forMillis })],
    [2, () => ({ kind: "slow replays", byMillis: dice.between(10, 900), forMillis })],
    [8, () => ({ kind: "frames", fates: frameFates(dice), forMillis })],
    [1, () => ({ kind: "twice", forMillis })],
    [2, () => ({ kind: "hold", types: [dice.pick(heldTypes)], forMillis })],
    [
      3,
      () => ({
        kind: "upgrades",
        count: dice.between(1, dice.pick([2, 8])),
        status: dice.pick([401, 401, 403, 429, 502, 503, 0]),
        drop: dice.chance(0.8)
      })
    ],
    [
      4,
      () => ({
        kind: "http",
        how: dice.pick(["refuse", "refuse", "lose", "hang", "delay"] as const),
        count: dice.between(1, 6),
        status: dice.pick([429, 500, 502, 503]),
        retryAfter: dice.chance(0.3) ? dice.between(1, 15) : undefined
      })
    ],
    [2, () => ({ kind: "down", forMillis })],
    [2, () => ({ kind: "token", drop: dice.chance(0.8) })],
    [
      2,
      () => ({
        kind: "reject",
        type: dice.pick(heldTypes),
        code: dice.pick(["node_control_failed", "SQLITE_CONSTRAINT_UNIQUE", "agent_location_conflict"]),
        count: dice.between(1, 2)
      })
    ],
    [1, () => ({ kind: "forget deregister", forMillis })],
    [2, () => ({ kind: "slow disk", byMillis: dice.between(5, 4_000), forMillis })],
    [1, () => ({ kind: "broken disk" })]
  ])()
}

const withDown = (dice: Dice) => dice.between(0, dice.pick([500, 5_000, 40_000]))

/** A run of its own for every seed; some are calm, some are bursts, some are mostly broken. */
export const makePlan = (seed: number): Plan => {
  const dice = makeDice(seed, "plan")
  const agents = ["w1", "w2", "w3", "w4"].slice(0, dice.between(1, 4))
  const senders = ["alice", "bob"]
  const endMillis = dice.between(20_000, dice.pick([40_000, 90_000, 150_000]))
  const steps: Array<Step> = []
  const at = () => dice.between(0, endMillis)
  const add = (atMillis: number, action: Action) => steps.push({ atMillis, ...action })
  const anyone = () => (dice.chance(0.25) ? dice.pick(agents) : dice.pick(senders))

  for (const agent of agents) {
    add(dice.between(0, 4_000), { do: "spawn", agent, program: dice.weighted(programs), task: dice.chance(0.2) })
  }
  const bursts = dice.between(1, 8)
  for (let burst = 0; burst < bursts; burst++) {
    const from = at()
    const spread = dice.pick([0, 50, 2_000, 20_000])
    const size = dice.between(1, dice.pick([3, 8, 20]))
    for (let i = 0; i < size; i++) add(from + dice.between(0, spread), messageOf(dice, agents, senders, anyone))
  }
  for (let count = dice.between(0, 3); count > 0; count--) {
    add(at(), { do: "local", from: anyone(), to: dice.pick(agents), mode: modeOf(dice) })
  }
  for (let count = dice.between(0, 6); count > 0; count--) add(at(), lifeOf(dice, agents, senders))
  for (let count = dice.between(0, dice.pick([2, 5, 9])); count > 0; count--) {
    add(at(), { do: "fault", fault: faultOf(dice) })
  }
  for (let count = dice.chance(0.45) ? dice.between(1, 3) : 0; count > 0; count--) {
    add(
      at(),
      dice.chance(0.75)
        ? { do: "crash", machine: dice.chance(0.3), downMillis: withDown(dice) }
        : { do: "stop", downMillis: withDown(dice) }
    )
  }
  // Stable: what was made first happens first at the same moment.
  steps.sort((a, b) => a.atMillis - b.atMillis)
  return {
    seed,
    shuffled: dice.chance(0.5),
    yieldAfter: dice.pick([48, 256, 2_048]),
    tellCursors: dice.chance(0.3),
    depth: dice.chance(0.1) ? 12 : 1_000,
    agents,
    senders,
    resumes: dice.chance(0.5),
    care: dice.pick([0, 0.3, 1]),
    steps,
    endMillis
  }
}

const messageOf = (
  dice: Dice,
  agents: ReadonlyArray<string>,
  senders: ReadonlyArray<string>,
  anyone: () => string
): Action =>
  dice.weighted<() => Action>([
    [10, () => ({ do: "direct", from: anyone(), to: dice.pick(agents), mode: modeOf(dice) })],
    [5, () => ({ do: "post", from: anyone(), mode: modeOf(dice) })],
    [2, () => ({ do: "reply", from: anyone() })],
    [1, () => ({ do: "react", from: dice.pick(senders) })],
    [1, () => ({ do: "read", from: dice.pick(senders) })],
    [1, () => ({ do: "event", agent: dice.pick(agents) })]
  ])()

const lifeOf = (dice: Dice, agents: ReadonlyArray<string>, senders: ReadonlyArray<string>): Action => {
  const agent = dice.pick(agents)
  return dice.weighted<() => Action>([
    [3, () => ({ do: "spawn", agent, program: dice.weighted(programs), task: dice.chance(0.2) })],
    [3, () => ({ do: "release", agent })],
    [3, () => ({ do: "exit", agent, code: dice.between(0, 2) })],
    [2, () => ({ do: "invoke spawn", agent, program: dice.weighted(programs), from: dice.pick(senders) })],
    [2, () => ({ do: "invoke release", agent, from: dice.pick(senders), delete: dice.chance(0.3) })],
    [1, () => ({ do: "keys", agent })],
    [1, () => ({ do: "expire", agent })],
    [1, () => ({ do: "skip numbers", agent, by: dice.between(1, 3) })]
  ])()
}
