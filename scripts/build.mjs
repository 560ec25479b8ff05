// dist/relay-broker.js: the program, bundled and split so that heavy parts load when they are used.
// dist/lib: the library, as compiled modules with types. dist/demo.js: `npm start`.
import { spawn } from "node:child_process"
import { chmodSync, rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { root } from "./setup.mjs"

const dist = join(root, "dist")
rmSync(dist, { recursive: true, force: true })

// Bundled CommonJS (ws) asks for `require`; an ES module has none of its own.
const require = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`

const options = {
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minify: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  external: ["node-pty", "bufferutil", "utf-8-validate"],
  banner: { js: `#!/usr/bin/env node\n${require}` }
}

const program = join(root, "src", "main.ts")
const bundle = build({
  ...options,
  entryPoints: { "relay-broker": program, demo: join(root, "scripts", "demo.ts") },
  outdir: dist,
  define: { __FAULT_POINTS__: "false" }
})
// The program that crash tests kill at chosen points (src/store/FaultPoints.ts); never part of the package.
const faulty = build({
  ...options,
  entryPoints: { "relay-broker": program },
  outdir: join(dist, "test"),
  define: { __FAULT_POINTS__: "true" }
})

const library = new Promise((done, failed) => {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
  const child = spawn(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" })
  child.on("close", (code) => (code === 0 ? done() : failed(new Error(`tsc ended with exit code ${code}`))))
})

const results = await Promise.allSettled([bundle, faulty, library])
const failure = results.find((result) => result.status === "rejected")
if (failure) {
  process.stderr.write(`build failed: ${failure.reason.message}\n`)
  process.exit(1)
}
chmodSync(join(dist, "relay-broker.js"), 0o755)
