/** The tests of this folder know the published packages' types, which are there only once they are installed aside: checked here. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, it } from "@effect/vitest"
import { root } from "../e2e/rig.ts"
import { installed } from "./published.ts"

it("the types of these tests are right against the published ones", async () => {
  assert.include(installed, "published-clients")
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
  const found = await promisify(execFile)(process.execPath, [
    tsc,
    "--noEmit",
    "-p",
    join(root, "test", "clients")
  ]).then(
    () => "",
    (failure: { readonly stdout: string }) => failure.stdout
  )
  assert.strictEqual(found, "")
}, 240_000)
