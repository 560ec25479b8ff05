// `npm run check`: everything that needs no test run, side by side: types, lint, floors, ratchets.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { ensureInstalled, root } from "./setup.mjs"

const bin = (name) => join(root, "node_modules", ".bin", name)
const script = (name, ...args) => [process.execPath, [join(root, "scripts", name), ...args]]

const all = [
  // What the last run found is kept, so that only what changed since is checked again.
  [
    "types",
    bin("tsc"),
    ["--incremental", "--tsBuildInfoFile", join(root, "node_modules", ".cache", "types.tsbuildinfo")]
  ],
  ["lint", bin("biome"), ["check", "."]],
  ["floors", ...script("check-floors.mjs")],
  ["ratchets", ...script("ratchets.mjs")],
  ["journeys", ...script("journeys.mjs", "--static")]
].filter(([name]) => name !== "journeys" || existsSync(join(root, "scripts", "journeys.mjs")))

const run = async ([name, command, args]) => {
  const started = performance.now()
  let output = ""
  const code = await new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (error) => {
      output += `${error.message}\n`
      done(127)
    })
    child.on("close", (status) => done(status ?? 1))
  })
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  process.stdout.write(`${code === 0 ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${seconds.padStart(6)} s\n`)
  if (code !== 0) process.stdout.write(output)
  return code === 0
}

await ensureInstalled()
const results = await Promise.all(all.map(run))
process.exit(results.every(Boolean) ? 0 : 1)
