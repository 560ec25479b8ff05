import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { publishedOutbound } from "../support/publishedSchemas.ts"
import { runSeed } from "./runSeed.ts"

const root = join(import.meta.dirname, "..", "..")
const corpus = JSON.parse(readFileSync(join(import.meta.dirname, "corpus.json"), "utf8")) as ReadonlyArray<{
  readonly seed: number
  readonly was: string
}>

const simulate = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, "scripts", "simulate.mjs"), ...args],
      { cwd: root },
      (error, stdout, stderr) => done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr })
    )
  })

describe("the whole broker, simulated", () => {
  it.each(corpus.map(({ seed, was }) => [seed, was] as const))("seed %i, which once failed: %s", (seed) => {
    assert.deepStrictEqual(runSeed(seed, { validateFrame: publishedOutbound }).failures, [])
  })

  it("the same seed has the same history, another one has another", () => {
    const first = runSeed(7)
    assert.strictEqual(runSeed(7).digest, first.digest)
    assert.notStrictEqual(runSeed(8).digest, first.digest)
  })

  it("1,000 seeds keep the promise and converge after healing", async () => {
    const { code, stderr, stdout } = await simulate("--seed", "1", "--runs", "1000")
    assert.match(stdout, /^1000 of 1000 runs, .* 0 failed$/m, `${stdout}\n${stderr}`)
    assert.strictEqual(code, 0)
  }, 600_000)

  it("a wrong argument is one line and exit 2", async () => {
    const { code, stderr } = await simulate("--seed", "none")
    assert.strictEqual(code, 2)
    assert.match(stderr, /--seed/)
  })
})
