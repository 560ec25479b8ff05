import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import {
  type EventTag,
  initial,
  type SessionEvent,
  type SessionMachine,
  step,
  transitions
} from "../../src/node/SessionMachine.ts"
import type { StateTag } from "../../src/node/SessionState.ts"

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "node-session.md"), "utf8")

const sample: { readonly [tag in EventTag]: SessionEvent } = {
  Started: { _tag: "Started" },
  TokenHeld: { _tag: "TokenHeld" },
  SocketOpened: { _tag: "SocketOpened" },
  Registered: { _tag: "Registered" },
  Failed: { _tag: "Failed", wait: { reason: "link_lost", detail: "closed", untilMillis: 9, rejections: 2 } },
  Resumed: { _tag: "Resumed", why: "the wait is over" },
  DrainAsked: { _tag: "DrainAsked", untilMillis: 99 },
  StopAsked: { _tag: "StopAsked", reason: "shutdown" }
}
const tags = Object.keys(sample) as ReadonlyArray<EventTag>
/** Dice: even ones choose among the events that fit the state, odd ones among all. */
const events = FastCheck.array(FastCheck.nat(1_000), { maxLength: 40 })

const chosen = (machine: SessionMachine, die: number): EventTag => {
  const fitting = tags.filter((tag) => transitions[tag][machine.state._tag] !== undefined)
  const from = die % 2 === 0 && fitting.length > 0 ? fitting : tags
  return from[Math.floor(die / 2) % from.length]!
}

const run = (dice: ReadonlyArray<number>) => {
  let machine = initial(0)
  const seen: Array<{ readonly before: SessionMachine; readonly event: EventTag; readonly after: SessionMachine }> = []
  for (const [at, die] of dice.entries()) {
    const before = machine
    const event = chosen(before, die)
    machine = step(machine, sample[event], at + 1).machine
    seen.push({ before, event, after: machine })
  }
  return seen
}

const coded = () => {
  const lines: Array<string> = []
  for (const event of tags) {
    for (const [from, targets] of Object.entries(transitions[event])) {
      for (const to of targets) lines.push(`${from} --> ${to}: ${event}`)
    }
  }
  return lines.sort()
}

describe("the drawing in docs/node-session.md", () => {
  it("has the transitions of the code, and no others", () => {
    const drawn = page
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /^\w+ --> \w+: \w+$/.test(line))
      .sort()
    assert.deepStrictEqual(drawn, coded())
  })

  it("names every state in its table", () => {
    const named = [...page.matchAll(/^\| (\w+) \|/gm)].flatMap(([, word]) => (word === undefined ? [] : [word]))
    const states = new Set(coded().flatMap((line) => line.split(/ --> |: /).slice(0, 2)))
    for (const state of states) assert.include(named, state.toLowerCase())
  })
})

describe("the machine", () => {
  it("makes only the transitions of its table, and each of them can happen", () => {
    const met = new Set<string>()
    FastCheck.assert(
      FastCheck.property(events, (sequence) => {
        for (const { after, before, event } of run(sequence)) {
          const allowed = transitions[event][before.state._tag]
          if (allowed === undefined) assert.strictEqual(after.state, before.state)
          else {
            assert.include(allowed as ReadonlyArray<StateTag>, after.state._tag)
            met.add(`${before.state._tag} --> ${after.state._tag}: ${event}`)
          }
        }
      }),
      { numRuns: 5_000, seed: 1 }
    )
    assert.deepStrictEqual([...met].sort(), coded())
  })

  it("counts attempts and refusals until a register is accepted", () => {
    FastCheck.assert(
      FastCheck.property(events, (sequence) => {
        for (const { after, before, event } of run(sequence)) {
          const changed = after.state !== before.state
          if (event === "Registered" && changed) assert.deepStrictEqual([after.attempt, after.rejections], [0, 0])
          else if ((event === "Started" || event === "Resumed") && changed)
            assert.strictEqual(after.attempt, before.attempt + 1)
          else assert.strictEqual(after.attempt, before.attempt)
          if (event !== "Registered" && event !== "Failed") assert.strictEqual(after.rejections, before.rejections)
        }
      })
    )
  })

  it("is never ready again once a drain was asked for, and stays stopped", () => {
    FastCheck.assert(
      FastCheck.property(events, (sequence) => {
        let drain = false
        let stopped = false
        for (const { after, event } of run(sequence)) {
          if (stopped) assert.strictEqual(after.state._tag, "Stopped")
          stopped = after.state._tag === "Stopped"
          drain = drain || event === "DrainAsked"
          if (drain) assert.notStrictEqual(after.state._tag, "Ready")
        }
      })
    )
  })
})
