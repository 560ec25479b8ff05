// `npm run docs`: writes the pages that are made from the code (scripts/docs/pages.ts). A test fails when one is stale.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { ensureInstalled, root } from "./setup.mjs"

await ensureInstalled()
const place = mkdtempSync(join(tmpdir(), "relay-broker-docs-"))
process.on("exit", () => rmSync(place, { recursive: true, force: true }))
const bundle = join(place, "pages.mjs")
await build({
  entryPoints: [join(root, "scripts", "docs", "pages.ts")],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning"
})
const { pages } = await import(pathToFileURL(bundle).href)
for (const [path, text] of pages) {
  writeFileSync(join(root, path), text)
  process.stdout.write(`${path}\n`)
}
