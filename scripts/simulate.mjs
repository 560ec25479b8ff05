// `npm run simulate`: the whole broker on a simulated clock under seeded faults (test/simulation). One seed with its
// trace, or many on all cores; prints what failed and ends with 1 when anything did.
//
//   npm run simulate -- --runs 1000              seeds 1 to 1000
//   npm run simulate -- --seed 5000 --runs 200   seeds 5000 to 5199
//   npm run simulate -- --seed 17                one seed, with its history
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import { build } from "esbuild"
import { root } from "./setup.mjs"

const usage = "usage: npm run simulate -- [--seed N] [--runs M] [--json]"
const fail = (message) => {
  process.stderr.write(`simulate: ${message}\n${usage}\n`)
  process.exit(2)
}

let given
try {
  given = parseArgs({
    options: {
      seed: { type: "string" },
      runs: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" }
    }
  }).values
} catch (error) {
  fail(error.message)
}
if (given.help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const number = (name, value, otherwise) => {
  if (value === undefined) return otherwise
  if (!/^\d+$/.test(value) || Number(value) < 1) fail(`--${name} ${value}: a whole number from 1 on`)
  return Number(value)
}
const first = number("seed", given.seed, 1)
const runs = number("runs", given.runs, given.seed === undefined ? 1000 : 1)

const directory = mkdtempSync(join(tmpdir(), "relay-broker-simulate-"))
const bundle = join(directory, "worker.mjs")
await build({
  entryPoints: [join(root, "test", "simulation", "worker.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["node-pty", "libsql"],
  banner: {
    js: `import { createRequire as __cr } from "node:module"; const require = __cr(${JSON.stringify(join(root, "package.json"))});`
  },
  logLevel: "warning"
})

const workers = Math.max(1, Math.min(availableParallelism(), runs))
const failed = []
let done = 0
const started = Date.now()
const seconds = () => (Date.now() - started) / 1000
const progress = setInterval(() => {
  process.stderr.write(
    `simulate: ${done} of ${runs} runs, ${(done / seconds()).toFixed(1)} a second, ${failed.length} failed\n`
  )
}, 10_000)

// Every worker takes each n-th seed, so that all end at about the same time.
const ended = await Promise.all(
  Array.from({ length: workers }, (_, index) => {
    const args = [bundle, String(first + index), String(first + runs), String(workers), runs === 1 ? "traced" : "quiet"]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    createInterface({ input: child.stdout }).on("line", (line) => {
      const verdict = JSON.parse(line)
      done += 1
      if (verdict.failures.length > 0) failed.push(verdict)
      if (runs === 1 && !given.json) process.stdout.write(`${verdict.trace.join("\n")}\n`)
    })
    return new Promise((over) => child.on("close", over))
  })
)
clearInterval(progress)
rmSync(directory, { recursive: true, force: true })

failed.sort((a, b) => a.seed - b.seed)
const broken = ended.some((code) => code !== 0) || done !== runs
if (given.json) {
  const failures = failed.map(({ failures, seed }) => ({ seed, failures }))
  process.stdout.write(`${JSON.stringify({ first, runs, done, seconds: seconds(), failures })}\n`)
} else {
  for (const { failures, seed } of failed)
    process.stdout.write(`seed ${seed}: ${failures.join("; ")}\n  again: npm run simulate -- --seed ${seed}\n`)
  process.stdout.write(`${done} runs in ${seconds().toFixed(1)} s, ${failed.length} failed\n`)
}
process.exit(failed.length > 0 || broken ? 1 : 0)
