import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 60_000,
    silent: "passed-only",
    hookTimeout: 60_000
  }
})
