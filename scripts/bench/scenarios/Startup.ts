/** How long the program takes to its API line, `--help` and `--version`, beside a Node process that does nothing; in turns. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { commandOf } from "../../../src/testing/BrokerProcess.ts"
import { FakeEngine } from "../../../src/testing/FakeEngine.ts"
import { nowMillis } from "../Clock.ts"
import { type Figure, measured, type Result } from "../Figures.ts"
import { attempt, type Context, type Scenario } from "../Scenario.ts"
import { StageFailed } from "../Stage.ts"
import { median } from "../Statistics.ts"
import type { Subject } from "../Subject.ts"

const jobs = ["api", "help", "version"] as const
type Job = (typeof jobs)[number]
const titles: Record<Job, string> = { api: "API line", help: "--help", version: "--version" }

const figures: ReadonlyArray<Figure> = [
  { id: "empty", title: "an empty Node process", unit: "ms" },
  ...jobs.flatMap(
    (job): ReadonlyArray<Figure> => [
      { id: `${job}-ms`, title: titles[job], unit: "ms" },
      { id: `${job}-ratio`, title: `${titles[job]}, in times of an empty Node`, unit: "×", budget: 2.5 }
    ]
  )
]

interface Run {
  readonly words: readonly [command: string, ...args: ReadonlyArray<string>]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd: string
  /** Until this is printed; else until the process has ended. */
  readonly printed?: RegExp
}

/** Milliseconds. Afterwards the process has ended. */
const time = ({ cwd, env, printed, words: [command, ...args] }: Run): Effect.Effect<number, StageFailed> =>
  Effect.async((resume) => {
    const started = nowMillis()
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] })
    let took: number | undefined
    let output = ""
    let complaint = ""
    const kill = setTimeout(() => child.kill("SIGKILL"), 15_000)
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk).slice(-2_000)
    })
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk
      if (took !== undefined || printed?.test(output) !== true) return
      took = nowMillis() - started
      child.kill("SIGKILL") // it has started nothing yet, and its files are below `home`
    })
    child.on("error", (error) => resume(Effect.fail(new StageFailed({ reason: error.message }))))
    child.on("exit", (code) => {
      if (printed === undefined && code === 0) took = nowMillis() - started
    })
    child.on("close", (code) => {
      clearTimeout(kill)
      const reason = `${[command, ...args].join(" ")} ended with ${code}: ${complaint.trim().split("\n").at(-1)}`
      resume(took === undefined ? Effect.fail(new StageFailed({ reason })) : Effect.succeed(took))
    })
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const runOf = (
  job: Job,
  { program }: Subject,
  o: { readonly home: string; readonly engine: FakeEngine["Type"]; readonly url: string }
): Run => {
  const words = commandOf(program)
  if (job !== "api") return { words: [...words, `--${job}`], cwd: o.home }
  const { LANG, PATH } = process.env
  return {
    words: [...words, "init", "--instance-name", "bench", "--channels", "general", "--api-port", "0"],
    cwd: o.home,
    env: {
      ...{ LANG, PATH, HOME: o.home, XDG_DATA_HOME: join(o.home, "data"), TMPDIR: o.home },
      ...{ RELAY_BASE_URL: o.url, AGENT_RELAY_WORKSPACE_KEY: o.engine.key(), DO_NOT_TRACK: "1" }
    },
    printed: /API listening on /
  }
}

const measure = (context: Context) =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine.make({ workspace: "bench", keep: 200 })
    const { baseUrl: url } = yield* engine
      .listen()
      .pipe(Effect.mapError((error) => new StageFailed({ reason: error.message })))
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(context.place, "startup-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
    )
    const nothing = join(home, "empty.cjs")
    writeFileSync(nothing, "")
    const homes = new Map(context.subjects.map((subject) => [subject, join(home, subject.who)]))
    for (const path of homes.values()) mkdirSync(path)

    const rounds = context.quick ? 4 : 15
    const samples = new Map<string, Array<number>>()
    const keep = (id: string, millis: number) => samples.set(id, [...(samples.get(id) ?? []), millis])
    for (let round = 0; round <= rounds; round++) {
      // The first round only brings the files into memory.
      const keepWarm = round === 0 ? () => {} : keep
      keepWarm("empty", yield* time({ words: [process.execPath, nothing], cwd: home }))
      for (const [subject, home] of homes)
        for (const job of jobs) {
          const millis = yield* time(runOf(job, subject, { home, engine, url }))
          keepWarm(`${subject.who} ${job}`, millis)
        }
      context.say(`startup: round ${round} of ${rounds}`)
    }

    const empty = median(samples.get("empty") ?? [])
    return [
      measured("empty", "ours", empty, rounds),
      ...context.subjects.flatMap(({ who }) =>
        jobs.flatMap((job): ReadonlyArray<Result> => {
          const millis = median(samples.get(`${who} ${job}`) ?? [])
          return [measured(`${job}-ms`, who, millis, rounds), measured(`${job}-ratio`, who, millis / empty, rounds)]
        })
      )
    ]
  })

export const startup: Scenario = {
  name: "startup",
  figures,
  onlyInFull: false,
  measure: (context) =>
    attempt({ figures, who: context.subjects.map(({ who }) => who), endsAt: context.endsAt }, measure(context))
}
