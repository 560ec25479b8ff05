import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"

const root = join(import.meta.dirname, "..", "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

describe("README", () => {
  it("shows the snippet that compose.test.ts runs, to the letter", () => {
    assert.include(read("README.md"), read("test/docs/compose.test.ts").trim())
  })

  it("links to files that exist", () => {
    const documents = ["README.md", "docs/architecture.md", "docs/glossary.md"]
    for (const document of documents) {
      for (const [, target] of read(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        assert.isTrue(existsSync(join(root, document, "..", target!)), `${document}: ${target}`)
      }
    }
  })
})
