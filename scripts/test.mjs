// `npm test`: type check, lint, floors, then every test; a summary at the end. Arguments go to vitest.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureReady, root } from "./setup.mjs"

await ensureReady()

const bin = (name) => join(root, "node_modules", ".bin", name)
const run = (command, args) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
    child.on("error", () => done(127))
    child.on("close", (code) => done(code ?? 1))
  })

const reports = mkdtempSync(join(tmpdir(), "relay-broker-test-"))
const given = process.argv.slice(2)
const reportsOf = []
const vitest = (...args) => {
  const report = join(reports, `vitest-${reportsOf.length}.json`)
  reportsOf.push(report)
  return [bin("vitest"), ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args]]
}
// What needs the machine to itself runs alone, one file after the other.
const heavy = ["test/simulation", "test/e2e", "test/clients"]
const testSteps =
  given.length > 0
    ? [["tests", ...vitest(...given)]]
    : [
        // Real processes on a machine that others may be using: one more try, which the report shows.
        ["tests", ...vitest("--retry", "1", ...heavy.flatMap((folder) => ["--exclude", `${folder}/**`]))],
        ["e2e", ...vitest("--no-file-parallelism", "--retry", "1", ...heavy)]
      ]
const steps = [
  ["types", bin("tsc"), ["--noEmit"]],
  ["lint", bin("biome"), ["check", "."]],
  ["floors", process.execPath, [join(root, "scripts", "check-floors.mjs")]],
  ...testSteps
]

const results = []
for (const [name, command, args] of steps) {
  process.stdout.write(`\n── ${name}\n`)
  const started = Date.now()
  const code = await run(command, args)
  results.push({ name, ok: code === 0, seconds: ((Date.now() - started) / 1000).toFixed(1) })
}

const read = (report) => (existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {})
const sum = (name) => reportsOf.reduce((total, report) => total + (read(report)[name] ?? 0), 0)
const counts = { passed: sum("numPassedTests"), failed: sum("numFailedTests") }
rmSync(reports, { recursive: true, force: true })

process.stdout.write("\n── summary\n")
for (const { name, ok, seconds } of results)
  process.stdout.write(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${seconds.padStart(6)} s\n`)
const checks = results.slice(0, 3)
const suites = results.slice(3)
const passed = counts.passed + checks.filter(({ ok }) => ok).length
const testsBroke = suites.some(({ ok }) => !ok) && counts.failed === 0 ? 1 : 0
const failed = counts.failed + checks.filter(({ ok }) => !ok).length + testsBroke
const none = counts.passed === 0 && failed === 0
if (none) process.stdout.write("no test was run\n")
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 && !none ? 0 : 1)
