// `npm run soak -- --minutes N`: the real broker through every fault, for as long as asked (scripts/soak.ts).
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()

const place = mkdtempSync(join(tmpdir(), "relay-broker-soak-"))
process.on("exit", () => rmSync(place, { recursive: true, force: true, maxRetries: 5 }))
const bundle = join(place, "soak.mjs")
await build({
  entryPoints: [join(root, "scripts", "soak.ts")],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
  external: ["node-pty", "bufferutil", "utf-8-validate"],
  banner: {
    js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`
  }
})
const { main } = await import(pathToFileURL(bundle).href)
await main({ root, place, words: process.argv.slice(2) })
