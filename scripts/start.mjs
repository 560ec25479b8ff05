// `npm start`: sets up what is missing, then runs the main job (scripts/demo.ts).
import { spawn } from "node:child_process"
import { join } from "node:path"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()
const child = spawn(process.execPath, [join(root, "dist", "demo.js"), ...process.argv.slice(2)], { stdio: "inherit" })
// Ctrl-C reaches the demo by itself; we only wait for its end.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => child.kill("SIGTERM"))
child.on("close", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)))
