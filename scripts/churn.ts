/**
 * Spawns and releases agents over and over against the real program, and counts what is left: processes, descriptors,
 * files, bindings at the engine. Every third agent has a grandchild, every fifth ends by itself, every seventh cannot start.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { startBroker } from "../src/testing/BrokerProcess.ts"
import { FakeEngine } from "../src/testing/FakeEngine.ts"

interface Options {
  readonly root: string
  readonly place: string
  readonly cycles: number
  readonly atOnce: number
}

const entries = (path: string): ReadonlyArray<string> => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const filesBelow = (path: string): number =>
  readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).length

const processesBelow = (directory: string): number =>
  entries("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${directory}/`)
    } catch {
      return false
    }
  }).length

const rssMiB = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024)

const script = (directory: string, name: string, lines: string) => {
  const path = join(directory, name)
  writeFileSync(path, `#!/bin/sh\n${lines}\n`)
  chmodSync(path, 0o755)
  return path
}

const run = ({ atOnce, cycles, place, root }: Options) =>
  Effect.gen(function* () {
    const directory = join(place, "programs")
    mkdirSync(directory, { recursive: true })
    const plain = script(directory, "plain", "echo '> '\ncat")
    const parent = script(directory, "parent", `setsid ${plain} &\necho '> '\ncat`)
    const brief = script(directory, "brief", "sleep 0.4")
    const engine = yield* FakeEngine.make()
    const { baseUrl } = yield* engine.listen()
    const broker = yield* startBroker({
      program: join(root, "dist", "relay-broker.js"),
      home: place,
      engineUrl: baseUrl,
      workspaceKey: engine.key()
    })
    yield* engine.awaitNode()
    const descriptors = () => entries(`/proc/${broker.pid}/fd`).length
    const programOf = (n: number) =>
      n % 7 === 0 ? "no-such-program" : n % 5 === 0 ? brief : n % 3 === 0 ? parent : plain
    let spawned = 0
    const once = (n: number) =>
      Effect.gen(function* () {
        // Names come again: the agent under one is new every time.
        const name = `agent-${n % (atOnce * 2)}`
        const { status } = yield* broker.call("POST", "/api/spawn", { name, cli: programOf(n), channels: ["general"] })
        if (status === 200) spawned += 1
        yield* broker.expect("DELETE", `/api/spawned/${name}`)
      })
    const round = (from: number, to: number) =>
      Effect.forEach(
        Array.from({ length: to - from }, (_, i) => from + i),
        once,
        { concurrency: atOnce, discard: true }
      )
    yield* round(0, atOnce * 4)
    yield* Effect.sleep("3 seconds")
    const before = { descriptors: descriptors(), files: filesBelow(place), rss: rssMiB(broker.pid) }
    const began = performance.now()
    spawned = 0
    yield* round(atOnce * 4, atOnce * 4 + cycles)
    const seconds = (performance.now() - began) / 1_000
    yield* Effect.sleep("3 seconds")
    const bound = engine.nodes().reduce((sum, node) => sum + node.agents.length, 0)
    const found = {
      processes: processesBelow(directory),
      descriptors: descriptors() - before.descriptors,
      files: filesBelow(place) - before.files,
      bound
    }
    process.stdout.write(
      `${cycles} cycles, ${spawned} of them started, in ${seconds.toFixed(1)} s; left: ${found.processes} processes, ` +
        `${found.descriptors} descriptors, ${found.files} files, ${found.bound} agents at the engine; ` +
        `memory ${before.rss} → ${rssMiB(broker.pid)} MiB\n`
    )
    return found.processes === 0 && found.descriptors <= 0 && found.files <= 0 && found.bound === 0
  }).pipe(Effect.scoped)

export const main = (options: Options): Promise<boolean> => Effect.runPromise(run(options))
