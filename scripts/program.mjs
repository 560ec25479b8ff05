// The program in two files: `relay-broker.js`, which is started, and `program-<hash>.cjs`, which it loads (src/cli/loadProgram.ts).
import { chmodSync } from "node:fs"
import { basename, join } from "node:path"
import { build } from "esbuild"
import { root } from "./setup.mjs"

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
  logLevel: "warning"
}

/** Returns the path of the program that is loaded. `options`: more for esbuild. */
export const buildProgram = async ({ outdir, options = {} }) => {
  const { metafile } = await build({
    ...shared,
    ...options,
    // What is imported when it is needed stays unevaluated until then, within the one file.
    format: "cjs",
    supported: { "dynamic-import": false },
    entryPoints: { program: join(root, "src", "cli", "Main.ts") },
    entryNames: "[name]-[hash]",
    outExtension: { ".js": ".cjs" },
    outdir,
    metafile: true,
    sourcemap: "linked",
    sourcesContent: false,
    external: ["node-pty", "koffi", "bufferutil", "utf-8-validate", ...(options.external ?? [])],
    define: { ...options.define, "import.meta.url": "__importMetaUrl" },
    banner: { js: `const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;` }
  })
  const program = basename(Object.keys(metafile.outputs).find((path) => path.endsWith(".cjs")))
  const entry = join(outdir, "relay-broker.js")
  await build({
    ...shared,
    format: "esm",
    entryPoints: [join(root, "src", "main.ts")],
    outfile: entry,
    banner: { js: "#!/usr/bin/env node" },
    define: { __PROGRAM__: JSON.stringify(program) }
  })
  chmodSync(entry, 0o755)
  return join(outdir, program)
}
