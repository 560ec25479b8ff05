/** Who runs here, as four tell it: the last heartbeat, the last inventory, the local API, the operating system. */
import { readdirSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import type { FakeEngineService } from "../../src/testing/FakeEngine.ts"
import { programsBelow } from "../bench/ProcessTree.ts"

interface Spawned {
  readonly agents: ReadonlyArray<{ readonly name: string; readonly pid: number }>
}

const last = <A>(list: ReadonlyArray<A>, fits: (entry: A) => boolean): A | undefined => list.filter(fits).at(-1)

/** Empty when all agree; the wait for the next heartbeat and inventory is the caller's. */
export const disagreements = (broker: BrokerProcess, engine: FakeEngineService) =>
  Effect.gen(function* () {
    const api = (yield* broker.expect("GET", "/api/spawned")) as Spawned
    const names = api.agents.map(({ name }) => name).sort()
    const frames = engine.observations.frames
    const heartbeat = last(frames, ({ frame }) => frame?.type === "node.heartbeat")?.frame
    const inventory = last(frames, ({ frame }) => frame?.type === "inventory.sync")?.frame
    const running = programsBelow(broker.pid)
    const findings: Array<string> = []
    const same = (who: string, theirs: ReadonlyArray<string>) => {
      if (theirs.join() !== names.join()) findings.push(`API lists ${names.join()}; ${who}: ${theirs.join()}`)
    }
    if (heartbeat?.type === "node.heartbeat" && heartbeat.active_agents !== names.length) {
      findings.push(`API lists ${names.length} agents, the last heartbeat ${heartbeat.active_agents}`)
    }
    if (inventory?.type === "inventory.sync") same("inventory", inventory.agents.map(({ name }) => String(name)).sort())
    same("engine", names.filter((name) => engine.agent(name)?.bound).sort())
    same(
      "processes",
      api.agents
        .filter(({ pid }) => running.has(pid))
        .map(({ name }) => name)
        .sort()
    )
    const strangers = [...running.keys()].filter((pid) => !api.agents.some((agent) => agent.pid === pid))
    if (strangers.length > 0) findings.push(`processes that are no agent's: ${strangers.join()}`)
    return findings
  })

export interface Size {
  readonly descriptors: number
  readonly rssMegabytes: number
}

/** Of the broker's own process; zeros where there is no /proc. */
export const sizeOf = (pid: number): Size => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1")
    return {
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      rssMegabytes: Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024)
    }
  } catch {
    return { descriptors: 0, rssMegabytes: 0 }
  }
}
