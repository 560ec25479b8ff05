/**
 * `npm run bench`: what the broker's budgets are measured with. Everything on loopback, everything ended and removed with
 * the run; the table or the JSON on stdout, progress on stderr. Exit 0 when all figures of ours were measured, within
 * their budgets or not; 1 when one could not be; 2 for wrong arguments.
 */
import { cpus, loadavg } from "node:os"
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import { readOptions, usage } from "./bench/Options.ts"
import { type Circumstances, json, rowsOf, table } from "./bench/Report.ts"
import type { Context, Scenario } from "./bench/Scenario.ts"
import { subject } from "./bench/Subject.ts"
import { agents } from "./bench/scenarios/Agents.ts"
import { composer } from "./bench/scenarios/Composer.ts"
import { consumers } from "./bench/scenarios/Consumers.ts"
import { flood } from "./bench/scenarios/Flood.ts"
import { isolation } from "./bench/scenarios/Isolation.ts"
import { latency } from "./bench/scenarios/Latency.ts"
import { burst, queued, silent } from "./bench/scenarios/Load.ts"
import { resources } from "./bench/scenarios/Resources.ts"
import { startup } from "./bench/scenarios/Startup.ts"
import { store } from "./bench/scenarios/Store.ts"
import { upheaval } from "./bench/scenarios/Upheaval.ts"

/** In the order of the table; those that take long and answer special questions last, in case the time of the run is up. */
const scenarios: ReadonlyArray<Scenario> = [
  latency,
  composer,
  queued,
  silent,
  burst,
  store,
  startup,
  resources,
  isolation,
  consumers,
  upheaval,
  flood
]
/** Only when they are asked for. */
const special: ReadonlyArray<Scenario> = [agents]
const names = [...scenarios, ...special].map(({ name }) => name)

/** What is not measured by then is left out, and said. */
const quickMillis = 60_000
const fullMillis = 450_000

export interface Call {
  readonly root: string
  /** A directory of this run, removed by the caller. */
  readonly place: string
  readonly words: ReadonlyArray<string>
}

const say = (text: string) =>
  void process.stderr.write(`[bench ${(performance.now() / 1_000).toFixed(0).padStart(3)} s] ${text}\n`)

const wrong = (problem: string): number => {
  process.stderr.write(`npm run bench: ${problem}\n\n${usage(names)}`)
  return 2
}

const bench = ({ place, root, words }: Call) =>
  Effect.gen(function* () {
    const read = readOptions(words, names)
    if (Either.isLeft(read)) return wrong(read.left)
    const options = read.right
    if (options.help) {
      process.stdout.write(usage(names))
      return 0
    }
    const ours = subject("ours", resolve(options.program ?? join(root, "dist", "relay-broker.js")))
    const peer = options.peer === undefined ? undefined : subject("peer", resolve(options.peer))
    if (ours === undefined) return wrong(`${options.program ?? "our own program"} cannot be run`)
    if (options.peer !== undefined && peer === undefined) return wrong(`--peer ${options.peer}: cannot be run`)
    const subjects = [ours, ...(peer === undefined ? [] : [peer])]

    const chosen =
      options.only.length === 0
        ? scenarios.filter(({ onlyInFull }) => !(options.quick && onlyInFull))
        : [...scenarios, ...special].filter(({ name }) => options.only.includes(name))
    const notes: Array<string> = []
    const started = performance.now()
    const context: Context = {
      ...{ root, place, subjects, quick: options.quick },
      endsAt: started + (options.quick ? quickMillis : fullMillis),
      say,
      note: (text) => void notes.push(text)
    }
    const loadBefore = loadavg()[0] ?? 0
    const results = yield* Effect.forEach(chosen, (scenario) => scenario.measure(context))

    const about: Circumstances = {
      node: process.versions.node,
      cpus: cpus().length,
      load: [loadBefore, loadavg()[0] ?? 0],
      quick: options.quick,
      seconds: (performance.now() - started) / 1_000,
      subjects: subjects.map(({ program, version, who }) => ({ who, version, program }))
    }
    const rows = rowsOf(
      chosen.flatMap(({ figures }) => figures.filter(({ onlyInFull }) => !(options.quick && onlyInFull))),
      results.flat()
    )
    process.stdout.write(`${(options.json ? json : table)(rows, about, notes)}\n`)
    return rows.some(({ ours }) => ours?._tag === "Missing") ? 1 : 0
  })

export const main = async (call: Call): Promise<void> => {
  const fiber = Effect.runFork(Effect.provide(bench(call), Logger.remove(Logger.defaultLogger)))
  // The scopes end every process and remove every file before we go.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => fiber.unsafeInterruptAsFork(fiber.id()))
  const exit = await Effect.runPromise(Fiber.await(fiber))
  if (Exit.isFailure(exit)) say(String(exit.cause))
  process.exit(Exit.isSuccess(exit) ? exit.value : 1)
}
