// `npm run bench`: sets up what is missing, then measures (scripts/bench.ts; `npm run bench -- --help`).
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()

// Bundled for this run and into a place of its own: nothing of the benchmark stays, or is part of what is published.
const place = mkdtempSync(join(tmpdir(), "relay-broker-bench-"))
process.on("exit", () => rmSync(place, { recursive: true, force: true }))
const bundle = join(place, "bench.mjs")
await build({
  entryPoints: [join(root, "scripts", "bench.ts")],
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
