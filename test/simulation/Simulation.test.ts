/** The deterministic simulation: seeds that once failed, many seeds in a row, and the same history twice. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { inShortOrLong } from "../support/long.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { makePlan } from "./Plan.ts"
import { runSeed } from "./runSeed.ts"

const corpus: ReadonlyArray<{ readonly seed: number; readonly was: string }> = JSON.parse(
  readFileSync(new URL("./corpus.json", import.meta.url), "utf8")
)

const seeds = inShortOrLong(300, 1_000)

const script = fileURLToPath(new URL("../../scripts/simulate.mjs", import.meta.url))

/** The script as a user runs it. A worker of the test runner has a channel to it, which is not the script's. */
const simulate = (...words: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number | null; readonly output: string }>((done) => {
    const child = spawn(process.execPath, [script, ...words], { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const keep = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("close", (code) => done({ code, output }))
  })

describe("the whole broker, simulated", () => {
  it.each(corpus)("seed $seed: $was", ({ seed }) => {
    assert.deepStrictEqual(runSeed(seed, { validateFrame: publishedOutbound }).failures, [])
  })

  it.each([1, 2, 3, 4, 5, 6])("seed %i has the same history twice", (seed) => {
    const first = runSeed(seed)
    assert.strictEqual(runSeed(seed).digest, first.digest)
    assert.notStrictEqual(runSeed(seed + 100).digest, first.digest)
    const { trace } = runSeed(seed, { traced: true })
    assert.isAbove(trace.length, 50)
    assert.deepStrictEqual(runSeed(seed, { traced: true }).trace, trace)
  })

  it("makes plans of every kind: crashes, orderly stops, both orders, both kinds of engine", () => {
    const plans = Array.from({ length: 200 }, (_, seed) => makePlan(seed))
    const some = (what: (plan: (typeof plans)[number]) => boolean) => assert.isAtLeast(plans.filter(what).length, 10)
    some(({ steps }) => steps.some((step) => step.do === "crash" && step.machine))
    some(({ steps }) => steps.some((step) => step.do === "crash" && !step.machine))
    some(({ steps }) => steps.some((step) => step.do === "stop"))
    some(({ shuffled }) => shuffled)
    some(({ tellCursors }) => tellCursors)
    some(({ resumes }) => resumes)
    const faults = new Set(plans.flatMap(({ steps }) => steps.flatMap((s) => (s.do === "fault" ? [s.fault.kind] : []))))
    assert.isAtLeast(faults.size, 14)
  })

  it(`${seeds} seeds keep the promise`, async () => {
    const { code, output } = await simulate("--seed", "1", "--runs", String(seeds), "--workers", "2", "--quiet")
    assert.strictEqual(code, 0, output)
    assert.match(output, new RegExp(`${seeds} of ${seeds} runs, .* 0 failed`))
  }, 1_200_000) // A thousand take about 200 s on two cores that have nothing else to do.

  it("a wrong argument is one line and exit 2", async () => {
    const { code, output } = await simulate("--seed", "none")
    assert.strictEqual(code, 2)
    assert.match(output, /--seed wants a number/)
  })
})
