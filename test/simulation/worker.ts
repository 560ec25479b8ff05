/** Runs seeds and writes one verdict per line: a child process of `scripts/simulate.mjs`. */
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { runSeed } from "./runSeed.ts"

const [first = "1", end = "2", step = "1", mode] = process.argv.slice(2)
const traced = mode === "traced"

for (let seed = Number(first); seed < Number(end); seed += Number(step)) {
  const verdict = runSeed(seed, { traced, validateFrame: publishedOutbound })
  const keepTrace = traced || verdict.failures.length > 0
  process.stdout.write(`${JSON.stringify({ ...verdict, trace: keepTrace ? verdict.trace : [] })}\n`)
}
