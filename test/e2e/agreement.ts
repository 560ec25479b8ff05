/** Programs that misbehave, and whether engine, API, inventory and operating system agree about an agent afterwards. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import type { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { eventually } from "./rig.ts"

/** Scripts below a directory of their own, so that their processes can be told by their command lines. */
export const makePrograms = (home: string) => {
  const directory = join(home, "programs")
  mkdirSync(directory, { recursive: true })
  return {
    directory,
    /** Its path. */
    script: (name: string, lines: string): string => {
      const path = join(directory, name)
      writeFileSync(path, `#!/bin/sh\n${lines}\n`)
      chmodSync(path, 0o755)
      return path
    }
  }
}

/** Command lines of the processes that run something below `directory`. */
export const processesBelow = (directory: string): ReadonlyArray<string> =>
  readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()
      return line.includes(`${directory}/`) ? [`${pid}: ${line}`] : []
    } catch {
      return [] // it ended meanwhile
    }
  })

export const listed = (broker: BrokerProcess) =>
  Effect.map(broker.expect("GET", "/api/spawned"), (answer) =>
    (answer as { readonly agents: ReadonlyArray<{ readonly name: string }> }).agents.map(({ name }) => name)
  )

interface Place {
  readonly engine: FakeEngine["Type"]
  readonly broker: BrokerProcess
  readonly directory: string
}

/** Nowhere is anything left of it; the inventory is looked at when one was sent since. */
export const awaitGone = ({ broker, directory, engine }: Place, name: string) =>
  Effect.gen(function* () {
    yield* eventually(() => engine.agent(name)?.bound !== true, `${name} is not bound any more`)
    yield* eventually(() => engine.agent(name)?.status !== "active", `${name} is not active any more`)
    yield* eventually(() => processesBelow(directory).length === 0, `no process: ${processesBelow(directory)}`)
    const agents = yield* listed(broker)
    if (agents.includes(name)) return yield* Effect.dieMessage(`${name} is listed`)
    const inventory = engine.observations.frames.findLast(({ frame }) => frame?.type === "inventory.sync")?.frame
    if (inventory?.type === "inventory.sync" && inventory.agents.some((agent) => agent.name === name)) {
      const later = engine.observations.frames.findLast(({ frame }) => frame?.type === "agent.deregister")?.frame
      if (later?.type !== "agent.deregister" || later.name !== name) {
        return yield* Effect.dieMessage(`${name} is in the inventory`)
      }
    }
  })

/** Everybody knows it, and it gets its messages. */
export const awaitHere = ({ broker, engine }: Pick<Place, "broker" | "engine">, name: string) =>
  Effect.gen(function* () {
    yield* engine.awaitHosted(name)
    const agents = yield* listed(broker)
    if (!agents.includes(name)) return yield* Effect.dieMessage(`${name} is not listed: ${agents}`)
    yield* engine.send({ from: "alice", to: name, text: `are you there, ${name}?` })
    const seq = Math.max(...engine.mailbox(name).map((row) => row.seq))
    yield* engine.awaitAck(name, seq)
  })
