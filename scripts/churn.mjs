// `node scripts/churn.mjs [--cycles 200] [--at-once 8]`: spawns and releases, and what is left of them (scripts/churn.ts).
import { join } from "node:path"
import { parseArgs } from "node:util"
import { bundle } from "./bundle.mjs"
import { ensureReady, root } from "./setup.mjs"

const { values } = parseArgs({ options: { cycles: { type: "string" }, "at-once": { type: "string" } } })

await ensureReady()
const { load, place } = await bundle("churn")
const { main } = await load()
const isClean = await main({
  root,
  place: join(place, "home"),
  cycles: Number(values.cycles ?? 200),
  atOnce: Number(values["at-once"] ?? 8)
})
process.exitCode = isClean ? 0 : 1
