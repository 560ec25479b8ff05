// `npm run docs`: writes the pages that are made from the code (scripts/docs/pages.ts). A test fails when one is stale.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "./bundle.mjs"
import { ensureInstalled, root } from "./setup.mjs"

await ensureInstalled()
const { load } = await bundle("pages", { entryPoints: [join(root, "scripts", "docs", "pages.ts")] })
const { pages } = await load()
for (const [path, text] of pages) {
  writeFileSync(join(root, path), text)
  process.stdout.write(`${path}\n`)
}
