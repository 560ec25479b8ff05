// `npm run simulate -- [--seed N] [--runs M] [--workers K] [--shrink]`: the whole broker in virtual time (test/simulation).
// One seed is shown in full; many are run side by side, and the first one that fails is shown in full.
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { bundle } from "./bundle.mjs"
import { ensureInstalled, root } from "./setup.mjs"

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string" },
    workers: { type: "string" },
    shrink: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false }
  }
})
const numberOf = (name, fallback) => {
  const value = values[name]
  if (value === undefined) return fallback
  if (!/^\d+$/.test(value)) {
    process.stderr.write(`simulate: --${name} wants a number\n`)
    process.exit(2)
  }
  return Number(value)
}

await ensureInstalled()

const { load, path } = await bundle("simulate", {
  stdin: {
    contents: `export * from "./main.ts"\nimport { serve } from "./main.ts"\nif (process.send !== undefined) serve()`,
    resolveDir: join(root, "test", "simulation"),
    loader: "ts"
  },
  sourcemap: "inline"
})

const say = (text) => process.stdout.write(`${text}\n`)

const show = async (seed) => {
  // In this process there is nobody to serve: `process.send` is not there, unless a test runner forked us.
  process.send = undefined
  const { describeStep, shrink, traced } = await load()
  let plan
  if (values.shrink) {
    plan = shrink(seed, (steps) => process.stderr.write(`\rshrinking: ${steps} steps `))
    process.stderr.write("\n")
    say(`seed ${seed}, what the failure needs:`)
    for (const step of plan.steps) say(describeStep(step))
    say("")
  }
  const verdict = traced(seed, plan)
  for (const line of verdict.trace) say(line)
  say("")
  say(`seed ${seed}: ${verdict.failures.length === 0 ? "kept the promise" : "FAILED"}, history ${verdict.digest}`)
  for (const failure of verdict.failures) say(`  ${failure}`)
  return verdict.failures.length === 0
}

const explore = async (first, runs) => {
  const started = performance.now()
  const failed = []
  let done = 0
  let next = first
  let slowest = { millis: 0, seed: first }
  const totals = { rows: 0, submissions: 0, acks: 0, dead: 0 }
  const seconds = () => (performance.now() - started) / 1_000
  const progress = () =>
    say(`${done} of ${runs} runs, ${(done / seconds()).toFixed(1)} runs/s, ${failed.length} failed`)
  const ticker = setInterval(progress, 10_000)
  const worker = () =>
    new Promise((resolve, reject) => {
      const child = fork(path, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: ["--enable-source-maps"] })
      const give = () => {
        const count = Math.min(5, first + runs - next)
        if (count <= 0) return child.disconnect()
        child.send({ from: next, count })
        next += count
      }
      child.on("message", (message) => {
        if (message === "idle") return give()
        done += 1
        for (const name of Object.keys(totals)) totals[name] += message.counts[name]
        if (message.millis > slowest.millis) slowest = message
        if (message.failures.length === 0) return
        failed.push(message)
        say(`seed ${message.seed} FAILED`)
        for (const failure of message.failures.slice(0, 4)) say(`  ${failure}`)
      })
      child.on("error", reject)
      child.on("exit", (code, signal) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with ${signal ?? `exit ${code}`}`))
      )
      give()
    })
  const workers = Math.max(1, Math.min(numberOf("workers", availableParallelism()), runs))
  await Promise.all(Array.from({ length: workers }, worker))
  clearInterval(ticker)
  progress()
  const { acks, dead, rows, submissions } = totals
  say(
    `seeds ${first} to ${first + runs - 1} in ${seconds().toFixed(1)} s on ${workers} workers: ${rows} messages in mailboxes, ` +
      `${submissions} submitted, ${acks} acks, ${dead} put aside; slowest seed ${slowest.seed} (${Math.round(slowest.millis)} ms)`
  )
  if (failed.length === 0) return done === runs
  failed.sort((a, b) => a.seed - b.seed)
  say(`\n${failed.length} of ${runs} failed: ${failed.map(({ seed }) => seed).join(" ")}. The first of them in full:\n`)
  if (!values.quiet) await show(failed[0].seed)
  return false
}

const runs = numberOf("runs", values.seed === undefined ? 200 : 1)
// Without a seed every call looks somewhere else.
const seed = numberOf("seed", Date.now() % 1_000_000_000)
process.exitCode = (await (runs === 1 ? show(seed) : explore(seed, runs))) ? 0 : 1
