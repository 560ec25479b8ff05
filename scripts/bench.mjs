// `npm run bench`: sets up what is missing, then measures (scripts/bench.ts; `npm run bench -- --help`).
import { bundle } from "./bundle.mjs"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()
const { load, place } = await bundle("bench")
const { main } = await load()
await main({ root, place, words: process.argv.slice(2) })
