/**
 * Published programs, installed aside: `<cache>/<name>@<version>/node_modules/…`. An installation appears by one rename,
 * so that what is there is whole; two processes that want the same one do the work once.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Family, sources, type Tool } from "./versions.ts"

export interface Installed {
  readonly name: Family | Tool
  readonly version: string
  readonly directory: string
  /** Directory with its command, for PATH. */
  readonly binDirectory: string
  readonly command: string
}

/** `RELAY_CLIS_CACHE`, else below the cache directory of XDG. */
export const cacheDirectory = (): string => {
  const given = process.env["RELAY_CLIS_CACHE"]
  if (given !== undefined && given !== "") return given
  const base = process.env["XDG_CACHE_HOME"]
  return join(base === undefined || base === "" ? join(homedir(), ".cache") : base, "relay-broker", "clis")
}

const say = (text: string) => void process.stderr.write(`[clis] ${text}\n`)

/** Runs to the end; says how long it takes, and shows the output only of a failure. */
const step = async (title: string, command: string, args: ReadonlyArray<string>, cwd: string): Promise<void> => {
  const started = performance.now()
  const seconds = () => `${Math.round((performance.now() - started) / 1_000)} s`
  say(`${title} …`)
  const ticker = setInterval(() => say(`${title} … ${seconds()}`), 15_000)
  let output = ""
  const code = await new Promise<number>((done) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] })
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (error) => {
      output += error.message
      done(127)
    })
    child.on("close", (status) => done(status ?? 1))
  })
  clearInterval(ticker)
  if (code !== 0) throw new Error(`${title} failed (exit ${code}): ${output.trim()}`)
  say(`${title}: done in ${seconds()}`)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** One installer of a key at a time, across processes; the lock of one that died is taken over. */
const withLock = async (path: string, isDone: () => boolean, work: () => Promise<void>): Promise<void> => {
  for (;;) {
    if (isDone()) return
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
      const holder = Number(existsSync(path) ? readFileSync(path, "utf8") : "")
      if (holder > 0 && !isAlive(holder)) rmSync(path, { force: true })
      else await sleep(500)
    }
  }
  try {
    if (!isDone()) await work()
  } finally {
    rmSync(path, { force: true })
  }
}

export const install = async (name: Family | Tool, version: string): Promise<Installed> => {
  const { bin, pkg, script } = sources[name]
  const cache = cacheDirectory()
  const key = `${name}@${version}`
  const directory = join(cache, key)
  mkdirSync(cache, { recursive: true })
  await withLock(
    join(cache, `.lock-${key}`),
    () => existsSync(join(directory, "node_modules")),
    async () => {
      const aside = mkdtempSync(join(cache, `.tmp-${key}-`))
      try {
        writeFileSync(join(aside, "package.json"), JSON.stringify({ private: true }))
        const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        await step(`installing ${pkg}@${version}`, "npm", ["install", ...flags, `${pkg}@${version}`], aside)
        if (script !== undefined)
          await step(`its install script`, process.execPath, [join(aside, "node_modules", script)], aside)
        renameSync(aside, directory)
      } finally {
        rmSync(aside, { recursive: true, force: true })
      }
    }
  )
  const binDirectory = join(directory, "node_modules", ".bin")
  // The package of the old broker is its binary, without a command.
  const command = name === "broker" ? join(directory, "node_modules", pkg, "bin", bin) : join(binDirectory, bin)
  if (!existsSync(command)) throw new Error(`${key} is installed but has no ${command}: remove ${directory}`)
  return { name, version, directory, binDirectory, command }
}

/** What the registry calls latest. */
export const latestVersion = async (name: Family | Tool): Promise<string> => {
  const { pkg } = sources[name]
  const child = spawn("npm", ["view", pkg, "version"], { stdio: ["ignore", "pipe", "inherit"] })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
  })
  await new Promise((done) => child.on("close", done))
  const version = output.trim()
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`npm view ${pkg} version: ${version || "no answer"}`)
  return version
}
