/** Packages that are installed aside: what a test says where there is no registry. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, beforeEach, it, vi } from "vitest"
import { installAside } from "../../scripts/aside.mjs"
import { root } from "../e2e/rig.ts"

let directory = ""

const files = (dependencies: Record<string, string>) => {
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "some-tests", version: "1.0.0", dependencies }))
  const lock = { name: "some-tests", version: "1.0.0", lockfileVersion: 3, packages: { "": { dependencies } } }
  writeFileSync(join(directory, "package-lock.json"), JSON.stringify(lock))
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "relay-broker-aside-"))
  vi.stubEnv("npm_config_registry", "http://127.0.0.1:9")
  vi.stubEnv("npm_config_cache", join(directory, "cache"))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
  rmSync(join(root, "node_modules", ".cache", "relay-broker", "some-tests"), { recursive: true, force: true })
})

it("a registry that is away is one line with the cause and the way out, and leaves nothing", async () => {
  files({ "a-package-of-some-test": "1.0.0" })
  const failure = await installAside("some-tests", directory).then(
    () => undefined,
    (error: Error) => error
  )
  assert.match(
    failure?.message ?? "",
    /^cannot install some-tests \(a-package-of-some-test@1\.0\.0\): .*127\.0\.0\.1:9/
  )
  assert.match(failure?.message ?? "", /npm config get registry/)
  assert.notInclude(failure?.message ?? "", "\n")
  assert.strictEqual(failure?.stack, failure?.message)
  const left = readdirSync(join(root, "node_modules", ".cache", "relay-broker"))
  assert.deepStrictEqual(
    left.filter((name) => name.includes("some-tests")),
    []
  )
}, 60_000)

it("what needs no package is installed without one, once", async () => {
  files({})
  const first = await installAside("some-tests", directory)
  writeFileSync(join(first, "kept"), "")
  assert.strictEqual(await installAside("some-tests", directory), first)
  assert.include(readdirSync(first), "kept")
}, 60_000)
