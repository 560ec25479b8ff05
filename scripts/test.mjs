// `npm test`: the check (scripts/check.mjs), then every test; a summary at the end. With arguments only the tests they name are
// run (they go to vitest), and nothing is built or checked that these do not need.
//
// TEST_LONG=1, as .ci/run sets it: the long form of tests that have one (more seeds of the simulation).
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureBuilt, ensureInstalled, ensureNode, root } from "./setup.mjs"

ensureNode()
await ensureInstalled()

const run = (command, args) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
    child.on("error", () => done(127))
    child.on("close", (code) => done(code ?? 1))
  })

const reports = mkdtempSync(join(tmpdir(), "relay-broker-test-"))
const reportsOf = []
const vitest = (...args) => {
  const report = join(reports, `vitest-${reportsOf.length}.json`)
  reportsOf.push(report)
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  return () => run(join(root, "node_modules", ".bin", "vitest"), ["run", ...reporters, ...args])
}

const given = process.argv.slice(2)
const steps =
  given.length > 0
    ? [["tests", vitest(...given)]]
    : [
        ["check", () => run(process.execPath, [join(root, "scripts", "check.mjs")])],
        ["build", () => ensureBuilt().then(() => 0)],
        ["code", vitest("--project", "code", "--maxWorkers", "2")],
        // These wait for processes and time more than they compute.
        ["program", vitest("--project", "program", "--maxWorkers", "4")],
        // What counts milliseconds or loads the machine itself.
        ["alone", vitest("--project", "alone", "--no-file-parallelism")]
      ]

const results = []
for (const [name, step] of steps) {
  process.stdout.write(`\n── ${name}\n`)
  const started = performance.now()
  const code = await step()
  results.push({ name, ok: code === 0, seconds: ((performance.now() - started) / 1_000).toFixed(1) })
}

const read = (report) => (existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {})
const sum = (name) => reportsOf.reduce((total, report) => total + (read(report)[name] ?? 0), 0)
const counts = { passed: sum("numPassedTests"), failed: sum("numFailedTests") }
rmSync(reports, { recursive: true, force: true })

process.stdout.write("\n── summary\n")
for (const { name, ok, seconds } of results)
  process.stdout.write(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${seconds.padStart(6)} s\n`)
// A step that broke without a failed test counts as one that failed.
const failed = Math.max(counts.failed, results.some(({ ok }) => !ok) ? 1 : 0)
const none = counts.passed === 0 && failed === 0
if (none) process.stdout.write("no test was run\n")
process.stdout.write(`${counts.passed} passed, ${failed} failed\n`)
process.exit(failed === 0 && !none ? 0 : 1)
