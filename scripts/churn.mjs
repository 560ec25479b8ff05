// `node scripts/churn.mjs [--cycles 200] [--at-once 8]`: spawns and releases, and what is left of them (scripts/churn.ts).
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { build } from "esbuild"
import { ensureReady, root } from "./setup.mjs"

const { values } = parseArgs({ options: { cycles: { type: "string" }, "at-once": { type: "string" } } })

await ensureReady()

const place = mkdtempSync(join(tmpdir(), "relay-broker-churn-"))
process.on("exit", () => rmSync(place, { recursive: true, force: true }))
const bundle = join(place, "churn.mjs")
await build({
  entryPoints: [join(root, "scripts", "churn.ts")],
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
const isClean = await main({
  root,
  place: join(place, "home"),
  cycles: Number(values.cycles ?? 200),
  atOnce: Number(values["at-once"] ?? 8)
})
process.exitCode = isClean ? 0 : 1
