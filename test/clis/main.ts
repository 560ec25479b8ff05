/** The commands of test/clis (README.md there). */
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { cases } from "./cases/index.ts"
import { prepareHome } from "./homes.ts"
import { cacheDirectory, install, latestVersion } from "./install.ts"
import { type Exchange, startModelServer } from "./model/ModelServer.ts"
import { type Result, run } from "./Run.ts"
import { countsOf, docsOf, intoPage, lineOf, placeInDocs, type RunRecord, tableOf } from "./report.ts"
import { type Family, families, isFamily, pinned, type Tool } from "./versions.ts"
import { Problem } from "./World.ts"

export interface Call {
  readonly root: string
  /** A directory of this run, removed by the caller. */
  readonly place: string
  readonly words: ReadonlyArray<string>
}

const usage = `npm run test:clis [-- options]

  --family F · --version V      only these (repeatable, or with commas); a version may name its family: claude@2.1.197
  --case C                      only this case, or group of cases
  --fixed                       the part for CI: each family, every kind of fault
  --latest                      the newest versions of the registry
  --broker PATH                 another broker: an older build, or the binary of 9.1.6
  --broken                      our broker with its proof broken on purpose: must be red
  --record FILE                 where the record of the run goes
  --list                        the cases

node test/clis/main.mjs <command>

  install [name[@version] …]    installs aside: ${families.join(", ")}, agent-relay, broker; all when none is named
  serve [--port N] [--family F] [--version V] [--home D]
                                a model server (all four APIs) until Ctrl-C; each request is a line; with a family
                                also a clean home and the command that starts the program in it
  docs FILE …                   writes what the records of runs say into docs/harnesses.md (record.json, results.jsonl)

Cache: RELAY_CLIS_CACHE, now ${cacheDirectory()}
`

const parseName = (word: string): readonly [Family | Tool, ReadonlyArray<string>] => {
  const [name = "", version] = word.split("@")
  if (!isFamily(name) && name !== "agent-relay" && name !== "broker") throw new Error(`${name}: not one of them`)
  return [name, version === undefined ? pinned[name] : [version]]
}

const installCommand = async (words: ReadonlyArray<string>) => {
  const names = words.length === 0 ? Object.keys(pinned) : words
  for (const [name, versions] of names.map(parseName))
    for (const version of versions) process.stdout.write(`${(await install(name, version)).command}\n`)
}

const requestLine = (exchange: Exchange): string => {
  const fresh = exchange.texts.filter(({ isNew }) => isNew).map(({ text }) => text)
  return JSON.stringify({
    at: exchange.at,
    n: exchange.number,
    who: exchange.who,
    api: exchange.api,
    turn: exchange.isTurn,
    status: exchange.status,
    outcome: exchange.outcome,
    tools: exchange.tools.length,
    new: fresh.map((text) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text))
  })
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

