import { defineConfig } from "vitest/config"

/** These start the built program; it is built before them when its sources changed. They run side by side. */
const program = ["test/e2e/**/*.test.ts", "test/clients/**/*.test.ts", "test/docs/**/*.test.ts"]

/** These need the machine to themselves: what they look at depends on how fast it is, or they use all of it. */
const alone = ["test/simulation/Simulation.test.ts", "test/e2e/bench.smoke.test.ts", "test/e2e/flood.test.ts"]

/**
 * Run by hand (`COMPOSERS=1 npx vitest run test/e2e/composers.test.ts`): red now and then, because the turn of a fake can be
 * too short to be seen, and its message then stays unproven. Named here until that is mended.
 */
const notYet = process.env["COMPOSERS"] === "1" ? [] : ["test/e2e/composers.test.ts"]

export default defineConfig({
  test: {
    pool: "forks",
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: "passed-only",
    projects: [
      {
        extends: true,
        test: { name: "code", include: ["test/**/*.test.ts"], exclude: [...program, ...alone] }
      },
      {
        extends: true,
        test: { name: "program", include: program, exclude: [...alone, ...notYet], globalSetup: ["scripts/setup.mjs"] }
      },
      { extends: true, test: { name: "alone", include: alone, globalSetup: ["scripts/setup.mjs"] } }
    ]
  }
})
