// Brings a fresh clone to where it can run: dependencies when the lock file changed, a build when the sources changed.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = join(dirname(fileURLToPath(import.meta.url)), "..")

const buildStamp = join(root, "dist", ".build-stamp")

const filesBelow = (directory) =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()

const hashOf = (files) => {
  const hash = createHash("sha256").update(process.versions.v8)
  for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0")
  return hash.digest("hex")
}

const stampIs = (path, value) => existsSync(path) && readFileSync(path, "utf8") === value

/** Runs a command, says so when it takes long, and shows its output only when it fails. */
export const step = async (title, command, args, options = {}) => {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  const say = (text) => process.stderr.write(`[setup] ${text}\n`)
  say(`${title} …`)
  const ticker = setInterval(() => say(`${title} … ${seconds()}`), 10_000)
  let output = ""
  const code = await new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options })
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (error) => {
      output += String(error.message)
      done(127)
    })
    child.on("close", (status) => done(status ?? 1))
  })
  clearInterval(ticker)
  if (code !== 0) {
    process.stderr.write(output)
    say(`${title} failed (exit ${code}): see above`)
    process.exit(1)
  }
  say(`${title}: done in ${seconds()}`)
}

// npm notes what it installed: that is compared with the lock file, so that an `npm ci` by hand is not done again.
const isInstalled = () => {
  const packagesOf = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages
  const note = join("node_modules", ".package-lock.json")
  if (!existsSync(join(root, note))) return false
  const found = packagesOf(note)
  return Object.entries(packagesOf("package-lock.json")).every(
    ([path, { optional, version }]) =>
      path === "" || found[path]?.version === version || (optional === true && found[path] === undefined)
  )
}

export const ensureInstalled = async () => {
  if (isInstalled()) return
  await step("installing dependencies (npm ci)", "npm", ["ci", "--no-audit", "--no-fund"])
}

export const ensureBuilt = async () => {
  const inputs = ["package.json", "tsconfig.json", "tsconfig.build.json"]
  const scripts = ["build.mjs", "bundle.mjs", "program.mjs", "warm.mjs", "demo.ts"].map((name) => join("scripts", name))
  const folders = ["src", "scripts/demo", "scripts/warm"].flatMap((name) => filesBelow(join(root, name)))
  const wanted = hashOf([...folders, ...[...inputs, ...scripts].map((name) => join(root, name))])
  if (stampIs(buildStamp, wanted)) return
  await step("building", process.execPath, [join(root, "scripts", "build.mjs")])
  mkdirSync(dirname(buildStamp), { recursive: true })
  writeFileSync(buildStamp, wanted)
}

export const ensureNode = () => {
  const major = Number(process.versions.node.split(".")[0])
  if (major < 20) {
    process.stderr.write(`[setup] Node 20 or newer is needed, this is ${process.versions.node}\n`)
    process.exit(1)
  }
}

export const ensureReady = async () => {
  ensureNode()
  await ensureInstalled()
  await ensureBuilt()
}

/** For vitest: what the tests that start the program need before them (vitest.config.ts). */
export const setup = ensureBuilt
