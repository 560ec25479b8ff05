// Packages that only some tests need, installed aside: they are pinned by a lock file of their own, and are no part of the
// project's lock, so that `npm ci` does not need what they pull in (packages of other platforms, which a registry may lack).
//
// node scripts/aside.mjs     installs them now; the tests that need them do it themselves
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { root } from "./setup.mjs"

const cache = join(root, "node_modules", ".cache", "relay-broker")
const files = ["package.json", "package-lock.json"]

const npmInstall = (cwd) =>
  new Promise((done) => {
    // `npm install` and not `npm ci`, which refuses a lock file without the optional packages of other platforms.
    const quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
    // A registry that is away is known in seconds, not in minutes.
    const patience = ["--fetch-retries", "2", "--fetch-retry-mintimeout", "500", "--fetch-retry-maxtimeout", "2000"]
    const child = spawn("npm", ["install", ...quiet, ...patience], {
      cwd,
      stdio: ["ignore", "ignore", "pipe"]
    })
    let output = ""
    child.stderr.on("data", (chunk) => {
      output = (output + chunk).slice(-20_000)
    })
    child.on("error", (error) => done(error.message))
    child.on("close", (code) => done(code === 0 ? undefined : output))
  })

/** What npm said in the line that tells most. */
const reasonIn = (output) => {
  const lines = output.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim())
  const told = lines.filter((line) => line !== "" && !/^(code|errno|syscall|A complete log|\/|at )/.test(line))
  return told[0] ?? "npm did not say why"
}

/**
 * Installs what `directory` (with a package.json and a package-lock.json) names into the cache, and returns the directory that
 * holds its `node_modules`. Installed once for each content of the two files. Several callers at a time are fine: each
 * installs into a directory of its own, and the first one's is kept.
 *
 * Fails with one line: an `Error` without a stack.
 */
export const installAside = async (name, directory) => {
  const hash = createHash("sha256")
  for (const file of files) hash.update(readFileSync(join(directory, file)))
  const stamp = hash.digest("hex").slice(0, 16)
  const target = join(cache, name)
  const stampOf = () => {
    const path = join(target, ".stamp")
    return existsSync(path) ? readFileSync(path, "utf8") : undefined
  }
  if (stampOf() === stamp) return target
  mkdirSync(cache, { recursive: true })
  const own = mkdtempSync(join(cache, `.${name}-`))
  try {
    for (const file of files) copyFileSync(join(directory, file), join(own, file))
    const output = await npmInstall(own)
    if (output !== undefined) {
      const packages = Object.entries(JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).dependencies)
      const list = packages.map(([dependency, version]) => `${dependency}@${version}`).join(", ")
      const error = new Error(
        `cannot install ${name} (${list}): ${reasonIn(output)}. Check the registry (npm config get registry), then run the tests again.`
      )
      error.stack = error.message
      throw error
    }
    writeFileSync(join(own, ".stamp"), stamp)
    // Another caller may have been faster: then its directory is as good as ours. One of an older lock file goes.
    while (stampOf() !== stamp) {
      rmSync(target, { recursive: true, force: true })
      try {
        renameSync(own, target)
      } catch (error) {
        if (!["ENOTEMPTY", "EEXIST"].includes(error.code)) throw error
      }
    }
    return target
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

/** The published clients (`@agent-relay/*`, `@relaycast/sdk`) that test/clients and the sidecar test drive. */
export const publishedClients = () => installAside("published-clients", join(root, "fixtures", "clients", "published"))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await publishedClients().then(
    (directory) => process.stdout.write(`${directory}\n`),
    ({ message }) => {
      process.stderr.write(`${message}\n`)
      process.exitCode = 1
    }
  )
}
