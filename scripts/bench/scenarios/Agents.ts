/**
 * The real agent CLIs, idle: from the engine's frame to the user's text in the model's request. Installed aside by
 * test/clis, with its model servers and clean homes; only with `--agents`, because the programs are large.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { cacheDirectory, install } from "../../../test/clis/install.ts"
import { agentName, makeStage } from "../../../test/clis/Stage.ts"
import { type Family, families, pinned } from "../../../test/clis/versions.ts"
import { makeWorld } from "../../../test/clis/World.ts"
import { type Figure, measured, missing, type Result, type Who } from "../Figures.ts"
import { attempt, type Context, type Scenario } from "../Scenario.ts"
import { StageFailed } from "../Stage.ts"
import { percentile } from "../Statistics.ts"
import type { Subject } from "../Subject.ts"

const budgets: { readonly [family in Family]?: number } = { claude: 120, codex: 40, gemini: 300, opencode: 80 }
const memory = "agents-codex-server"

const idOf = (family: Family) => `agents-${family}-p50`

const figures: ReadonlyArray<Figure> = [
  ...families.map((family): Figure => {
    const budget = budgets[family]
    const figure = {
      id: idOf(family),
      title: `${family}, idle: frame → text in the model's request, p50`,
      unit: "ms" as const
    }
    return budget === undefined ? figure : { ...figure, budget }
  }),
  { id: memory, title: "codex app-server: private memory of an agent", unit: "MB", budget: 40 }
]

const rounds = (quick: boolean) => (quick ? 5 : 20)

/** Pages that are its own and not of its file. */
const privateMegabytes = (pid: number): number =>
  Number(/^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? Number.NaN) /
  1_024

const measureFamily = (context: Context, subject: Subject, family: Family) =>
  Effect.gen(function* () {
    const version = pinned[family].at(-1) ?? ""
    const promised = <A>(run: () => Promise<A>) =>
      Effect.tryPromise({ try: run, catch: (error) => new StageFailed({ reason: String(error) }) })
    const installed = yield* promised(() => install(family, version))
    const tools = yield* promised(() => install("agent-relay", pinned["agent-relay"][0] ?? ""))
    const directory = join(cacheDirectory(), "bench", `${process.pid}-${subject.who}-${family}`)
    const world = yield* makeWorld({
      programs: [{ family, installed }],
      broker: subject.program,
      directory,
      env: { AGENT_RELAY_MCP_COMMAND: `${tools.command} mcp` }
    })
    const { stage } = makeStage({ world, family, version })
    yield* stage.spawn(agentName)
    const times: Array<number> = []
    // The first turn waits for the tools and is not measured.
    for (let i = 0; i <= rounds(context.quick); i++) {
      yield* stage.idle()
      const sent = yield* stage.send(`number ${i}`)
      const millis = yield* stage.received(sent, 60_000)
      if (i > 0) times.push(millis)
    }
    const server = world.processes().find(({ command }) => /app-server/.test(command))
    return {
      millis: percentile(times, 50),
      samples: times.length,
      megabytes: server === undefined ? undefined : privateMegabytes(server.pid)
    }
  }).pipe(
    Effect.catchTag("Problem", ({ reason }) => new StageFailed({ reason })),
    Effect.scoped
  )

const ofFamily = (context: Context, subject: Subject, family: Family): Effect.Effect<ReadonlyArray<Result>> => {
  const who: Who = subject.who
  const own = figures.filter(({ id }) => id === idOf(family) || (family === "codex" && id === memory))
  context.say(`agents: ${who}, ${family}`)
  return attempt(
    { figures: own, who: [who], endsAt: context.endsAt },
    Effect.map(measureFamily(context, subject, family), ({ megabytes, millis, samples }) => [
      measured(idOf(family), who, millis, samples),
      ...(family !== "codex"
        ? []
        : [megabytes === undefined ? missing(memory, who, "it has no app-server") : measured(memory, who, megabytes)])
    ])
  )
}

export const agents: Scenario = {
  name: "agents",
  figures,
  onlyInFull: true,
  measure: (context) =>
    Effect.map(
      Effect.forEach(
        context.subjects.flatMap((subject) => families.map((family) => [subject, family] as const)),
        ([subject, family]) => ofFamily(context, subject, family)
      ),
      (results) => results.flat()
    )
}
