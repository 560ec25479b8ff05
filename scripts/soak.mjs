// `npm run soak -- --minutes N`: the real broker through every fault, for as long as asked (scripts/soak.ts).
import { bundle } from "./bundle.mjs"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()
const { load, place } = await bundle("soak")
const { main } = await load()
await main({ root, place, words: process.argv.slice(2) })
