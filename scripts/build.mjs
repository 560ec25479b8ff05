// dist/relay-broker.js: the program, bundled, with the code V8 makes of it (scripts/program.mjs, scripts/warm.mjs).
// dist/lib: the library, as compiled modules with types. dist/demo.js: `npm start`.
import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { buildProgram } from "./program.mjs"
import { root } from "./setup.mjs"
import { warm } from "./warm.mjs"

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
  external: ["node-pty", "koffi", "bufferutil", "utf-8-validate"],
  banner: { js: `#!/usr/bin/env node\n${require}` }
}

const demo = build({ ...options, entryPoints: { demo: join(root, "scripts", "demo.ts") }, outdir: dist })
const program = buildProgram({ outdir: dist, options: { define: { __FAULT_POINTS__: "false" } } })
const warmed = program.then((path) =>
  warm(path).catch((error) => process.stderr.write(`build: the program will take longer to start: ${error.message}\n`))
)
// The program that crash tests kill at chosen points (src/store/FaultPoints.ts); never part of the package.
const faulty = buildProgram({ outdir: join(dist, "test"), options: { define: { __FAULT_POINTS__: "true" } } })

const library = new Promise((done, failed) => {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
  const child = spawn(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" })
  child.on("close", (code) => (code === 0 ? done() : failed(new Error(`tsc ended with exit code ${code}`))))
})

const results = await Promise.allSettled([demo, warmed, faulty, library])
const failure = results.find((result) => result.status === "rejected")
if (failure) {
  process.stderr.write(`build failed: ${failure.reason.message}\n`)
  process.exit(1)
}
