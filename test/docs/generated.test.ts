import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { pages } from "../../scripts/docs/pages.ts"
import { alertCodes } from "../../src/alerts/Catalogue.ts"

const root = join(import.meta.dirname, "..", "..")

describe("pages made from the code", () => {
  it.each([...pages])("%s says what the code says: `npm run docs` writes it", (path, text) => {
    assert.strictEqual(readFileSync(join(root, path), "utf8"), text)
  })

  it("names every alert", () => {
    const text = pages.get("docs/alerts.md") ?? ""
    assert.deepStrictEqual(
      alertCodes.filter((code) => !text.includes(`\n### ${code}\n`)),
      []
    )
  })
})
