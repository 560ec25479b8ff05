/** The commands of test/clis (README.md there). */
import { existsSync, mkdirSync, mkdtempSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { prepareHome } from "./homes.ts"
import { cacheDirectory, install } from "./install.ts"
import { type Exchange, startModelServer } from "./model/ModelServer.ts"
import { type Family, families, isFamily, pinned, type Tool } from "./versions.ts"

export interface Call {
  readonly root: string
  /** A directory of this run, removed by the caller. */
  readonly place: string
  readonly words: ReadonlyArray<string>
}

const usage = `node test/clis/main.mjs <command>

  install [name[@version] …]    installs aside: ${families.join(", ")}, agent-relay, broker; all when none is named
  serve [--port N] [--family F] [--version V] [--home D]
                                a model server (all four APIs) until Ctrl-C; each request is a line; with a family
                                also a clean home and the command that starts the program in it

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

const lineOf = (exchange: Exchange): string => {
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
    process.stdout.write(`${lineOf(exchange)}\n`)
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

export const main = async ({ root, words }: Call): Promise<void> => {
  const [command = "", ...rest] = words
  if (!existsSync(root)) throw new Error(root)
  switch (command) {
    case "install":
      return installCommand(rest)
    case "serve":
      return serveCommand(rest)
    default:
      process.stderr.write(usage)
      process.exitCode = 2
  }
}
