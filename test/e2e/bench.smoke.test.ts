/** That `npm run bench` runs and says what it promises; how fast anything is, is nobody's assertion. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bench = (...words: ReadonlyArray<string>) =>
  promisify(execFile)(process.execPath, ["scripts/bench.mjs", ...words], { cwd: root })

it("measures the start-up and prints it as JSON", async () => {
  const { stdout } = await bench("--quick", "--only", "startup", "--json")
  const report = JSON.parse(stdout) as { figures: ReadonlyArray<{ id: string; ours: { value?: number } }> }
  const ids = ["empty", "api-ms", "api-ratio", "help-ms", "help-ratio", "version-ms", "version-ratio"]
  expect(report.figures.map(({ id }) => id)).toEqual(ids)
  for (const { ours } of report.figures) expect(ours.value).toBeGreaterThan(0)
})

it("refuses what it does not know", async () => {
  const refused: unknown = await bench("--fast").then(
    () => undefined,
    (error: unknown) => error
  )
  expect(refused).toHaveProperty("code", 2)
  expect(refused).toHaveProperty("stderr", expect.stringContaining("unknown argument --fast"))
})
