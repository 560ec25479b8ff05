// `node scripts/compare.mjs --peer <path>`: what brokers lose when they are killed, stopped, started again (`--help`).
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readOptions, usage } from "./compare/options.mjs"
import { ensureReady, root } from "./setup.mjs"

const options = readOptions(process.argv.slice(2))
if (options.problem !== undefined) {
  process.stderr.write(`compare: ${options.problem}\n\n${usage}`)
  process.exit(2)
}
if (options.help) {
  process.stdout.write(usage)
  process.exit(0)
}

await ensureReady()
const place = mkdtempSync(join(tmpdir(), "relay-broker-compare-"))
process.on("exit", () => rmSync(place, { recursive: true, force: true, maxRetries: 5 }))
// Only now: it stands on what the build makes.
const { compare } = await import("./compare/main.mjs")
process.exit(await compare({ ...options, root, place }))
