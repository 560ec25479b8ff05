// `npm run test:clis`, and `node test/clis/main.mjs <command>`: sets up what is missing, then runs main.ts.
import { rmSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "../../scripts/bundle.mjs"
import { ensureInstalled, ensureReady, root } from "../../scripts/setup.mjs"

let words = process.argv.slice(2)
const judges = words.length === 0 || words[0].startsWith("--")
// Only the judge itself needs the broker, and not with another one.
if (judges && !["--broker", "--broken", "--help", "--list"].some((flag) => words.includes(flag))) await ensureReady()
else await ensureInstalled()
if (words.includes("--broken")) {
  const { buildBroken } = await import("./broken.mjs")
  const { directory, program } = await buildBroken()
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
  words = [...words.filter((word) => word !== "--broken"), "--broker", program]
}
const { load, place } = await bundle("clis", { entryPoints: [join(root, "test", "clis", "main.ts")] })
const { main } = await load()
await main({ root, place, words })
