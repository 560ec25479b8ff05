// Bundles a TypeScript script for this run, into a place of its own: nothing of it stays, or is part of what is published.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./setup.mjs"

/** `name`: of a script in this folder, without its ending; `source`: esbuild's options for another entry. */
export const bundle = async (name, source = { entryPoints: [join(root, "scripts", `${name}.ts`)] }) => {
  // Not before: in a fresh clone it is only there once the caller has installed.
  const { build } = await import("esbuild")
  const place = mkdtempSync(join(tmpdir(), `relay-broker-${name}-`))
  process.on("exit", () => rmSync(place, { recursive: true, force: true, maxRetries: 5 }))
  const path = join(place, `${name}.mjs`)
  await build({
    ...source,
    outfile: path,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    external: ["node-pty", "koffi", "libsql", "bufferutil", "utf-8-validate"],
    banner: {
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`
    }
  })
  return { place, path, load: () => import(pathToFileURL(path).href) }
}
