// `npm run test:clis`, and `node test/clis/main.mjs <command>`: sets up what is missing, then runs main.ts.
import { join } from "node:path"
import { bundle } from "../../scripts/bundle.mjs"
import { ensureInstalled, ensureReady, root } from "../../scripts/setup.mjs"

const words = process.argv.slice(2)
// Only the judge itself needs the broker; the other commands serve people who are just changing it.
const judges = words.length === 0 || words[0].startsWith("--") || words[0] === "run"
if (judges && !words.includes("--broker") && !words.includes("--help")) await ensureReady()
else await ensureInstalled()
const { load, place } = await bundle("clis", { entryPoints: [join(root, "test", "clis", "main.ts")] })
const { main } = await load()
await main({ root, place, words })