const serveCommand = async (words: ReadonlyArray<string>) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      port: { type: "string" },
      family: { type: "string" },
      version: { type: "string" },
      home: { type: "string" },
      bodies: { type: "boolean" }
    }
  })
  const server = await startModelServer(values.port === undefined ? {} : { port: Number(values.port) })
  process.stderr.write(`model server: ${server.url("me")}\n`)
  if (values.family !== undefined) {
    const { family = "", version } = values
    if (!isFamily(family)) throw new Error(`--family ${family}: one of ${families.join(", ")}`)
    const program = await install(family, version ?? pinned[family].at(-1) ?? "")
    const homes = join(cacheDirectory(), "homes")
    mkdirSync(homes, { recursive: true })
    const { env, project } = prepareHome({
      family,
      version: program.version,
      modelUrl: server.url("me"),
      directory: values.home === undefined ? mkdtempSync(join(homes, `${family}-`)) : resolve(values.home),
      binDirectories: [program.binDirectory]
    })
    const settings = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`))
    process.stderr.write(`cd ${quoted(project)} && env -i ${settings.join(" ")} ${family}\n`)
  }
  server.onExchange((exchange) => {
    process.stdout.write(`${requestLine(exchange)}\n`)
    if (values.bodies === true && exchange.outcome === "open")
      process.stdout.write(`${JSON.stringify(exchange.body)}\n`)
  })
  await new Promise<void>((done) => {
    process.once("SIGINT", () => done())
    process.once("SIGTERM", () => done())
  })
  for (const other of server.others) process.stdout.write(`${JSON.stringify(other)}\n`)
  await server.close()
}

const judgeCommand = async (root: string, words: ReadonlyArray<string>): Promise<void> => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      family: { type: "string", multiple: true },
      case: { type: "string", multiple: true },
      version: { type: "string", multiple: true },
      latest: { type: "boolean" },
      fixed: { type: "boolean" },
      broker: { type: "string" },
      record: { type: "string" },
      list: { type: "boolean" },
      help: { type: "boolean" }
    }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return
  }
  if (values.list === true) {
    for (const each of cases) process.stdout.write(`${each.name.padEnd(24)} ${each.about}\n`)
    return
  }
  const split = (given: ReadonlyArray<string> | undefined) => (given ?? []).flatMap((each) => each.split(","))
  const named = split(values.family)
  for (const name of named) if (!isFamily(name)) throw new Error(`--family ${name}: one of ${families.join(", ")}`)
  const chosen = families.filter((name) => named.length === 0 || named.includes(name))
  const versions = split(values.version)
  const patterns = split(values.case)
  const targets = []
  for (const name of chosen) {
    const all = values.latest === true ? [await latestVersion(name)] : pinned[name]
    const given = versions.flatMap((version) => {
      const [of, exact] = version.split("@")
      return exact === undefined ? [version] : of === name ? [exact] : []
    })
    const wanted = given.length > 0 ? given : values.fixed === true ? all.slice(-1) : all
    for (const version of wanted) targets.push({ ...(await install(name, version)), name })
  }
  const fits = (name: string) =>
    patterns.length === 0 || patterns.some((pattern) => name === pattern || name.startsWith(`${pattern}.`))
  const tools = await install("agent-relay", pinned["agent-relay"].at(-1) ?? "")
  const runs = join(cacheDirectory(), "runs")
  mkdirSync(runs, { recursive: true })
  const directory = mkdtempSync(join(runs, `${new Date().toISOString().slice(0, 16).replace(":", "")}-`))
  const started = performance.now()
  const results = await Effect.runPromise(
    run({
      broker: resolve(values.broker ?? join(root, "dist", "relay-broker.js")),
      directory,
      targets,
      mcpCommand: `${tools.command} mcp`,
      program: (family) =>
        Effect.tryPromise({
          try: () => install(family, pinned[family].at(-1) ?? ""),
          catch: (error) => new Problem({ reason: String(error) })
        }),
      wanted: (each, family) =>
        fits(each.name) && (values.fixed !== true || each.fixed === true || each.fixed?.includes(family) === true),
      onResult: (result) => void process.stdout.write(`${lineOf(result)}\n`)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )
  const record = { date: new Date().toISOString().slice(0, 10), results }
  writeFileSync(values.record ?? join(directory, "record.json"), `${JSON.stringify(record, null, 1)}\n`)
  const wrong = results.filter(({ outcome }) => outcome !== "ok" && outcome !== "excused")
  process.stdout.write(
    `\n${tableOf(results)}\n\n${countsOf(results)}; ${Math.round((performance.now() - started) / 1_000)} s\n`
  )
  process.stdout.write(`${directory}\n`)
  if (results.length === 0) process.stdout.write("no case was played\n")
  process.exitCode = results.length === 0 || wrong.length > 0 ? 1 : 0
}

/** Of a record, or of the lines that a run writes as it goes. */
const readResults = (file: string): ReadonlyArray<Result> => {
  const text = readFileSync(file, "utf8")
  return file.endsWith(".jsonl")
    ? text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Result)
    : (JSON.parse(text) as RunRecord).results
}

/** Of several runs the last word of each case counts. */
const docsCommand = (root: string, files: ReadonlyArray<string>): void => {
  if (files.length === 0) throw new Error("docs needs the records of runs (record.json or results.jsonl)")
  const results = new Map(
    files.flatMap(readResults).map((each) => [`${each.family} ${each.version} ${each.case}`, each] as const)
  )
  const order = cases.map(({ name }) => name)
  const sorted = [...results.values()].sort((a, b) => order.indexOf(a.case) - order.indexOf(b.case))
  const date = new Date(Math.max(...files.map((file) => statSync(file).mtimeMs))).toISOString().slice(0, 10)
  const page = join(root, "docs", "harnesses.md")
  const changed = intoPage(readFileSync(page, "utf8"), docsOf({ date, results: sorted }))
  if (changed === undefined) throw new Error(`${page} has no place for it: ${placeInDocs.begin}`)
  writeFileSync(page, changed)
}

export const main = async ({ root, words }: Call): Promise<void> => {
  const [command = "", ...rest] = words
  switch (command) {
    case "install":
      return installCommand(rest)
    case "docs":
      return docsCommand(root, rest)
    case "serve":
      return serveCommand(rest)
    default:
      if (words.length === 0 || command.startsWith("--")) {
        await judgeCommand(root, words)
        process.exit()
      }
      process.stderr.write(usage)
      process.exitCode = 2
  }
}
